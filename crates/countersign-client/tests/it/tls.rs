//! Whose certificate is believed.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};

use auth_model::SystemClock;
use countersign_client::{
    ApiClient, Auth, Client, ClientConfig, ClientError, EnvironmentCredentials, HttpOptions,
};
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

/// Siblings share connections, never what is believed, nor the way.
#[tokio::test]
async fn a_sibling_believes_what_its_own_settings_say() {
    let (certificate, port) = start();
    let config = |trusted: Option<&str>| {
        let url = format!("https://localhost:{port}").parse().unwrap();
        let org = "3fa85f64-5717-4562-b3fc-2c963f66afa6".parse().unwrap();
        let trusted_roots_pem = trusted.map(ToOwned::to_owned);
        ClientConfig { trusted_roots_pem, ..ClientConfig::new(url, org) }
    };
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let credentials = || Arc::new(EnvironmentCredentials::of_variables(keys));
    let first = Client::new(config(Some(&certificate)), credentials(), Arc::new(SystemClock));
    let first = first.unwrap();
    for (trusted, shares, words) in [
        (Some(certificate.as_str()), true, "can not be read"),
        (Some(start().0.as_str()), false, "certificate"),
        (None, false, "certificate"),
    ] {
        assert_eq!(first.speaks_like(&config(trusted)), shares);
        let sibling = first.sibling(config(trusted), credentials(), Arc::new(SystemClock)).unwrap();
        let error = sibling.intake_key().await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let others: [fn(&mut ClientConfig); 3] = [
        |config| config.proxy = Some("http://127.0.0.1:1".parse().unwrap()),
        |config| config.timeout = Duration::from_secs(1),
        |config| config.base_url = "http://localhost:1".parse().unwrap(),
    ];
    for change in others {
        let mut other = config(Some(&certificate));
        change(&mut other);
        assert!(!first.speaks_like(&other), "{other:?}");
    }
    // A scheme that is not for this host is refused here too.
    let mut other = config(Some(&certificate));
    other.base_url = "http://c.example".parse().unwrap();
    assert!(first.sibling(other, credentials(), Arc::new(SystemClock)).is_err());
}
