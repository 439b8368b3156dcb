//! TLS: served by the files of the configuration, and by their successors once they change.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::{path::Path, time::Duration};

use auth_model::OsRandomness;
use countersign_server::{Config, start};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use token_issuer::MasterKey;

/// Writes a new certificate and its key; returns the certificate.
fn renew(folder: &Path) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    cert.pem()
}

/// A client that trusts this one certificate and keeps no connection.
fn trusting(pem: &str) -> reqwest::Client {
    let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([certificate])
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let old = renew(folder.path());
    let toml = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"memory\"\n[tls]\ncertificate = {:?}\nprivate_key = {:?}\n",
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let config = Config::parse(&toml, &Vec::new()).unwrap();
    let running = start(config, MasterKey::generate(&OsRandomness).unwrap()).await.unwrap();
    let url = format!("https://localhost:{}/healthz", running.address().port());
    assert!(trusting(&old).get(&url).send().await.unwrap().status().is_success());

    let new = renew(folder.path());
    let client = trusting(&new);
    let served = async {
        while client.get(&url).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), served).await.expect("the new one is served");
    assert!(trusting(&old).get(&url).send().await.is_err(), "and the old one no longer");
    running.shut_down().await.unwrap();
}

#[tokio::test]
async fn a_key_that_does_not_fit_its_certificate_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    std::fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let toml = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"memory\"\n[tls]\ncertificate = {:?}\nprivate_key = {:?}\n",
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let config = Config::parse(&toml, &Vec::new()).unwrap();
    let error = start(config, MasterKey::generate(&OsRandomness).unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("key.pem"), "{error}");
}
