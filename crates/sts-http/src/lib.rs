#![doc = include_str!("../README.md")]

mod config;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder, Response, header, redirect, retry, tls};
use sts_proof::{MAX_ANSWER_BYTES, StsAnswer, StsRequest, StsTransport, TransportError};

pub use config::{SetupError, StsHttpConfig};
pub use reqwest::Url;

/// Speaks to STS over HTTPS. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct StsHttp {
    client: Client,
    endpoint_override: Option<Url>,
}

impl StsHttp {
    /// Fails if the configuration cannot be used; connects to nothing yet.
    pub fn new(config: StsHttpConfig) -> Result<Self, SetupError> {
        let plain = config.checked_override()?.is_some_and(|url| url.scheme() == "http");
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            // Before any explicit one: a proxy named by the environment would see session tokens' hosts.
            .no_proxy()
            // The `Host` header is signed, and version 2 has another place for it.
            .http1_only()
            .https_only(!plain)
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(config.connect_timeout)
            .timeout(config.total_timeout)
            .pool_idle_timeout(config.idle_timeout)
            .tcp_nodelay(true);
        if let Some(proxy) = config.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| SetupError::Proxy)?);
        }
        if let Some(pem) = config.trusted_roots_pem {
            let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .map_err(|_| SetupError::Roots)?;
            if roots.is_empty() {
                return Err(SetupError::Roots);
            }
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(|_| SetupError::Client)?;
        if let Some(url) = &config.endpoint_override {
            tracing::warn!(sts.endpoint = %url, "sts endpoint overridden: whoever answers there decides who callers are");
        }
        Ok(Self { client, endpoint_override: config.endpoint_override })
    }

    /// Whether requests go elsewhere than to AWS. To be shown wherever it can be seen.
    pub fn is_overridden(&self) -> bool {
        self.endpoint_override.is_some()
    }

    fn build(&self, request: &StsRequest) -> Result<RequestBuilder, TransportError> {
        let url = match &self.endpoint_override {
            Some(url) => url.clone(),
            None => Url::parse(&format!("https://{}{}", request.host().name(), request.path()))
                .map_err(|_| TransportError::Unsendable)?,
        };
        let mut builder = self.client.request(Method::POST, url).body(request.body());
        for (name, value) in request.headers() {
            let mut value =
                header::HeaderValue::from_str(&value).map_err(|_| TransportError::Unsendable)?;
            value.set_sensitive(matches!(name, "authorization" | "x-amz-security-token"));
            builder = builder.header(name, value);
        }
        Ok(builder)
    }
}

#[async_trait]
impl StsTransport for StsHttp {
    async fn send(&self, request: &StsRequest) -> Result<StsAnswer, TransportError> {
        let response = self.build(request)?.send().await.map_err(|error| fault(&error))?;
        if response.status().is_redirection() {
            return Err(TransportError::Redirected);
        }
        let text = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Ok(StsAnswer {
            status: response.status().as_u16(),
            content_type: text("content-type"),
            request_id: text("x-amzn-requestid"),
            date: text("date"),
            body: read_capped(response).await?,
        })
    }
}

/// Reads piece by piece, so that no more than the cap is ever held.
async fn read_capped(mut response: Response) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The client's errors name URLs and causes; only their kind is kept.
fn fault(error: &reqwest::Error) -> TransportError {
    if error.is_connect() {
        TransportError::Unreachable
    } else if error.is_timeout() {
        TransportError::TimedOut
    } else if error.is_redirect() {
        TransportError::Redirected
    } else if error.is_builder() {
        TransportError::Unsendable
    } else {
        TransportError::Broken
    }
}
