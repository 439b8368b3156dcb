#![doc = include_str!("../README.md")]

mod body;
mod upstream;

use std::time::Duration;

use auth_model::{ExposeSecret, SecretString};
use bytes::Bytes;
use http_body::Body;
use reqwest::{
    Client, StatusCode,
    header::{HeaderMap, HeaderValue},
    redirect, retry, tls,
};

use body::{Capped, Progress};
pub use upstream::{SetupError, Upstream};

/// What an operator has set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where telemetry goes.
    pub upstream: Upstream,
    /// The key that the upstream knows the operator by.
    pub api_key: SecretString,
    /// From the first byte sent to the answer.
    pub timeout: Duration,
    /// The longest body, as it is on the wire.
    pub body_bytes: u64,
}

/// Hands telemetry on. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Forwarder {
    client: Client,
    upstream: Upstream,
    api_key: HeaderValue,
    body_bytes: u64,
}

/// Why telemetry was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// The body is longer than allowed, here or there. Sent again it is no shorter.
    #[error("the body is too long")]
    TooLong,
    /// The caller's body broke off.
    #[error("the body broke off")]
    BrokenOff,
    /// The upstream finds the telemetry wrong. Sent again it is no better.
    #[error("the upstream does not take it (status {0})")]
    Refused(u16),
    /// The upstream can't take it now; the telemetry is fine as far as anybody knows.
    #[error("the upstream failed: {0}")]
    Failed(Failure),
}

/// What an upstream's failure was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection.
    #[error("it can't be reached")]
    Unreachable,
    /// No answer in time.
    #[error("it did not answer in time")]
    TimedOut,
    /// It does not know our key: nothing that a caller could mend.
    #[error("it refuses our api key (status {0})")]
    KeyRefused(u16),
    /// It answered something else than that it took the telemetry.
    #[error("it answered status {0}")]
    Status(u16),
    /// The connection broke, or it answered before it had everything.
    #[error("the connection broke")]
    Broken,
}

impl Forwarder {
    /// Fails if the settings cannot be used; connects to nothing yet.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let key = settings.api_key.expose_secret().trim();
        let mut api_key = HeaderValue::from_str(key).map_err(|_| SetupError::ApiKey)?;
        if key.is_empty() {
            return Err(SetupError::ApiKey);
        }
        api_key.set_sensitive(true);
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            // One caller's slow body holds up nobody else's on a connection of its own.
            .http1_only()
            .https_only(!settings.upstream.is_plain())
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tcp_nodelay(true)
            .build()
            .map_err(|_| SetupError::Client)?;
        let Settings { upstream, body_bytes, .. } = settings;
        Ok(Self { client, upstream, api_key, body_bytes })
    }

    /// Hands a body on. `path` is one of ours, never the caller's text; of `query` and `headers` goes what is telemetry's.
    pub async fn forward<'q, B>(
        &self,
        path: &str,
        query: impl Iterator<Item = (&'q str, &'q str)>,
        headers: &HeaderMap,
        body: B,
    ) -> Result<(), ForwardError>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + Unpin
            + 'static,
    {
        let (body, progress) = Capped::new(body, self.body_bytes);
        let url = self.upstream.url(path, query.filter(|(name, _)| QUERY.contains(name)));
        let mut request = self.client.post(url).body(reqwest::Body::wrap(body));
        for name in HEADERS {
            for value in headers.get_all(*name) {
                request = request.header(*name, value);
            }
        }
        let sent = request.header(API_KEY, self.api_key.clone()).send().await;
        // First what the body came to: a request that we broke off fails for the upstream as well.
        match progress.state() {
            body::State::TooLong => return Err(ForwardError::TooLong),
            body::State::BrokenOff => return Err(ForwardError::BrokenOff),
            body::State::Running | body::State::Ended => {}
        }
        let answer = sent.map_err(|error| ForwardError::Failed(fault(&error)))?;
        let status = answer.status();
        drain(answer).await;
        judge(status, &progress)
    }
}

fn judge(status: StatusCode, progress: &Progress) -> Result<(), ForwardError> {
    let number = status.as_u16();
    match number {
        200..=299 if progress.state() == body::State::Ended => Ok(()),
        200..=299 => Err(ForwardError::Failed(Failure::Broken)),
        413 => Err(ForwardError::TooLong),
        401 | 403 => Err(ForwardError::Failed(Failure::KeyRefused(number))),
        // It may be taken another time, or by an upstream that is set up right.
        404 | 405 | 407 | 408 | 429 => Err(ForwardError::Failed(Failure::Status(number))),
        400..=499 => Err(ForwardError::Refused(number)),
        _ => Err(ForwardError::Failed(Failure::Status(number))),
    }
}

/// Reads a short answer to its end, so that the connection can be used again; of a long one nobody waits for the rest.
async fn drain(mut answer: reqwest::Response) {
    let mut read = 0;
    while read <= MAX_ANSWER_BYTES
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        read += chunk.len();
    }
}

/// The client's errors name URLs and causes; only their kind is kept.
fn fault(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        Failure::TimedOut
    } else if error.is_connect() {
        Failure::Unreachable
    } else {
        Failure::Broken
    }
}

const API_KEY: &str = "dd-api-key";
/// What says how a body is to be read. Whatever else a caller sends stays here.
const HEADERS: &[&str] = &[
    "content-type",
    "content-encoding",
    "dd-agent-version",
    "dd-agent-payload",
    "dd-evp-origin",
    "dd-evp-origin-version",
    "dd-message-timestamp",
    "dd-protocol",
];
/// What says the same of logs.
const QUERY: &[&str] = &["ddsource", "ddtags", "hostname", "service"];
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Shorter than upstreams keep one: a body that has begun can't be sent again on another.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_ANSWER_BYTES: usize = 16 * 1024;
