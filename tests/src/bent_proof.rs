//! Proofs with one thing changed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A proof taken apart. What is changed is not signed anew, since none of the changes should get as far as STS.
#[derive(Clone, Debug)]
pub struct BentProof {
    /// The first part, decoded.
    pub body: String,
    /// The second part, decoded: names and values in their order, so that a name can come twice.
    pub headers: Vec<(String, Value)>,
    /// The third part.
    pub method: String,
    /// The fourth part, decoded.
    pub url: String,
}

impl BentProof {
    /// Takes a proof apart.
    pub fn of(proof: &str) -> Self {
        let parts: Vec<&str> = proof.split('|').collect();
        let [body, headers, method, url] = parts[..] else { panic!("not a proof") };
        let decode = |part: &str| String::from_utf8(STANDARD.decode(part).unwrap()).unwrap();
        let headers: serde_json::Map<String, Value> =
            serde_json::from_str(&decode(headers)).unwrap();
        Self {
            body: decode(body),
            headers: headers.into_iter().collect(),
            method: method.to_owned(),
            url: decode(url),
        }
    }

    /// A header's text; the case of its name does not count.
    pub fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.unwrap().1[0].as_str().unwrap().to_owned()
    }

    /// Sets a header, or adds it.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        match self.headers.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, value)) => *value = json!([text]),
            None => self.headers.push((name.to_owned(), json!([text]))),
        }
        self
    }

    /// Adds a header, whether or not there is one of its name.
    #[must_use]
    pub fn adding(mut self, name: &str, value: Value) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// Takes a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    /// Rewrites the signed request's `Authorization`.
    #[must_use]
    pub fn authorization(self, from: &str, to: &str) -> Self {
        let text = self.header("authorization");
        assert!(text.contains(from), "`{from}` is not in `{text}`");
        let text = text.replacen(from, to, 1);
        self.with("authorization", &text)
    }

    /// Names another host, in the URL and in the header alike.
    #[must_use]
    pub fn host(self, host: &str) -> Self {
        let mut bent = self.with("host", host);
        bent.url = format!("https://{host}");
        bent
    }

    /// The text of the proof.
    pub fn text(&self) -> String {
        let members: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        format!(
            "{}|{}|{}|{}",
            STANDARD.encode(&self.body),
            STANDARD.encode(format!("{{{}}}", members.join(","))),
            self.method,
            STANDARD.encode(&self.url),
        )
    }
}
