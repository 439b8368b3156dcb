//! TLS with a certificate of the caller's.

use std::{error::Error, sync::Arc};

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// Why a certificate and a key cannot be used.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Reads chain (leaf first) and key, PEM both.
pub(crate) fn configure(chain_pem: &[u8], key_pem: &[u8]) -> Result<Arc<ServerConfig>, Cause> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain_pem).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key_pem)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
