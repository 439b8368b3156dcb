//! An HTTP client of one server.

use std::net::SocketAddr;

use auth_model::{ExposeSecret, SecretString};
use reqwest::{Method, StatusCode, header::HeaderMap, redirect};
use serde_json::Value;

/// An API key and an application key.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// `DD-API-KEY`
    pub api: SecretString,
    /// `DD-APPLICATION-KEY`
    pub app: SecretString,
}

/// What a request proves its sender with.
#[derive(Clone, Copy, Debug)]
pub enum Auth<'a> {
    /// Nothing.
    Nothing,
    /// An API key and an application key.
    Keys(&'a KeyPair),
    /// An API key alone.
    ApiKey(&'a str),
    /// An access token.
    Bearer(&'a str),
    /// A proof.
    Delegated(&'a str),
    /// The cookie of a session, and the origin of the page that sends the request.
    Session(&'a str, &'a str),
}

impl<'a> From<&'a KeyPair> for Auth<'a> {
    fn from(keys: &'a KeyPair) -> Self {
        Self::Keys(keys)
    }
}

/// Speaks HTTP to one server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    /// Of the server at this address.
    pub fn to(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            // Plain HTTP on loopback only: reading the machine's certificates would be the slowest part of a test.
            .tls_certs_only([])
            .build()
            .unwrap();
        Self { http, base: format!("http://{address}") }
    }

    /// A request, to be completed and sent.
    pub fn request(&self, method: Method, path: &str, auth: Auth<'_>) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match auth {
            Auth::Nothing => request,
            Auth::Keys(keys) => request
                .header("DD-API-KEY", keys.api.expose_secret())
                .header("DD-APPLICATION-KEY", keys.app.expose_secret()),
            Auth::ApiKey(key) => request.header("DD-API-KEY", key),
            Auth::Bearer(token) => request.bearer_auth(token),
            Auth::Session(cookie, origin) => request
                .header("cookie", format!("countersign_session={cookie}"))
                .header("origin", origin),
            Auth::Delegated(proof) => request.header("authorization", format!("Delegated {proof}")),
        }
    }

    /// `GET`
    pub async fn get<'a>(&self, path: &str, auth: impl Into<Auth<'a>>) -> Answer {
        Answer::of(self.request(Method::GET, path, auth.into())).await
    }

    /// `DELETE`
    pub async fn delete<'a>(&self, path: &str, auth: impl Into<Auth<'a>>) -> Answer {
        Answer::of(self.request(Method::DELETE, path, auth.into())).await
    }

    /// `POST` of JSON.
    pub async fn post<'a>(&self, path: &str, auth: impl Into<Auth<'a>>, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path, auth.into()).json(body)).await
    }

    /// `PATCH` of JSON.
    pub async fn patch<'a>(&self, path: &str, auth: impl Into<Auth<'a>>, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path, auth.into()).json(body)).await
    }

    /// Hands a proof over for a token: no body, as the official clients do.
    pub async fn exchange(&self, proof: &str) -> Answer {
        self.hand_over("/api/v2/delegated-token", proof).await
    }

    /// Hands a proof over for the managed API key.
    pub async fn intake_key(&self, proof: &str) -> Answer {
        self.hand_over("/api/v2/intake-key", proof).await
    }

    async fn hand_over(&self, path: &str, proof: &str) -> Answer {
        let request = self.request(Method::POST, path, Auth::Delegated(proof));
        Answer::of(request.header("content-type", "application/json").header("content-length", "0"))
            .await
    }
}

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    /// Sends the request and reads what comes.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.expect("a whole body").to_vec() }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: `{text}` ({})", self.status))
    }

    /// A header's one value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).into_iter();
        let value = values.next()?.to_str().unwrap();
        assert!(values.next().is_none(), "{name} comes more than once");
        Some(value)
    }

    /// Itself, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The one member of `errors`, which is a JSON:API error object.
    #[track_caller]
    pub fn error(&self) -> Value {
        let json = self.json();
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("no errors in {json}"));
        assert_eq!(errors.len(), 1, "{json}");
        assert!(errors[0].is_object(), "{json}");
        errors[0].clone()
    }

    /// The `detail` of the one error object; of the one error string itself.
    #[track_caller]
    pub fn detail(&self) -> String {
        let json = self.json();
        let error = &json["errors"][0];
        let detail = if error.is_string() { error } else { &error["detail"] };
        detail.as_str().unwrap_or_else(|| panic!("no detail in {json}")).to_owned()
    }

    /// `data.id`
    #[track_caller]
    pub fn id(&self) -> String {
        let json = self.json();
        json["data"]["id"].as_str().unwrap_or_else(|| panic!("no id in {json}")).to_owned()
    }

    /// A member of `data.attributes`.
    #[track_caller]
    pub fn attribute(&self, name: &str) -> Value {
        let json = self.json();
        let value = &json["data"]["attributes"][name];
        assert!(!value.is_null(), "no {name} in {json}");
        value.clone()
    }
}
