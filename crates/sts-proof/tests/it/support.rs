//! A genuine proof that can be taken apart, changed and put together again, and answers to it.

use auth_model::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sts_proof::{
    AwsCredentials, ClientStyle, Proof, ProofError, ProofPolicy, SignOptions, StsRequest,
    UnverifiedProof,
};

/// 2026-08-05T12:34:56Z.
pub(crate) const AT: Timestamp = Timestamp::from_unix_seconds(1_785_933_296);
pub(crate) const TOKEN: &str = "FwoGZXIvYXdzEExampleSessionToken";
pub(crate) const ORG: &str = "11111111-2222-3333-4444-555555555555";

/// AWS's public example key.
pub(crate) fn credentials(token: Option<&str>) -> AwsCredentials {
    AwsCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: token.map(Into::into),
    }
}

pub(crate) fn options(region: Option<&str>, style: ClientStyle) -> SignOptions<'_> {
    SignOptions { org: ORG.parse().unwrap(), region, style, user_agent: "agent/1", at: AT }
}

pub(crate) fn signed(region: Option<&str>, style: ClientStyle) -> Proof {
    Proof::sign(&credentials(Some(TOKEN)), &options(region, style)).unwrap()
}

pub(crate) fn part(proof: &str, number: usize) -> String {
    let encoded = proof.split('|').nth(number).unwrap();
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

/// A proof in pieces. Header values are JSON as written.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) method: String,
    pub(crate) url: String,
}

impl Parts {
    /// The global host, the Go client's form, a session token.
    pub(crate) fn golden() -> Self {
        Self::of(&signed(None, ClientStyle::Go))
    }

    pub(crate) fn of(proof: &Proof) -> Self {
        let headers: serde_json::Map<_, _> =
            serde_json::from_str(&part(proof.expose(), 1)).unwrap();
        Self {
            body: part(proof.expose(), 0).into_bytes(),
            headers: headers.into_iter().map(|(name, value)| (name, value.to_string())).collect(),
            method: "POST".into(),
            url: part(proof.expose(), 3),
        }
    }

    /// Puts this JSON in place of a header's value.
    pub(crate) fn raw(mut self, name: &str, json: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.and(name, json)
    }

    /// Puts this text in place of a header's value.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.raw(name, &serde_json::json!([value]).to_string())
    }

    /// One more header, be it there already or not.
    pub(crate) fn and(mut self, name: &str, json: &str) -> Self {
        self.headers.push((name.into(), json.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn url(mut self, url: &str) -> Self {
        self.url = url.into();
        self
    }

    pub(crate) fn authorization(&self) -> String {
        let found = self.headers.iter().find(|(name, _)| name == "Authorization").unwrap();
        let [value]: [String; 1] = serde_json::from_str(&found.1).unwrap();
        value
    }

    /// Replaces a text in `Authorization` that must be there.
    pub(crate) fn edit(self, from: &str, to: &str) -> Self {
        let text = self.authorization();
        assert!(text.contains(from), "{from}");
        self.with("Authorization", &text.replacen(from, to, 1))
    }

    pub(crate) fn json(&self) -> String {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        format!("{{{}}}", headers.join(","))
    }

    pub(crate) fn text(&self) -> String {
        self.text_with(&self.json())
    }

    pub(crate) fn text_with(&self, headers: &str) -> String {
        let body = STANDARD.encode(&self.body);
        let (headers, url) = (STANDARD.encode(headers), STANDARD.encode(&self.url));
        format!("{body}|{headers}|{}|{url}", self.method)
    }

    pub(crate) fn check(&self) -> Result<StsRequest, ProofError> {
        check(&self.text())
    }

    /// The stable word of the refusal, `ok` if there is none.
    pub(crate) fn code(&self) -> &'static str {
        code(&self.text())
    }
}

pub(crate) fn check(text: &str) -> Result<StsRequest, ProofError> {
    UnverifiedProof::parse(text)?.check(&ProofPolicy::default(), AT)
}

pub(crate) fn code(text: &str) -> &'static str {
    match check(text) {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}
