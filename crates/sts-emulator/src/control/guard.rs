//! Who may use the control API: a program on this machine, not a web page in its browser.
//!
//! A page can make a browser send requests to loopback, and by DNS rebinding even read the answers; but
//! then `Host` is the page's name and the browser adds headers that programs do not send.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::Request;
use sts_proof::HostTable;

use super::Refusal;
use crate::engine::host;

/// Refuses everything that need not be a local program.
pub(super) fn check(
    request: &Request<Bytes>,
    peer: SocketAddr,
    hosts: &HostTable,
) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::new(403, message));
    if !peer.ip().to_canonical().is_loopback() {
        return refuse("the control API answers only this machine: call it over loopback");
    }
    let browser = ["origin", "referer", "sec-fetch-site", "sec-fetch-mode"];
    if browser.iter().any(|name| request.headers().contains_key(*name)) {
        return refuse("the control API does not answer web pages: call it from a program");
    }
    let host = host(request).map_err(|error| Refusal::new(400, error.message))?;
    let name = name(&host);
    if hosts.lookup(&name.to_ascii_lowercase()).is_some() {
        return refuse("the control API is not part of STS: send `Host: localhost`");
    }
    if name.parse::<IpAddr>().is_err() && !name.eq_ignore_ascii_case("localhost") {
        return refuse("the control API does not answer to this name: send `Host: localhost`");
    }
    Ok(())
}

/// The host without port and brackets.
fn name(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}
