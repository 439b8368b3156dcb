//! Answers: JSON bodies, and the form that an endpoint's family gives them.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jsonapi_model::{ErrorObject, ErrorObjects, ErrorSource, ErrorStrings, OauthError};
use serde::Serialize;

use crate::{endpoint::Family, error::ApiError, page};

/// A JSON answer. Its content type is the family's.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::OK, body)
    }

    pub(crate) fn created(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::CREATED, body)
    }

    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(body).map_err(|e| ApiError::internal(&e))?;
        Ok(Self { status, body })
    }
}

/// Marks a response whose content type the family decides.
#[derive(Clone, Copy, Debug)]
struct JsonBody;

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(JsonBody);
        response
    }
}

/// Gives an answer the form of its family: content type, and the shape of an error.
pub(crate) fn shape(mut response: Response, family: Family) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        // What the handler has set stays, such as the `Connection: close` of an exchange.
        let set = std::mem::take(response.headers_mut());
        response = render(&error, family);
        response.headers_mut().extend(set);
    }
    if response.extensions_mut().remove::<JsonBody>().is_some() {
        let value = match family {
            Family::JsonApi => jsonapi_model::VND_API_JSON,
            Family::Plain | Family::Exchange | Family::Page | Family::Oauth => jsonapi_model::JSON,
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
    }
    response
}

fn render(error: &ApiError, family: Family) -> Response {
    if family == Family::Page {
        return waiting(error, page::of_error(error));
    }
    let body = match family {
        // Throttling is answered by strings throughout, as clients of the public service expect.
        Family::JsonApi | Family::Exchange if error.status != StatusCode::TOO_MANY_REQUESTS => {
            serde_json::to_vec(&ErrorObjects { errors: vec![object(error)] })
        }
        Family::Oauth => serde_json::to_vec(&oauth(error)),
        _ => serde_json::to_vec(&ErrorStrings { errors: vec![string(error)] }),
    };
    let reply = Reply { status: error.status, body: body.unwrap_or_default() };
    let mut response = waiting(error, reply.into_response());
    if error.status == StatusCode::UNAUTHORIZED {
        let challenge = match (family, error.oauth) {
            // RFC 6750 §3.1: no code where nothing was brought.
            (Family::Oauth, Some(_)) => "Bearer error=\"invalid_token\"",
            (Family::Oauth, None) => "Bearer",
            _ => "Bearer, Delegated",
        };
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// Says when to try again.
fn waiting(error: &ApiError, mut response: Response) -> Response {
    if let Some(wait) = error.retry_after {
        let seconds = HeaderValue::from(wait.as_secs().max(1));
        // The second is what the public service's clients wait by.
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
        response.headers_mut().insert(HeaderName::from_static("x-ratelimit-reset"), seconds);
    }
    response
}

fn object(error: &ApiError) -> ErrorObject {
    let status = (!error.without_status_member).then(|| error.status.as_u16().to_string());
    let source = (error.pointer.is_some() || error.parameter.is_some()).then(|| ErrorSource {
        pointer: error.pointer.clone(),
        parameter: error.parameter.clone(),
        ..ErrorSource::default()
    });
    ErrorObject {
        status,
        title: Some(error.title().to_owned()),
        detail: error.detail.clone(),
        source,
        meta: error.meta.clone(),
    }
}

/// The code is the status's, unless the error knows better; the description keeps to the characters that RFC 6749 §5.2 allows.
fn oauth(error: &ApiError) -> OauthError {
    let code = error.oauth.unwrap_or(match error.status {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "access_denied",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    });
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let description = string(error).chars().filter(allowed).collect();
    OauthError { error: code.to_owned(), error_description: description }
}

/// A string has no members to say where the error is, so it says so in words.
fn string(error: &ApiError) -> String {
    let detail = error.detail.clone().unwrap_or_else(|| error.title().to_owned());
    match &error.pointer {
        Some(pointer) => format!("{detail} (at {pointer})"),
        None => detail,
    }
}
