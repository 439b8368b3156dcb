//! Telemetry: the routes that an Agent submits to, with an API key of any kind. What is inside is none of our business.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use intake_forward::{ForwardError, Forwarder};
use serde_json::json;

use crate::{
    App, error::ApiError, intake::Outcome, reply::Reply, request::QueryPairs, routes::validate,
};

/// `POST` to any of the paths of telemetry.
///
/// A refusal does not wait for the body: it is answered at once and closes the connection, so that nobody keeps us
/// reading by a key that is none. An Agent takes a 403 as the sign to ask for its key anew.
pub(crate) async fn submit(
    State(app): State<App>,
    path: MatchedPath,
    request: Request,
) -> Response {
    let unread = !request.body().is_end_stream();
    let (outcome, mut response) = match take(&app, path.as_str(), request).await {
        Ok(outcome) => (outcome, accepted()),
        Err(error) if error.status.is_server_error() => (Outcome::Failed, error.into_response()),
        Err(error) => (Outcome::Refused, error.into_response()),
    };
    app.intake().count(outcome);
    if unread && matches!(outcome, Outcome::Refused | Outcome::Failed) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn take(app: &App, path: &str, request: Request) -> Result<Outcome, ApiError> {
    let (mut parts, body) = request.into_parts();
    let query = QueryPairs::from_request_parts(&mut parts, app).await?;
    validate::holder(app, &parts.headers, Some(&query)).await?;
    let most = app.config().intake.body_bytes;
    // Before a byte of it is read, where the caller says how long it is.
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |length| length > most) {
        return Err(too_long(most));
    }
    let Some(_permit) = app.intake().enter() else {
        return Err(later("too much telemetry at once; try again"));
    };
    match app.intake().forwarder() {
        Some(forwarder) => {
            let submission = Submission { path, query: &query, headers: &parts.headers };
            forward(forwarder, submission, body, most).await?;
            Ok(Outcome::Forwarded)
        }
        None => {
            discard(body, most).await?;
            Ok(Outcome::Dropped)
        }
    }
}

/// A request's parts but its body.
struct Submission<'r> {
    path: &'r str,
    query: &'r QueryPairs,
    headers: &'r HeaderMap,
}

async fn forward(
    forwarder: &Forwarder,
    submission: Submission<'_>,
    body: Body,
    most: usize,
) -> Result<(), ApiError> {
    let Submission { path, query, headers } = submission;
    match forwarder.forward(path, query.iter(), headers, body).await {
        Ok(()) => Ok(()),
        Err(ForwardError::TooLong) => Err(too_long(most)),
        Err(ForwardError::BrokenOff) => Err(broken_off()),
        Err(ForwardError::Refused(_)) => {
            Err(ApiError::bad_request("the upstream does not take this telemetry"))
        }
        Err(ForwardError::Failed(failure)) => {
            tracing::warn!(http.route = path, "telemetry was not forwarded: {failure}");
            Err(later("the upstream does not take telemetry now; try again"))
        }
    }
}

/// Reads a body to its end and keeps nothing of it.
async fn discard(body: Body, most: usize) -> Result<(), ApiError> {
    let mut body = Limited::new(body, most);
    while let Some(frame) = body.frame().await {
        frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_long(most),
            false => broken_off(),
        })?;
    }
    Ok(())
}

fn accepted() -> Response {
    match Reply::new(StatusCode::ACCEPTED, &json!({})) {
        Ok(reply) => reply.into_response(),
        Err(error) => error.into_response(),
    }
}

fn too_long(most: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("telemetry is taken in bodies of {most} bytes at most"),
    )
}

fn broken_off() -> ApiError {
    ApiError::bad_request("the body broke off")
}

fn later(detail: &'static str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(RETRY_AFTER)
}

/// Long enough for an upstream to recover, short enough for an Agent to keep what it has.
const RETRY_AFTER: Duration = Duration::from_secs(10);
