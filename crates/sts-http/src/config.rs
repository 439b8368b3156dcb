//! What an operator may set, and why a setting cannot be used.

use std::time::Duration;

use reqwest::Url;

/// How STS is reached. Nothing is read from the environment.
#[derive(Clone, Debug)]
pub struct StsHttpConfig {
    /// Until a connection stands, name resolution and TLS included. Two seconds by default.
    pub connect_timeout: Duration,
    /// From the first byte sent to the last received. Ten seconds by default.
    pub total_timeout: Duration,
    /// How long an unused connection is kept: a new one costs a TLS handshake. 90 seconds by default.
    pub idle_timeout: Duration,
    /// An HTTP proxy to connect through. The environment's are never used.
    pub proxy: Option<Url>,
    /// Certificates to trust in place of the system's, PEM.
    pub trusted_roots_pem: Option<String>,
    /// Sends every request here, whatever its STS host, which stays in the `Host` header: a local stand-in
    /// for every Region. The only place where plain `http` is allowed. Never for production:
    /// whoever answers there decides who callers are.
    pub endpoint_override: Option<Url>,
}

impl Default for StsHttpConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(90),
            proxy: None,
            trusted_roots_pem: None,
            endpoint_override: None,
        }
    }
}

impl StsHttpConfig {
    /// The override, if it is nothing but an origin.
    pub(crate) fn checked_override(&self) -> Result<Option<&Url>, SetupError> {
        let Some(url) = &self.endpoint_override else { return Ok(None) };
        let origin = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        if origin { Ok(Some(url)) } else { Err(SetupError::Endpoint) }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The override is more than an origin, or no HTTP URL.
    #[error("the sts endpoint override is not `http://host:port` or `https://host:port` alone")]
    Endpoint,
    /// The proxy's URL.
    #[error("the proxy for sts is not a url such as `http://proxy.example:3128`")]
    Proxy,
    /// The trusted certificates.
    #[error("the trusted certificates for sts are not pem, or none")]
    Roots,
    /// The TLS library found no certificates to trust, most often.
    #[error(
        "the http client for sts can not be set up; check that the system's trusted certificates are installed"
    )]
    Client,
}
