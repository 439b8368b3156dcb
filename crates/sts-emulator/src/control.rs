//! The control API under `/_control/`: see the crate's README.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;

use crate::engine::{Answer, Engine};

/// Whether a request is for the control API rather than for STS.
pub(crate) fn is_control(request: &Request<Bytes>) -> bool {
    request.uri().path().starts_with("/_control/")
}

/// Answers it.
pub(crate) fn answer(_request: &Request<Bytes>, _peer: SocketAddr, _engine: &Engine) -> Answer {
    Answer { status: 404, headers: Vec::new(), body: Vec::new() }
}
