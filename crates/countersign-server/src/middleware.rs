//! The outer layer of every request: its id, its log line, its time-out, the caps on its headers, and the net under panics.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use auth_model::Timestamp;
use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::{App, endpoint::Family, error::ApiError, reply};

/// What the outer layer knows of a request.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// Names the request in logs, audit events and its answer.
    pub(crate) request_id: String,
    /// When it came in.
    pub(crate) at: Timestamp,
    /// The client's address, as far as it can be believed.
    pub(crate) source: Option<IpAddr>,
}

impl FromRequestParts<App> for Arrival {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::internal(&NoArrival))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the outer layer is missing")]
struct NoArrival;

/// The outer layer.
pub(crate) async fn outer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let arrival = match arrival(&app, &request) {
        Ok(arrival) => arrival,
        Err(error) => return reply::shape(error.into_response(), Family::Plain),
    };
    let span = tracing::info_span!("request", request.id = %arrival.request_id);
    let method = request.method().clone();
    // The route, not the path: a path holds ids, and one client puts an API key into the query.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = HeaderValue::from_str(&arrival.request_id);
    request.extensions_mut().insert(arrival);

    let mut response = match too_large(request.headers()) {
        Some(error) => error.into_response(),
        None => run(&app, request, next).instrument(span.clone()).await,
    };
    response = reply::shape(response, Family::Plain);
    if let Ok(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        tracing::info!(
            http.method = %method,
            http.route = route.as_deref().unwrap_or("(none)"),
            http.status = response.status().as_u16(),
            took_micros = micros,
            "{method} {} answered {}",
            route.as_deref().unwrap_or("(no route)"),
            response.status().as_u16(),
        );
    });
    response
}

/// The request itself, within its time, with a net under it.
async fn run(app: &App, request: Request, next: Next) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(app.config().request_timeout(), work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => ApiError::internal(&Panicked).into_response(),
        Err(_) => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the request took too long")
            .retry_after(Duration::from_secs(1))
            .into_response(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked; the panic's own message is in the log before this line")]
struct Panicked;

fn arrival(app: &App, request: &Request) -> Result<Arrival, ApiError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    Ok(Arrival {
        request_id: app.new_request_id().map_err(|e| ApiError::internal(&e))?,
        at: app.clock().now(),
        source: peer.map(|peer| source(peer, request.headers(), &app.config().trusted_proxies)),
    })
}

/// Whoever connected; behind proxies that are trusted, the last address that they were given by one that is not.
fn source(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(&peer) {
        return peer;
    }
    let hops = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> =
        hops.flat_map(|value| value.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    hops.into_iter().rev().find(|hop| !trusted.contains(hop)).unwrap_or(peer)
}

fn too_large(headers: &HeaderMap) -> Option<ApiError> {
    let large = headers.values().any(|value| value.len() > MAX_HEADER_BYTES);
    large.then(|| {
        ApiError::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("a header is longer than {MAX_HEADER_BYTES} bytes"),
        )
    })
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The scheme's word and a proof with the longest session token that AWS hands out.
pub(crate) const MAX_HEADER_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let client: IpAddr = "192.0.2.7".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("203.0.113.9, 192.0.2.7"));
        assert_eq!(source(proxy, &headers, &[proxy]), client);
        assert_eq!(source(client, &headers, &[proxy]), client, "a stranger's header is ignored");
        assert_eq!(source(proxy, &headers, &[]), proxy);
        assert_eq!(source(proxy, &HeaderMap::new(), &[proxy]), proxy);
    }
}
