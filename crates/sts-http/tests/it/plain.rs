//! What the transport does with servers that are not STS: each is a raw socket that says exactly what the test needs.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sts_http::{SetupError, StsHttp, StsHttpConfig, Url};
use sts_proof::{StsTransport, TransportError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::request;

/// How a server treats one connection after it has read a request.
#[derive(Clone, Copy)]
enum Answer {
    Text(&'static str),
    /// A head without a length, and a body without an end.
    Endless,
    /// A head, some of the body, and nothing more; the connection stays open.
    HeadOnly,
    Nothing,
    HangUp,
}

struct Server {
    url: Url,
    requests: mpsc::UnboundedReceiver<String>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer, sender.clone()));
            }
        });
        Self { url, requests, connections }
    }

    fn transport(&self) -> StsHttp {
        StsHttp::new(StsHttpConfig {
            endpoint_override: Some(self.url.clone()),
            ..StsHttpConfig::default()
        })
        .unwrap()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, requests: mpsc::UnboundedSender<String>) {
    while let Some(request) = read_request(&mut stream).await {
        let _ = requests.send(request);
        match answer {
            Answer::Text(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Answer::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                while stream.write_all(&[b' '; 4096]).await.is_ok() {}
                return;
            }
            Answer::HeadOnly => {
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
                stream.write_all(head).await.unwrap();
            }
            Answer::Nothing => {}
            Answer::HangUp => return,
        }
    }
}

/// A head and a body of 43 bytes; `None` when the client has gone.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(sts_proof::BODY.as_bytes()) {
        bytes.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(bytes).ok()
}

const JSON: &str = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
    x-amzn-RequestId: 7f7d3c2e\r\nDate: Wed, 05 Aug 2026 12:34:56 GMT\r\n\r\n{}";

