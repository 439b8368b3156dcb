//! A server that answers as a test says and remembers what it was asked, and a client for it.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use auth_model::{ManualClock, OrgId, Timestamp};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use countersign_client::{
    ApiClient, Auth, Client, ClientConfig, ExplicitCredentials, HttpOptions, Url,
};
use serde_json::Value;
use sts_proof::AwsCredentials;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

pub(crate) const ORG: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const SESSION: &str = "IQoJb3JpZ2luX2VjEXAMPLESESSION";
/// 2026-07-24 12:00 UTC.
pub(crate) const NOON: i64 = 1_784_894_400;

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What goes out.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A granted token that lives until then.
    pub(crate) fn token(text: &str, expires: i64) -> Self {
        Self::new(
            200,
            format!(
                r#"{{"data":{{"id":"1","type":"delegated_token","attributes":{{"access_token":"{text}","expires":"{expires}"}}}}}}"#
            ),
        )
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) url: Url,
    pub(crate) clock: Arc<ManualClock>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers the n-th request, counted from 0, with what the function says; `Date` is the clock's, unless given.
    pub(crate) async fn start(
        answer: impl Fn(usize, &Seen) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix_seconds(NOON)));
        let (log, time) = (Arc::clone(&seen), Arc::clone(&clock));
        let service = Router::new().fallback(async move |request: Request| {
            let seen = read(request).await;
            let number = {
                let mut log = log.lock().unwrap();
                log.push(seen.clone());
                log.len() - 1
            };
            respond(answer(number, &seen), auth_model::Clock::now(&*time))
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { url, clock, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn config(&self) -> ClientConfig {
        ClientConfig::new(self.url.clone(), org())
    }

    /// A client by the server's clock.
    pub(crate) fn client(&self) -> Arc<Client> {
        let clock = Arc::clone(&self.clock);
        let credentials = Arc::new(ExplicitCredentials(credentials()));
        Arc::new(Client::new(self.config(), credentials, clock).unwrap())
    }
}

/// A client with a key pair.
pub(crate) fn by_keys(server: &Server) -> ApiClient {
    let auth = Auth::Keys { api_key: "api".into(), app_key: "app".into() };
    ApiClient::new(server.url.clone(), auth, HttpOptions::default()).unwrap()
}

/// What was sent, as JSON.
pub(crate) fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

pub(crate) fn org() -> OrgId {
    ORG.parse().unwrap()
}

pub(crate) fn credentials() -> AwsCredentials {
    AwsCredentials {
        access_key_id: ACCESS_KEY.to_owned(),
        secret_access_key: SECRET_KEY.into(),
        session_token: Some(SESSION.into()),
    }
}

/// Lets a future run up to where it waits; whether it does.
pub(crate) async fn waits<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    Seen {
        method: parts.method,
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: axum::body::to_bytes(body, 1 << 20).await.unwrap(),
    }
}

fn respond(answer: Answer, now: Timestamp) -> Response<Body> {
    let date = OffsetDateTime::from_unix_timestamp(now.unix_seconds()).unwrap();
    let date = date.format(&Rfc2822).unwrap().replace("+0000", "GMT");
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    response.headers_mut().insert(header::DATE, date.parse().unwrap());
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
