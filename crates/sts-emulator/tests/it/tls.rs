//! The same STS over TLS, with a certificate of the caller's.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};
use sts_emulator::{StartError, StsEmulator};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::support::{ACCOUNT, BODY, Plan, builder, bytes, parse};

fn certificate() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

async fn ask(
    sts: &StsEmulator,
    trusted: &rcgen::Certificate,
    bytes: &[u8],
) -> std::io::Result<Vec<u8>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(sts.local_addr()).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await?;
    stream.write_all(bytes).await?;
    let mut out = Vec::new();
    stream.read_to_end(&mut out).await?;
    Ok(out)
}

#[tokio::test]
async fn answers_over_tls_and_counts_handshakes_not_requests() {
    let made = certificate();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let builder = builder().tls(chain.as_bytes(), key.as_bytes()).unwrap();
    let sts = builder.start().await.unwrap();
    assert!(sts.url().starts_with("https://127.0.0.1:"), "{}", sts.url());
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let last = bytes(&Plan::new(BODY).sign(&user));
    let text = String::from_utf8(last.clone()).unwrap();
    let first = text.replace("connection: close\r\n", "").into_bytes();

    let answer = ask(&sts, &made.cert, &[first, last].concat()).await.unwrap();
    assert_eq!(parse(&answer).status, 200);
    assert_eq!((sts.handshake_count(), sts.request_count()), (1, 2));

    let stranger = certificate();
    ask(&sts, &stranger.cert, b"GET / HTTP/1.1\r\n\r\n").await.unwrap_err();
    assert_eq!(sts.handshake_count(), 1, "one that the client gave up is none");

    let host = sts.local_addr();
    let control =
        format!("GET /_control/requests HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let answer = parse(&ask(&sts, &made.cert, control.as_bytes()).await.unwrap()).json();
    assert_eq!((&answer["handshakes"], &answer["count"]), (&2.into(), &2.into()));
    drop(sts.take_requests());
    assert_eq!(sts.handshake_count(), 0);
}

#[test]
fn a_certificate_or_key_that_cannot_be_used_is_refused_at_once() {
    let (one, other) = (certificate(), certificate());
    let (chain, key) = (one.cert.pem(), other.signing_key.serialize_pem());
    for (chain, key) in [("none", key.as_str()), (&chain, "none"), (&chain, &key)] {
        let error = StsEmulator::builder().tls(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(matches!(error, StartError::Tls(_)), "{error}");
    }
}
