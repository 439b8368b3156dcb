//! The local STS, and proofs that it will confirm.

use std::path::Path;

use auth_model::{Clock as _, SystemClock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sts_proof::{AwsCredentials, ClientStyle, Proof, ProofPolicy, SignOptions, UnverifiedProof};

use crate::{
    load::{Call, Load},
    process::{Outcome, Running, free_port},
    world::{ACCOUNT, World},
};

/// How many different proofs one key gives: a date each, and none is too old before it is used.
const PER_KEY: i64 = 150;

/// `countersign sts` over TLS, beside the load: its CPU time is nobody's.
#[derive(Debug)]
pub(crate) struct Sts {
    pub(crate) url: String,
    control: Load,
    _process: Running,
}

impl Sts {
    pub(crate) fn start(product: &Path, folder: &Path, certificate_pem: &str) -> Outcome<Self> {
        let port = free_port()?;
        let mut command = std::process::Command::new(product);
        command.args(["sts", "--listen", &format!("127.0.0.1:{port}"), "--tls-certificate"]);
        command.arg(folder.join("cert.pem")).arg("--tls-private-key").arg(folder.join("key.pem"));
        let process = Running::listening(&mut command, port, &folder.join("sts.log"))?;
        let url = format!("https://localhost:{port}");
        Ok(Self { control: Load::new(&url, certificate_pem)?, url, _process: process })
    }

    fn control(&self, method: Method, path: &'static str, body: &Value) -> Outcome<Value> {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.control.ask(method, Call { path, headers, body })?;
        if status >= 300 {
            return Err(format!("{path} of the local STS answered {status}: {text}").into());
        }
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    /// Requests and TLS handshakes from now on.
    pub(crate) fn count_from_zero(&self) -> Outcome<()> {
        self.control(Method::DELETE, "/_control/requests", &Value::Null).map(drop)
    }

    /// How many requests and TLS handshakes there were. Our own connection is kept, and in neither.
    pub(crate) fn counts(&self) -> Outcome<(f64, f64)> {
        let answer = self.control(Method::GET, "/_control/requests", &Value::Null)?;
        let number = |name: &str| answer.get(name).and_then(Value::as_f64).ok_or("no count");
        Ok((number("count")?, number("handshakes")?))
    }

    /// Every answer this late from now on; zero for at once.
    pub(crate) fn delay(&self, millis: u64) -> Outcome<()> {
        let fault = json!({ "kind": "latency", "millis": millis });
        let faults = if millis == 0 { json!([]) } else { json!([fault]) };
        self.control(Method::PUT, "/_control/faults", &json!({ "faults": faults })).map(drop)
    }

    fn session(&self, role: &str, name: &str) -> Outcome<AwsCredentials> {
        let wanted = json!({ "account": ACCOUNT, "principal": { "session": { "role": role, "name": name } } });
        let made = self.control(Method::POST, "/_control/credentials", &wanted)?;
        let text = |name: &str| {
            made.get(name).and_then(Value::as_str).map(str::to_owned).ok_or("no credentials")
        };
        Ok(AwsCredentials {
            access_key_id: text("access_key_id")?,
            secret_access_key: text("secret_access_key")?.into(),
            session_token: Some(text("session_token")?.into()),
        })
    }
}

/// The exchange of a proof for an access token.
pub(crate) fn call(proof: &str) -> Call {
    Call {
        path: "/api/v2/delegated-token",
        headers: vec![("authorization".to_owned(), format!("Delegated {proof}"))],
        body: String::new(),
    }
}

impl World {
    /// That many exchanges, each with a proof of its own, as a client sends them.
    pub(crate) fn exchanges(&self, count: usize) -> Outcome<Vec<Call>> {
        Ok(self.proofs(count, PER_KEY)?.iter().map(|proof| call(proof.expose())).collect())
    }

    /// Proofs with a caller of its own for each.
    pub(crate) fn proofs_of_different_callers(&self, count: usize) -> Outcome<Vec<String>> {
        let text = |proof: Proof| proof.expose().to_owned();
        Ok(self.proofs(count, 1)?.into_iter().map(text).collect())
    }

    /// The requests that the server would send to STS for as many other proofs, for whoever only passes them on.
    pub(crate) fn sts_requests(&self, count: usize) -> Outcome<Vec<Call>> {
        let now = SystemClock.now();
        let call = |proof: Proof| {
            let text = format!("Delegated {}", proof.expose());
            let proof = UnverifiedProof::parse_authorization(&text)?;
            let request = proof.check(&ProofPolicy::default(), now)?;
            let named =
                |name: &str| if name == "host" { "x-host".to_owned() } else { name.to_owned() };
            let headers = request.headers().filter(|(name, _)| *name != "content-length");
            let headers = headers.map(|(name, value)| (named(name), value.into_owned())).collect();
            Ok(Call { path: "/", headers, body: request.body().to_owned() })
        };
        self.proofs(count, PER_KEY)?.into_iter().map(call).collect()
    }

    /// Different proofs: of another caller, or of another second.
    fn proofs(&self, count: usize, per_key: i64) -> Outcome<Vec<Proof>> {
        let mut proofs = Vec::with_capacity(count);
        while proofs.len() < count {
            let caller = self.caller()?;
            let mut parts = caller.as_str().rsplit('/');
            let (Some(session), Some(role)) = (parts.next(), parts.next()) else {
                return Err("a caller that is no session".into());
            };
            let credentials = self.sts.session(role, session)?;
            let now = SystemClock.now().unix_seconds();
            for second in 0..per_key.min(i64::try_from(count - proofs.len())?) {
                let at = Timestamp::from_unix_seconds(now - second);
                let options = SignOptions {
                    org: self.org,
                    region: None,
                    style: ClientStyle::Go,
                    user_agent: "bench",
                    at,
                };
                proofs.push(Proof::sign(&credentials, &options)?);
            }
        }
        Ok(proofs)
    }
}
