//! What a program may set. Nothing here is read from the environment.

use std::{fmt, time::Duration};

use auth_model::OrgId;
use reqwest::Url;

/// How tokens and keys are obtained.
#[derive(Clone)]
pub struct ClientConfig {
    /// Where the server is: `https://…`, or `http://` on a loopback host.
    pub base_url: Url,
    /// The organization that proofs are signed for.
    pub org: OrgId,
    /// The AWS Region whose STS will be asked about the proof; `None` for the global one.
    pub region: Option<String>,
    /// For a whole request, and for the credential source. 30 seconds by default.
    pub timeout: Duration,
    /// `countersign/VERSION` by default; also part of the proof, unsigned.
    pub user_agent: String,
    /// An HTTP proxy to connect through, for `https` servers. The environment's are never used.
    pub proxy: Option<Url>,
    /// Certificates to trust in place of the system's, PEM.
    pub trusted_roots_pem: Option<String>,
    /// After what part of its life a token is replaced; 0.8 by default, kept between 0.1 and 1.
    pub refresh_at: f64,
}

/// How HTTP is spoken.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpOptions {
    /// For a whole request, the answer included. 30 seconds by default.
    pub timeout: Duration,
    /// `countersign/VERSION` by default.
    pub user_agent: String,
    /// An HTTP proxy to connect through, for `https` servers. The environment's are never used.
    pub proxy: Option<Url>,
    /// Certificates to trust in place of the system's, PEM.
    pub trusted_roots_pem: Option<String>,
}

impl ClientConfig {
    /// The defaults, for this server and organization.
    pub fn new(base_url: Url, org: OrgId) -> Self {
        let HttpOptions { timeout, user_agent, proxy, trusted_roots_pem } = HttpOptions::default();
        Self {
            base_url,
            org,
            region: None,
            timeout,
            user_agent,
            proxy,
            trusted_roots_pem,
            refresh_at: REFRESH_AT,
        }
    }

    /// The part about HTTP, for an [`ApiClient`](crate::ApiClient) of the same server.
    pub fn http_options(&self) -> HttpOptions {
        HttpOptions {
            timeout: self.timeout,
            user_agent: self.user_agent.clone(),
            proxy: self.proxy.clone(),
            trusted_roots_pem: self.trusted_roots_pem.clone(),
        }
    }

    /// The fraction that is really used.
    pub(crate) fn refresh_fraction(&self) -> f64 {
        if self.refresh_at.is_nan() { REFRESH_AT } else { self.refresh_at.clamp(0.1, 1.0) }
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            user_agent: concat!("countersign/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            trusted_roots_pem: None,
        }
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("base_url", &shown(&self.base_url))
            .field("org", &self.org)
            .field("region", &self.region)
            .field("timeout", &self.timeout)
            .field("proxy", &self.proxy.as_ref().map(shown))
            .field("refresh_at", &self.refresh_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("timeout", &self.timeout)
            .field("user_agent", &self.user_agent)
            .field("proxy", &self.proxy.as_ref().map(shown))
            .finish_non_exhaustive()
    }
}

/// A URL without what may be secret in it: user, password, query.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = if url.path() == "/" { "" } else { url.path() };
    format!("{}://{}{port}{path}", url.scheme(), url.host_str().unwrap_or_default())
}

const REFRESH_AT: f64 = 0.8;
