//! Whose certificate is believed.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs::default_provider,
    pki_types::PrivateKeyDer,
    version::{TLS12, TLS13},
};
use sts_http::{StsHttp, StsHttpConfig, Url};
use sts_proof::{StsTransport, TransportError};

use crate::request;

/// A server that answers every request with 200; its certificate, and its port.
struct Server {
    certificate_pem: String,
    port: u16,
}

impl Server {
    fn start(name: &str, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
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
        Self { certificate_pem: made.cert.pem(), port }
    }

    async fn ask(&self, trusted: Option<&str>) -> Result<u16, TransportError> {
        let url = Url::parse(&format!("https://localhost:{}", self.port)).unwrap();
        let transport = StsHttp::new(StsHttpConfig {
            endpoint_override: Some(url),
            trusted_roots_pem: trusted.map(str::to_owned),
            ..StsHttpConfig::default()
        });
        transport.unwrap().send(&request()).await.map(|answer| answer.status)
    }
}

/// A client that does not believe the certificate hangs up; that is its right.
fn answer(stream: StreamOwned<ServerConnection, std::net::TcpStream>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
        line.clear();
    }
    let _ = reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

#[tokio::test]
async fn p_21_tls_of_either_version_with_a_trusted_certificate() {
    for version in [&TLS12, &TLS13] {
        let server = Server::start("localhost", &[version]);
        assert_eq!(server.ask(Some(&server.certificate_pem)).await, Ok(200), "{version:?}");
    }
}

#[tokio::test]
async fn p_21_a_certificate_of_another_name_or_issuer_is_not_believed() {
    let other_name = Server::start("sts.amazonaws.com", &[&TLS13]);
    let outcome = other_name.ask(Some(&other_name.certificate_pem)).await;
    assert_eq!(outcome, Err(TransportError::Unreachable), "another name");

    let server = Server::start("localhost", &[&TLS13]);
    let outcome = server.ask(Some(&other_name.certificate_pem)).await;
    assert_eq!(outcome, Err(TransportError::Unreachable), "another issuer");
    let outcome = server.ask(None).await;
    assert_eq!(outcome, Err(TransportError::Unreachable), "not one of the system's");
}
