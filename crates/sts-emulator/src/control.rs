//! The control API under `/_control/`: what a test in another process or language steers the emulator with.
//!
//! It is on the listener that plays STS, so each request is first told apart from what a web page or
//! a forwarded STS request could cause: see [`guard`].

mod guard;
mod wire;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    directory::CredentialRequest,
    engine::{Answer, CONTENT_TYPE, Engine},
    fixture::Fixture,
    instant,
};
use auth_model::Clock;

/// Whether a request is for the control API rather than for STS.
pub(crate) fn is_control(request: &Request<Bytes>) -> bool {
    request.uri().path().starts_with(PREFIX)
}

/// Answers it.
pub(crate) fn answer(request: &Request<Bytes>, peer: SocketAddr, engine: &Engine) -> Answer {
    let outcome = guard::check(request, peer, &engine.hosts).and_then(|()| route(request, engine));
    let (status, body) = match outcome {
        Ok((_, Value::Null)) => {
            return Answer { status: 204, headers: Vec::new(), body: Vec::new() };
        }
        Ok((status, body)) => (status, body),
        Err(Refusal { status, message }) => (status, json!({ "error": message })),
    };
    let headers = vec![(CONTENT_TYPE, "application/json".to_owned())];
    Answer { status, headers, body: body.to_string().into_bytes() }
}

/// An error of the control API: what is wrong, and what to send instead.
#[derive(Debug)]
struct Refusal {
    status: u16,
    message: String,
}

impl Refusal {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

type Outcome = Result<(u16, Value), Refusal>;

fn route(request: &Request<Bytes>, engine: &Engine) -> Outcome {
    let name = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    match (name, request.method()) {
        ("requests", &Method::GET) => requests(engine),
        ("requests", &Method::DELETE) => {
            engine.recorder().take();
            Ok((204, Value::Null))
        }
        ("faults", &Method::GET) => Ok((200, json!({ "faults": engine.faults().list() }))),
        ("faults", &Method::PUT) => {
            let wire::Faults(faults) = read(request, wire::FAULTS)?;
            engine.faults().replace(faults);
            Ok((200, json!({ "faults": engine.faults().list() })))
        }
        ("clock", &Method::GET) => Ok(clock(engine)),
        ("clock", &Method::PUT) => {
            let wire::Clock(setting) = read(request, wire::CLOCK)?;
            engine.clock.set(setting);
            Ok(clock(engine))
        }
        ("credentials", &Method::GET) => {
            let keys = engine.directory().keys();
            let list: Vec<Value> = keys.iter().map(wire::key).collect();
            Ok((200, json!({ "credentials": list })))
        }
        ("credentials", &Method::POST) => {
            let wanted: CredentialRequest = read(request, wire::CREDENTIALS)?;
            let made =
                engine.issue(&wanted).map_err(|error| Refusal::new(400, error.to_string()))?;
            Ok((201, wire::credentials(&made)))
        }
        ("fixture", &Method::PUT) => {
            let fixture: Fixture = read(request, wire::FIXTURE)?;
            let made = engine
                .replace_fixture(&fixture)
                .map_err(|error| Refusal::new(400, error.to_string()))?;
            let list: Vec<Value> = made.iter().map(wire::credentials).collect();
            Ok((200, json!({ "credentials": list })))
        }
        (other, method) => Err(unknown(other, method)),
    }
}

fn requests(engine: &Engine) -> Outcome {
    let recorder = engine.recorder();
    let (count, handshakes) = (recorder.count(), recorder.handshakes());
    Ok((200, json!({ "count": count, "handshakes": handshakes, "requests": recorder.list() })))
}

fn clock(engine: &Engine) -> (u16, Value) {
    (200, json!({ "now": instant::extended(engine.clock.now()) }))
}

fn unknown(name: &str, method: &Method) -> Refusal {
    let allowed = match name {
        "requests" => "GET or DELETE",
        "faults" | "clock" => "GET or PUT",
        "credentials" => "GET or POST",
        "fixture" => "PUT",
        _ => {
            return Refusal::new(
                404,
                format!(
                    "there is no `{PREFIX}{name}`: use one of requests, faults, clock, credentials, fixture"
                ),
            );
        }
    };
    Refusal::new(405, format!("`{PREFIX}{name}` has no {method}: use {allowed}"))
}

fn read<T: DeserializeOwned>(request: &Request<Bytes>, example: &str) -> Result<T, Refusal> {
    serde_json::from_slice(request.body())
        .map_err(|error| Refusal::new(400, format!("{error}; send for example {example}")))
}

const PREFIX: &str = "/_control/";
