//! Reading answers: bounded, and never repeated where they may hold a credential.

use std::time::Duration;

use jsonapi_model::{WireErrors, from_slice};
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;

use crate::{Error, Refusal, http::Http, scrub::scrub};

/// An answer that is wholly here.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the body, if it is no longer than `max_bytes`.
    pub(crate) async fn read(
        http: &Http,
        action: &'static str,
        mut response: Response,
        max_bytes: usize,
    ) -> Result<Self, Error> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| http.fault(&error))? {
            if body.len().saturating_add(chunk.len()) > max_bytes {
                let problem = format!("the answer is longer than {max_bytes} bytes");
                return Err(Error::Protocol { action, problem });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self { status, headers, body })
    }

    /// The body as what it should be. The error names the place and not what stands there.
    pub(crate) fn parse<T: DeserializeOwned>(&self, action: &'static str) -> Result<T, Error> {
        from_slice(&self.body).map_err(|error| {
            let problem = match error.pointer() {
                "" => "the answer is not the json document that was expected".to_owned(),
                pointer => format!("the answer is not as expected at `{}`", scrub(pointer, &[])),
            };
            Error::Protocol { action, problem }
        })
    }

    /// What an answer other than success says. `secrets` are what was sent, should the server echo it.
    pub(crate) fn refusal(&self, action: &'static str, secrets: &[&str]) -> Refusal {
        let errors = from_slice::<WireErrors>(&self.body).ok();
        let messages = errors.iter().flat_map(WireErrors::messages);
        Refusal {
            action,
            status: self.status.as_u16(),
            messages: messages.map(|text| scrub(text, secrets)).collect(),
            signed_with: None,
            retry_after: self.seconds("retry-after").or_else(|| self.seconds("x-ratelimit-reset")),
            request_id: self.text("x-request-id").map(|id| scrub(id, secrets)),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn seconds(&self, name: &str) -> Option<Duration> {
        self.text(name)?.trim().parse().ok().map(Duration::from_secs)
    }
}
