//! TLS: served by the files of the configuration, and by their successors once they change; and STS believed by
//! the certificates that the configuration names.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

use std::{path::Path, time::Duration};

use auth_model::{Clock as _, OrgId, OsRandomness, SystemClock};
use countersign_server::{Config, start};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use sts_emulator::StsEmulator;
use sts_proof::{AwsCredentials, ClientStyle, Proof, SignOptions};
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

#[tokio::test]
async fn sts_is_believed_by_the_certificates_of_the_configuration_alone() {
    let [folder, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [chain, _] = [renew(folder.path()), renew(other.path())];
    let key = std::fs::read(folder.path().join("key.pem")).unwrap();
    let sts = StsEmulator::builder().tls(chain.as_bytes(), &key).unwrap().start().await.unwrap();
    for (trusted, calls) in [(&other, 0), (&folder, 1)] {
        let toml = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"memory\"\n[sts]\nendpoint_override = \"https://localhost:{}\"\nca_certificates = {:?}\n",
            sts.local_addr().port(),
            trusted.path().join("cert.pem"),
        );
        let config = Config::parse(&toml, &Vec::new()).unwrap();
        let running = start(config, MasterKey::generate(&OsRandomness).unwrap()).await.unwrap();
        let url = format!("http://{}/api/v2/delegated-token", running.address());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.post(&url).header("Authorization", proof()).send().await.unwrap();
        // Nobody knows the key, but STS was asked.
        assert_eq!(sts.request_count(), calls);
        running.shut_down().await.unwrap();
    }
}

fn proof() -> String {
    let credentials = AwsCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned().into(),
        session_token: None,
    };
    let options = SignOptions {
        org: OrgId::random(&OsRandomness).unwrap(),
        region: None,
        style: ClientStyle::Go,
        user_agent: "test",
        at: SystemClock.now(),
    };
    format!("Delegated {}", Proof::sign(&credentials, &options).unwrap().expose())
}

#[tokio::test]
async fn certificates_for_sts_that_are_missing_or_none_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    for words in ["authorities.pem", "configuration"] {
        let toml = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"memory\"\n[sts]\nca_certificates = {file:?}\n"
        );
        let config = Config::parse(&toml, &Vec::new()).unwrap();
        let error = start(config, MasterKey::generate(&OsRandomness).unwrap()).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        std::fs::write(&file, "no certificate").unwrap();
    }
}
