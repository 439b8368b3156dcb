//! Keys, for whoever may open the socket.

use http::{HeaderValue, Method, Request, StatusCode, header};

use super::{Answer, answer, json, sentence};
use crate::{board::Board, output::word};

/// * `GET /status`: how the agent stands.
/// * `GET /keys/NAME`: the key and nothing else; its source in `X-Countersign-Key-Source`.
/// * `POST /keys/NAME/refused`: somebody's key was refused (403), so the server is asked for another.
pub(super) struct Keys {
    pub(super) board: Board,
}

impl Keys {
    pub(super) fn answer<B>(&self, request: &Request<B>) -> Answer {
        let path = request.uri().path();
        if path == "/status" {
            return match *request.method() {
                Method::GET => json(StatusCode::OK, &self.board.status()),
                _ => only("GET"),
            };
        }
        let Some(rest) = path.strip_prefix("/keys/") else {
            return sentence(
                StatusCode::NOT_FOUND,
                "there are `/status`, `/keys/NAME` and `/keys/NAME/refused`",
            );
        };
        match (rest.strip_suffix("/refused"), request.method()) {
            (Some(name), &Method::POST) => self.refused(name),
            (Some(_), _) => only("POST"),
            (None, &Method::GET) => self.key(rest),
            (None, _) => only("GET"),
        }
    }

    fn key(&self, name: &str) -> Answer {
        let Some(one) = self.board.find(&decoded(name)) else { return unknown() };
        let Some(key) = one.shown().key else {
            return sentence(
                StatusCode::SERVICE_UNAVAILABLE,
                "there is no key yet; `countersign agent status` says why",
            );
        };
        let mut answer =
            answer(StatusCode::OK, "text/plain; charset=utf-8", key.expose().to_owned());
        let source = HeaderValue::from_static(word(key.source()));
        answer.headers_mut().insert("x-countersign-key-source", source);
        answer
    }

    fn refused(&self, name: &str) -> Answer {
        let Some(one) = self.board.find(&decoded(name)) else { return unknown() };
        one.nudge();
        sentence(
            StatusCode::ACCEPTED,
            "the server will be asked, 30 s after the last time at the soonest",
        )
    }
}

/// A name as it was before it became part of a path (RFC 3986 §2.1). What is not encoded well is a name of nobody.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return String::new();
        };
        bytes.extend(u8::try_from(high * 16 + low));
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn unknown() -> Answer {
    sentence(StatusCode::NOT_FOUND, "no instance of the agent has this name")
}

fn only(method: &'static str) -> Answer {
    let mut answer = sentence(StatusCode::METHOD_NOT_ALLOWED, "this path has another method");
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(method));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_and_nonsense_is_nobody() {
        for (text, name) in [
            ("main", "main"),
            ("a%20b%c3%A9", "a bé"),
            ("a%2", ""),
            ("%zz", ""),
            ("%ff", ""),
            ("", ""),
        ] {
            assert_eq!(decoded(text), name);
        }
    }

    #[test]
    fn what_is_not_there_is_told_apart() {
        let keys = Keys { board: Board::default() };
        #[rustfmt::skip]
        let cases = [
            ("GET",  "/",               404),
            ("GET",  "/keys/",          404),
            ("GET",  "/keys/x",         404),
            ("POST", "/keys/x",         405),
            ("POST", "/keys/x/refused", 404),
            ("GET",  "/keys/x/refused", 405),
            ("GET",  "/status",         200),
            ("PUT",  "/status",         405),
        ];
        for (method, path, status) in cases {
            let request = Request::builder().method(method).uri(path).body(()).unwrap();
            assert_eq!(keys.answer(&request).status(), status, "{method} {path}");
        }
    }
}
