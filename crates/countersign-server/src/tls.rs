//! TLS by rustls. Certificate and key are read again when their files change.

use std::{path::Path, sync::Arc, time::Duration};

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use crate::{config::Tls, error::chain};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[error("TLS can't be set up with certificate `{certificate}` and key `{private_key}`")]
pub struct TlsError {
    certificate: String,
    private_key: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Reads certificate and key, and watches them for as long as the runtime lives.
pub(crate) fn configure(tls: &Tls) -> Result<RustlsConfig, TlsError> {
    let config = RustlsConfig::from_config(Arc::new(load(tls)?));
    tokio::spawn(watch(tls.clone(), config.clone()));
    Ok(config)
}

fn load(tls: &Tls) -> Result<ServerConfig, TlsError> {
    build(tls).map_err(|source| TlsError {
        certificate: tls.certificate.display().to_string(),
        private_key: tls.private_key.display().to_string(),
        source,
    })
}

fn build(tls: &Tls) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(&tls.certificate)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&tls.private_key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Compares the files' contents, not their times: renewal tools replace them in many ways.
async fn watch(tls: Tls, config: RustlsConfig) {
    let mut seen = contents(&tls);
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let now = contents(&tls);
        if now == seen {
            continue;
        }
        match load(&tls) {
            Ok(loaded) => {
                config.reload_from_config(Arc::new(loaded));
                tracing::info!("the TLS certificate was read again");
                seen = now;
            }
            // Perhaps only one of the two files is new yet; the old pair goes on serving.
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the changed TLS certificate can't be used");
            }
        }
    }
}

fn contents(tls: &Tls) -> [Option<Vec<u8>>; 2] {
    let read = |path: &Path| std::fs::read(path).ok();
    [read(&tls.certificate), read(&tls.private_key)]
}

const LOOK_AGAIN: Duration = Duration::from_secs(5);
