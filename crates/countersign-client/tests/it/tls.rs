//! Whose certificate is believed.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
};

use countersign_client::{ApiClient, Auth, ClientError, HttpOptions};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs::default_provider,
    pki_types::PrivateKeyDer,
};

/// Answers every request with `{"status":"ok"}`; its certificate, and its port.
fn start() -> (String, u16) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            answer(StreamOwned::new(connection, stream.unwrap()));
        }
    });
    (made.cert.pem(), port)
}

/// A client that does not believe the certificate hangs up; that is its right.
fn answer(stream: StreamOwned<ServerConnection, std::net::TcpStream>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
        line.clear();
    }
    let _ = reader.get_mut().write_all(
        b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}",
    );
}

async fn ask(port: u16, trusted: Option<String>) -> Result<(), ClientError> {
    let url = format!("https://localhost:{port}").parse().unwrap();
    let options = HttpOptions { trusted_roots_pem: trusted, ..HttpOptions::default() };
    ApiClient::new(url, Auth::Bearer("t".into()), options).unwrap().validate().await
}

#[tokio::test]
async fn a_certificate_is_believed_if_it_is_trusted() {
    let (certificate, port) = start();
    ask(port, Some(certificate)).await.unwrap();
}

#[tokio::test]
async fn any_other_certificate_is_not() {
    let (_, port) = start();
    let (another, _) = start();
    for trusted in [None, Some(another)] {
        let error = ask(port, trusted).await.unwrap_err();
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
