//! The HTTP client: what is spoken to whom, how long, and how much is read.

use std::{error::Error, fmt, iter::successors, time::Duration};

use auth_model::{Clock, Timestamp};
use jsonapi_model::WireErrors;
use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{HeaderMap, HeaderValue, RETRY_AFTER},
    redirect, retry, tls,
};

use crate::{ClientError, HttpOptions, Refusal, config::shown};

/// Speaks to one server.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    base: Url,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Timestamp,
}

impl Http {
    pub(crate) fn new(base: &Url, options: &HttpOptions) -> Result<Self, ClientError> {
        let base = checked(base)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            // Before any explicit one: a proxy named by the environment would see where secrets go.
            .no_proxy()
            .https_only(base.scheme() == "https")
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(options.timeout.min(Duration::from_secs(10)))
            .timeout(options.timeout);
        // To a loopback host no proxy leads, and without TLS it would read along.
        if let Some(proxy) = options.proxy.as_ref().filter(|_| base.scheme() == "https") {
            let proxy = reqwest::Proxy::all(proxy.clone()).map_err(|_| {
                ClientError::Setup("the proxy is not a url such as `http://proxy.example:3128`")
            })?;
            builder = builder.proxy(proxy);
        }
        if let Some(pem) = &options.trusted_roots_pem {
            let roots = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
                .ok()
                .filter(|roots| !roots.is_empty())
                .ok_or(ClientError::Setup(
                    "the trusted certificates are not pem: `-----BEGIN CERTIFICATE-----`",
                ))?;
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(|_| {
            ClientError::Setup(
                "the http client can not be set up; check the user agent, and that the system's trusted certificates are installed",
            )
        })?;
        Ok(Self { client, base })
    }

    /// The same for another server of the same scheme, over the same connections and trusted certificates.
    pub(crate) fn at(&self, base: &Url) -> Result<Self, ClientError> {
        Ok(Self { client: self.client.clone(), base: checked(base)? })
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// A path of the API below the base.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Sends, without reading the body.
    pub(crate) async fn send(&self, builder: RequestBuilder) -> Result<Response, ClientError> {
        builder.send().await.map_err(|error| self.unreachable(error))
    }

    /// Sends, and reads no more of the answer than [`MAX_BODY_BYTES`].
    pub(crate) async fn ask(
        &self,
        builder: RequestBuilder,
        clock: &dyn Clock,
    ) -> Result<Answer, ClientError> {
        let response = self.send(builder).await?;
        let at = clock.now();
        self.read(response, at).await
    }

    pub(crate) async fn read(
        &self,
        mut response: Response,
        at: Timestamp,
    ) -> Result<Answer, ClientError> {
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_redirection() {
            return Err(ClientError::Protocol(format!(
                "`{}` answered with a redirect (status {status}), which is not followed; write the address that it leads to",
                shown(&self.base)
            )));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(error))? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(ClientError::Protocol(format!(
                    "the answer is longer than {MAX_BODY_BYTES} bytes; check that `{}` is a Countersign server",
                    shown(&self.base)
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body, at })
    }

    fn unreachable(&self, error: reqwest::Error) -> ClientError {
        ClientError::Unreachable { url: shown(&self.base), what: innermost(&error.without_url()) }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("base", &shown(&self.base)).finish_non_exhaustive()
    }
}

impl Answer {
    /// What the body says, or what is wrong with it.
    pub(crate) fn document<T: serde::de::DeserializeOwned>(&self) -> Result<T, ClientError> {
        jsonapi_model::from_slice(&self.body).map_err(|error| {
            let place = match error.pointer() {
                "" => String::new(),
                pointer => format!(" at `{pointer}`"),
            };
            ClientError::Protocol(format!(
                "the answer (status {}) can not be read: {error}{place}; check that the address is that of a Countersign server of a fitting version",
                self.status.as_u16()
            ))
        })
    }

    /// The refusal that the answer is. `secrets` are taken out of what the server says, should it repeat them.
    pub(crate) fn refusal(&self, secrets: &[&str]) -> Refusal {
        let errors = serde_json::from_slice::<WireErrors>(&self.body).ok();
        let messages = errors.iter().flat_map(WireErrors::messages).take(MAX_MESSAGES);
        Refusal {
            status: self.status.as_u16(),
            messages: messages.map(|message| clean(message, secrets)).collect(),
            retry_after: self.retry_after(),
            credentials_from: None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }
}

/// A header's value that is not shown in logs.
pub(crate) fn secret_value(text: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        ClientError::Setup("a key or token holds characters that a header cannot; check that it was copied whole, on one line")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The base, if secrets may go there; its path ends in no slash.
fn checked(base: &Url) -> Result<Url, ClientError> {
    let refuse = |why| Err(ClientError::InsecureUrl { url: shown(base), why });
    match base.scheme() {
        "https" => {}
        "http" if is_loopback(base) => {}
        "http" => {
            return refuse(
                "secrets would travel in the clear; write `https://`, or `http://` on a loopback host",
            );
        }
        _ => return refuse("write a url such as `https://countersign.example`"),
    }
    if !base.has_host() {
        return refuse("write a url such as `https://countersign.example`");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return refuse("user and password do not belong into the url; leave them out");
    }
    if base.query().is_some() || base.fragment().is_some() {
        return refuse("a base url ends with its path; leave out `?` and `#` and what follows");
    }
    Ok(base.clone())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The cause that says most; the ones around it say `error sending request`.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    successors(error.source(), |cause| (*cause).source())
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// A message fit for a terminal: one line, not too long, without the secrets that were sent.
fn clean(message: &str, secrets: &[&str]) -> String {
    let mut text = message.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[redacted]");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE_CHARS).collect()
}

/// The longest answer that is read.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_MESSAGES: usize = 8;
const MAX_MESSAGE_CHARS: usize = 600;
