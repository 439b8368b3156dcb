//! Through which proxy requests go.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    process::Command,
    thread,
};

use countersign_client::{ApiClient, Auth, HttpOptions, Url};

use crate::server::{Answer, NOON, Server};

/// Where nobody listens.
fn nowhere() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

/// The variables have to be there when the process starts, so the test runs itself once more.
#[tokio::test]
async fn no_proxy_of_the_environment_is_used() {
    const INNER: &str = "COUNTERSIGN_CLIENT_TEST_INNER";
    if env::var_os(INNER).is_some() {
        assert!(env::var_os("HTTP_PROXY").is_some());
        let server = Server::start(|_, _| Answer::token("t", NOON + 1_000)).await;
        server.client().access_token().await.unwrap();
        return;
    }
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", "proxy::no_proxy_of_the_environment_is_used"]).env(INNER, "1");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        again.env(name, nowhere());
    }
    again.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = again.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

#[tokio::test]
async fn a_configured_proxy_sees_a_host_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let seen = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
        let _ = reader.get_mut().write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
        head
    });
    let options = HttpOptions { proxy: Some(proxy), ..HttpOptions::default() };
    let url = "https://countersign.example/".parse().unwrap();
    let api = ApiClient::new(url, Auth::Bearer("s3cr3t".into()), options).unwrap();
    api.validate().await.unwrap_err();
    let head = seen.join().unwrap();
    assert!(head.starts_with("CONNECT countersign.example:443 "), "{head}");
    assert!(!head.contains("s3cr3t"), "{head}");
}

#[tokio::test]
async fn a_server_on_loopback_is_reached_without_the_proxy() {
    let server = Server::start(|_, _| Answer::new(200, r#"{"status":"ok"}"#)).await;
    let options = HttpOptions { proxy: Some(nowhere().parse().unwrap()), ..HttpOptions::default() };
    let api = ApiClient::new(server.url.clone(), Auth::Bearer("t".into()), options).unwrap();
    api.validate().await.unwrap();
}
