//! A Secret of the cluster that the agent runs in, written by server-side apply.
//!
//! * **Sources**: "Accessing the Kubernetes API from a Pod", "Server-Side Apply", "Secret" (Kubernetes documentation).
//! * **Rights**: the pod's service account needs `patch` on that Secret, and `create` on Secrets where it does not exist.
//!   No other entry of the Secret is touched: server-side apply owns what it applies and no more.

use std::{path::PathBuf, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_client::CurrentKey;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Certificate, Client, Url, redirect};

use crate::config::{ConfigError, KubernetesSecret};

/// One entry of a Secret.
#[derive(Debug)]
pub(super) struct Secret {
    name: String,
    namespace: Option<String>,
    entry: String,
    server: Url,
    /// Where the pod's token, the cluster's certificate and the namespace are. Tokens are renewed there.
    account: PathBuf,
}

impl Secret {
    pub(super) fn new(wanted: &KubernetesSecret) -> Result<Self, ConfigError> {
        let wrong = |problem: &str| {
            ConfigError::Wrong(format!("`kubernetes_secret` `{}`: {problem}", wanted.name))
        };
        for name in [Some(&wanted.name), wanted.namespace.as_ref()].into_iter().flatten() {
            if !is_name(name) {
                return Err(wrong("names are of lower-case letters, digits, `-` and `.`"));
            }
        }
        if wanted.entry.is_empty() || !wanted.entry.bytes().all(is_of_an_entry) {
            return Err(wrong("an `entry` is of letters, digits, `-`, `_` and `.`"));
        }
        let server = server().ok_or_else(|| {
            wrong("this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
        })?;
        Ok(Self {
            name: wanted.name.clone(),
            namespace: wanted.namespace.clone(),
            entry: wanted.entry.clone(),
            server,
            account: wanted.service_account.clone(),
        })
    }

    /// Puts the key there.
    pub(super) async fn put(&self, key: &CurrentKey) -> Result<(), String> {
        let failed = |problem: String| format!("the Secret `{}`: {problem}", self.name);
        let namespace = match &self.namespace {
            Some(namespace) => namespace.clone(),
            None => self.read("namespace").map_err(failed)?,
        };
        if !is_name(&namespace) {
            return Err(failed("the pod's namespace is none".to_owned()));
        }
        let client = self.client().map_err(failed)?;
        let mut url = self.server.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(["api", "v1", "namespaces", &namespace, "secrets", &self.name]);
        }
        url.set_query(Some("fieldManager=countersign-agent&force=true"));
        let applied = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "name": self.name, "namespace": namespace },
            "data": { &self.entry: STANDARD.encode(key.expose()) },
        });
        let token = format!("Bearer {}", self.read("token").map_err(failed)?);
        let mut token = http::HeaderValue::from_str(&token)
            .map_err(|_| failed("the pod's token is none".to_owned()))?;
        token.set_sensitive(true);
        let request = client
            .patch(url)
            .header(AUTHORIZATION, token)
            // JSON is YAML.
            .header(CONTENT_TYPE, "application/apply-patch+yaml")
            .body(applied.to_string());
        let answer = request.send().await.map_err(|error| failed(innermost(error)))?;
        match answer.status().as_u16() {
            200 | 201 => Ok(()),
            401 => Err(failed("the cluster does not know the pod's token (401)".to_owned())),
            403 => Err(failed(format!(
                "the pod's service account may not write it (403): it needs `patch` and `create` on secrets in `{namespace}`"
            ))),
            404 => Err(failed(format!("there is no namespace `{namespace}` (404)"))),
            status => Err(failed(format!("the cluster answered with status {status}"))),
        }
    }

    fn client(&self) -> Result<Client, String> {
        let roots = Certificate::from_pem_bundle(self.read("ca.crt")?.as_bytes())
            .map_err(|_| format!("`{}/ca.crt` is not PEM", self.account.display()))?;
        // For each write anew: they are a day apart, and the certificate may have been renewed.
        Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .tls_certs_only(roots)
            .timeout(TIMEOUT)
            .build()
            .map_err(innermost)
    }

    /// One of the files that the cluster mounts; they are in memory.
    fn read(&self, name: &str) -> Result<String, String> {
        let path = self.account.join(name);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
        Ok(text.trim().to_owned())
    }
}

fn server() -> Option<Url> {
    let host = std::env::var("KUBERNETES_SERVICE_HOST").ok()?;
    let port = std::env::var("KUBERNETES_SERVICE_PORT").ok()?;
    // IPv6 addresses stand there without brackets.
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    format!("https://{host}:{port}/").parse().ok()
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && name.bytes().any(|b| b != b'.')
}

fn is_of_an_entry(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// What went wrong, without the URL.
fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

const TIMEOUT: Duration = Duration::from_secs(30);
