//! A signer that is not ours (the `aws-sigv4` crate), and an HTTP client that hides nothing.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use auth_model::{ExposeSecret, ManualClock, Timestamp};
use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use http::Request;
use sts_emulator::{Builder, Credentials, StsEmulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
pub(crate) const GLOBAL: &str = "sts.amazonaws.com";

/// 5 August 2026, 12:34:56 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_seconds(1_785_933_296);

pub(crate) fn builder() -> Builder {
    StsEmulator::builder().clock(Arc::new(ManualClock::at(NOW)))
}

pub(crate) async fn start() -> StsEmulator {
    builder().start().await.unwrap()
}

/// What a client is about to sign.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) host: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) method: &'static str,
    pub(crate) query: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) presigned: bool,
    pub(crate) at: Timestamp,
}

impl Plan {
    pub(crate) fn new(body: &str) -> Self {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        Self {
            host: GLOBAL.to_owned(),
            region: "us-east-1".to_owned(),
            service: "sts".to_owned(),
            method: "POST",
            query: String::new(),
            body: body.to_owned(),
            headers: vec![
                ("content-type".to_owned(), form.to_owned()),
                ("content-length".to_owned(), body.len().to_string()),
            ],
            presigned: false,
            at: NOW,
        }
    }

    pub(crate) fn presigned(query: &str) -> Self {
        Self {
            method: "GET",
            query: query.to_owned(),
            headers: Vec::new(),
            presigned: true,
            ..Self::new("")
        }
    }

    pub(crate) fn host(self, host: &str, region: &str) -> Self {
        Self { host: host.to_owned(), region: region.to_owned(), ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs with the `aws-sigv4` crate.
    pub(crate) fn sign(&self, credentials: &Credentials) -> Request<Bytes> {
        let token = credentials.session_token.as_ref();
        let identity = AwsCredentials::new(
            &credentials.access_key_id,
            credentials.secret_access_key.expose_secret(),
            token.map(|token| token.expose_secret().to_owned()),
            None,
            "test",
        )
        .into();
        let mut settings = SigningSettings::default();
        if self.presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(std::time::Duration::from_secs(60));
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::from(self.at))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let url = format!("http://{}/{query}", self.host);
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(self.body.as_bytes());
        let signable = SignableRequest::new(self.method, &url, headers, body).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = Request::builder().method(self.method).uri(&url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Bytes::from(self.body.clone())).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        let target = request.uri().path_and_query().unwrap().as_str().parse().unwrap();
        *request.uri_mut() = target;
        request.headers_mut().insert("host", self.host.parse().unwrap());
        request
    }
}

/// An answer, as it came over the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (other, value) = line.split_once(':')?;
            other.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The text of the first such XML element.
    pub(crate) fn field(&self, name: &str) -> String {
        let text = self.text();
        let after = text.split_once(&format!("<{name}>"));
        let (_, rest) = after.unwrap_or_else(|| panic!("no {name} in {text}"));
        let value = rest.split_once('<').unwrap().0;
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    }
}

/// The bytes of a request that asks for the connection to be closed afterwards.
pub(crate) fn bytes(request: &Request<Bytes>) -> Vec<u8> {
    let mut out = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if !request.body().is_empty() && !request.headers().contains_key("content-length") {
        out.extend_from_slice(format!("content-length: {}\r\n", request.body().len()).as_bytes());
    }
    out.extend_from_slice(b"connection: close\r\n\r\n");
    out.extend_from_slice(request.body());
    out
}

/// Sends bytes and reads until the other side ends; the error is how the connection ended.
pub(crate) async fn raw(to: SocketAddr, bytes: &[u8]) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut out = Vec::new();
    let end = stream.read_to_end(&mut out).await.map(|_| ());
    (out, end)
}

pub(crate) fn parse(bytes: &[u8]) -> Reply {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head, body: bytes[split + 4..].to_vec() }
}

pub(crate) async fn send(sts: &StsEmulator, request: &Request<Bytes>) -> Reply {
    let (bytes, end) = raw(sts.local_addr(), &bytes(request)).await;
    end.unwrap();
    parse(&bytes)
}

/// An unsigned request, as a program in another language sends it to the control API.
pub(crate) async fn control(
    sts: &StsEmulator,
    method: &str,
    name: &str,
    body: &str,
) -> (u16, serde_json::Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/_control/{name}"))
        .header("host", sts.local_addr().to_string())
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    let reply = send(sts, &request).await;
    let json = if reply.body.is_empty() { serde_json::Value::Null } else { reply.json() };
    (reply.status, json)
}