#[tokio::test]
async fn the_sts_host_stays_in_the_host_header_and_nothing_is_added() {
    let mut server = Server::start(Answer::Text(JSON)).await;
    let answer = server.transport().send(&request()).await.unwrap();
    assert_eq!(answer.status, 403);
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    assert_eq!(answer.request_id.as_deref(), Some("7f7d3c2e"));
    assert_eq!(answer.date.as_deref(), Some("Wed, 05 Aug 2026 12:34:56 GMT"));
    assert_eq!(answer.body, b"{}");

    let text = server.requests.recv().await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, sts_proof::BODY);
    let mut lines = head.split("\r\n");
    assert_eq!(lines.next(), Some("POST / HTTP/1.1"));
    let mut names: Vec<_> =
        lines.map(|line| line.split_once(':').unwrap().0.to_ascii_lowercase()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "x-amz-date",
            "x-amz-security-token",
            "x-ddog-org-id"
        ]
    );
    assert!(head.contains("\r\nhost: sts.eu-west-1.amazonaws.com\r\n"), "{head}");
    assert!(!head.contains("the-callers"), "the caller's user agent is not sent on");
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::start(Answer::Text(JSON)).await;
    let transport = server.transport();
    for _ in 0..5 {
        transport.send(&request()).await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn p_20_a_redirect_is_not_followed() {
    // The location is the server itself: a client that follows would ask twice.
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let text = format!("HTTP/1.1 {status}\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
        let mut server = Server::start(Answer::Text(text.leak())).await;
        let outcome = server.transport().send(&request()).await;
        assert_eq!(outcome, Err(TransportError::Redirected), "{status}");
        assert!(server.requests.recv().await.is_some());
        assert!(server.requests.try_recv().is_err(), "{status} was followed");
    }
}

#[tokio::test]
async fn r_03_an_endless_answer_is_cut() {
    let server = Server::start(Answer::Endless).await;
    assert_eq!(server.transport().send(&request()).await, Err(TransportError::TooLarge));
}

#[tokio::test]
async fn r_03_a_slow_answer_times_out() {
    for answer in [Answer::Nothing, Answer::HeadOnly] {
        let server = Server::start(answer).await;
        let transport = StsHttp::new(StsHttpConfig {
            total_timeout: Duration::from_millis(50),
            endpoint_override: Some(server.url.clone()),
            ..StsHttpConfig::default()
        })
        .unwrap();
        assert_eq!(transport.send(&request()).await, Err(TransportError::TimedOut));
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_broken_connection() {
    for answer in [Answer::HangUp, Answer::Text("SSH-2.0-OpenSSH_9.6\r\n\r\n")] {
        let server = Server::start(answer).await;
        assert_eq!(server.transport().send(&request()).await, Err(TransportError::Broken));
    }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let server = Server::start(Answer::Nothing).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut closed = server.url.clone();
    closed.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    drop(listener);
    let config = StsHttpConfig { endpoint_override: Some(closed), ..StsHttpConfig::default() };
    let outcome = StsHttp::new(config).unwrap().send(&request()).await;
    assert_eq!(outcome, Err(TransportError::Unreachable));
}

#[tokio::test]
async fn p_21_an_answer_is_not_decompressed_and_none_is_asked_for() {
    let gzip = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbomb";
    let mut server = Server::start(Answer::Text(gzip)).await;
    assert_eq!(server.transport().send(&request()).await.unwrap().body, b"bomb");
    assert!(!server.requests.recv().await.unwrap().to_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn p_21_an_explicit_proxy_is_used() {
    let mut proxy = Server::start(Answer::Text(JSON)).await;
    let config = StsHttpConfig {
        proxy: Some(proxy.url.clone()),
        endpoint_override: Some(Url::parse("http://sts.invalid").unwrap()),
        ..StsHttpConfig::default()
    };
    StsHttp::new(config).unwrap().send(&request()).await.unwrap();
    assert!(proxy.requests.recv().await.unwrap().starts_with("POST http://sts.invalid/ HTTP/1.1"));
}

/// A process's environment cannot be changed safely, so the test that needs a server to be reached runs again in a
/// process that was given proxies at which nobody listens.
#[test]
fn p_21_proxies_of_the_environment_are_ignored() {
    let nobody = "http://127.0.0.1:1";
    let mut child = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        child.env(name, nobody);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let outcome = child.args(["--exact", "plain::connections_are_kept"]).output().unwrap();
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    assert!(outcome.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn without_an_override_only_https_is_spoken() {
    let mut server = Server::start(Answer::Text(JSON)).await;
    let https = server.url.as_str().replacen("http:", "https:", 1);
    let config = StsHttpConfig {
        endpoint_override: Some(Url::parse(&https).unwrap()),
        ..StsHttpConfig::default()
    };
    // The raw server takes the TLS handshake for a request that never ends, or hangs up.
    let config = StsHttpConfig { connect_timeout: Duration::from_millis(100), ..config };
    let outcome = StsHttp::new(config).unwrap().send(&request()).await;
    assert_eq!(outcome, Err(TransportError::Unreachable));
    assert!(server.requests.try_recv().is_err(), "nothing was sent in the clear");
}

#[test]
fn an_override_is_an_origin_and_nothing_more() {
    let setup = |url: &str| {
        StsHttp::new(StsHttpConfig {
            endpoint_override: Some(Url::parse(url).unwrap()),
            ..StsHttpConfig::default()
        })
        .map(|transport| transport.is_overridden())
    };
    assert_eq!(setup("http://127.0.0.1:4566"), Ok(true));
    assert_eq!(setup("https://sts.internal/"), Ok(true));
    for url in [
        "ftp://host",
        "http://host/path",
        "http://host/?q",
        "http://host/#f",
        "http://user@host",
        "data:text/plain,x",
    ] {
        assert_eq!(setup(url), Err(SetupError::Endpoint), "{url}");
    }
    assert!(!StsHttp::new(StsHttpConfig::default()).unwrap().is_overridden());
}
