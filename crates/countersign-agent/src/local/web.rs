//! The status page and the metrics, for browsers and scrapers. No key is to be had here.

use http::{HeaderValue, Method, Request, StatusCode, Uri, header};

use super::{Answer, answer, json, metrics, page, sentence};
use crate::board::Board;

/// * `GET /`: a page.
/// * `GET /status`: the same as JSON.
/// * `GET /metrics`: the same for Prometheus.
pub(super) struct Web {
    pub(super) board: Board,
    /// Whether it may be called by any name; otherwise by this machine's only, so that no web page elsewhere can be made
    /// to read it under a name of its own (DNS rebinding).
    pub(super) any_host: bool,
}

impl Web {
    pub(super) fn answer<B>(&self, request: &Request<B>) -> Answer {
        if !self.any_host && !is_local(request) {
            return sentence(
                StatusCode::MISDIRECTED_REQUEST,
                "this is only here as `localhost`, or by its address",
            );
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut answer = sentence(StatusCode::METHOD_NOT_ALLOWED, "there is only GET here");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return answer;
        }
        match request.uri().path() {
            "/" => html(page::render(&self.board.status())),
            "/style.css" => answer(StatusCode::OK, "text/css; charset=utf-8", page::STYLE),
            "/status" => json(StatusCode::OK, &self.board.status()),
            "/metrics" => {
                answer(StatusCode::OK, metrics::CONTENT_TYPE, metrics::render(&self.board.status()))
            }
            _ => sentence(StatusCode::NOT_FOUND, "there are `/`, `/status` and `/metrics`"),
        }
    }
}

fn html(text: String) -> Answer {
    let mut page = answer(StatusCode::OK, "text/html; charset=utf-8", text);
    let headers = page.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}

/// Whether it was called by an address, or as `localhost`.
fn is_local<B>(request: &Request<B>) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let uri = host.and_then(|host| host.parse::<Uri>().ok());
    let Some(host) = uri.as_ref().and_then(Uri::host) else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok()
}

const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(any_host: bool, host: Option<&str>, path: &str) -> u16 {
        let web = Web { board: Board::default(), any_host };
        let mut request = Request::builder().uri(path);
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        web.answer(&request.body(()).unwrap()).status().as_u16()
    }

    #[test]
    fn other_names_than_this_machines_are_refused() {
        #[rustfmt::skip]
        let cases = [
            (Some("127.0.0.1:8405"),      200),
            (Some("[::1]:8405"),          200),
            (Some("localhost:8405"),      200),
            (Some("LOCALHOST"),           200),
            (Some("evil.example:8405"),   421),
            (Some("127.0.0.1.evil.example"), 421),
            (Some(""),                    421),
            (None,                        421),
        ];
        for (host, status) in cases {
            assert_eq!(ask(false, host, "/metrics"), status, "{host:?}");
            assert_eq!(ask(true, host, "/metrics"), 200, "{host:?}");
        }
        for (path, status) in [("/", 200), ("/status", 200), ("/style.css", 200), ("/keys/x", 404)]
        {
            assert_eq!(ask(false, Some("localhost"), path), status, "{path}");
        }
    }

    #[test]
    fn pages_run_nothing_and_nothing_changes_by_them() {
        let web = Web { board: Board::default(), any_host: true };
        let request = |method: &str| Request::builder().method(method).uri("/").body(()).unwrap();
        let page = web.answer(&request("GET"));
        let policy = page.headers().get(header::CONTENT_SECURITY_POLICY).unwrap();
        assert!(policy.to_str().unwrap().starts_with("default-src 'none'"));
        assert_eq!(web.answer(&request("POST")).status(), 405);
    }
}
