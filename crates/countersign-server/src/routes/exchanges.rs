//! The two exchanges: a proof comes in `Authorization: Delegated`, the body is empty.

use auth_model::ExposeSecret;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::{Attempt, FallbackReport, Refusal, RefusalKind};
use jsonapi_model::{
    Document,
    resources::{DELEGATED_TOKEN, DelegatedToken, INTAKE_API_KEY, IntakeApiKey},
};

use crate::{
    App, caller::single, error::ApiError, middleware::Arrival, reply::Reply, request::read,
};

/// `POST /api/v2/delegated-token`
///
/// The answer closes the connection: the official Python client writes two stray bytes after its request, which a kept
/// connection would read as the beginning of the next one.
pub(crate) async fn delegated_token(
    State(app): State<App>,
    arrival: Arrival,
    request: Request,
) -> Response {
    let mut response = match token(&app, arrival, request).await {
        Ok(reply) => reply.into_response(),
        Err(error) => error.into_response(),
    };
    app.metrics().token_exchanges.count(response.status());
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn token(app: &App, arrival: Arrival, request: Request) -> Result<Reply, ApiError> {
    let headers = take(request).await?;
    let granted = app.exchange().access_token(proof(&headers)?, &attempt(arrival)).await;
    let token = granted.map_err(refused)?.token;
    let expires = token.expires_at().unix_seconds() - MARGIN_SECONDS;
    let attributes =
        DelegatedToken { access_token: token.expose().to_owned(), expires: expires.to_string() };
    Reply::ok(&Document::<_>::new(DELEGATED_TOKEN, Some(token.id().to_string()), attributes))
}

/// `POST /api/v2/intake-key`
///
/// `X-Countersign-Fallback-Since` is ours: Agents of the public service do not send it.
pub(crate) async fn intake_key(
    State(app): State<App>,
    arrival: Arrival,
    request: Request,
) -> Response {
    let response = match key(&app, arrival, request).await {
        Ok(reply) => reply.into_response(),
        Err(error) => error.into_response(),
    };
    app.metrics().key_exchanges.count(response.status());
    response
}

async fn key(app: &App, arrival: Arrival, request: Request) -> Result<Reply, ApiError> {
    let headers = take(request).await?;
    let report = fallback_report(app, &headers, &arrival);
    let granted = app.exchange().managed_key(proof(&headers)?, &attempt(arrival), report).await;
    let granted = granted.map_err(refused)?;
    let attributes = IntakeApiKey {
        api_key: granted.key.expose_secret().to_owned(),
        org_id: granted.organization_number,
    };
    Reply::ok(&Document::<_>::new(INTAKE_API_KEY, Some(granted.mapping.to_string()), attributes))
}

/// The headers, once it is sure that the body holds next to nothing.
async fn take(request: Request) -> Result<HeaderMap, ApiError> {
    let headers = request.headers().clone();
    read(request, MAX_BODY_BYTES).await?;
    Ok(headers)
}

fn proof(headers: &HeaderMap) -> Result<&[u8], ApiError> {
    single(headers, header::AUTHORIZATION.as_str())?.map(str::as_bytes).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "send a proof as `Authorization: Delegated PROOF`; `countersign proof make` makes one",
        )
    })
}

/// What the caller says of a fallback key. Nonsense is nothing, and so are several that may differ.
fn fallback_report(app: &App, headers: &HeaderMap, arrival: &Arrival) -> Option<FallbackReport> {
    let text = single(headers, FALLBACK_SINCE).ok()??;
    let leeway = app.exchange().settings().proofs.max_future;
    FallbackReport::read(text.as_bytes(), arrival.at, leeway)
}

fn attempt(arrival: Arrival) -> Attempt {
    let Arrival { request_id, at, source } = arrival;
    Attempt { source, request_id, arrived_at: at }
}

fn refused(refusal: Refusal) -> ApiError {
    let status = match refusal.kind() {
        RefusalKind::Malformed => match &refusal {
            Refusal::Proof(error) if error.class() == sts_proof::ProofFault::TooLarge => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            _ => StatusCode::BAD_REQUEST,
        },
        RefusalKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        RefusalKind::Throttled(wait) => {
            return ApiError::new(StatusCode::TOO_MANY_REQUESTS, refusal.to_string())
                .retry_after(wait);
        }
        RefusalKind::Unavailable => {
            return ApiError::new(StatusCode::SERVICE_UNAVAILABLE, refusal.to_string())
                .retry_after(std::time::Duration::from_secs(1));
        }
        RefusalKind::Internal => return ApiError::internal(&refusal),
    };
    ApiError::new(status, refusal.to_string())
}

/// Whole seconds since the Unix epoch.
const FALLBACK_SINCE: &str = "x-countersign-fallback-since";

/// Clients use a token up to the second that they are told, so they are told an earlier one.
const MARGIN_SECONDS: i64 = 60;

/// Clients send nothing, or two stray bytes.
const MAX_BODY_BYTES: usize = 1_024;
