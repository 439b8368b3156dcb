//! Encrypted connections: certificates are verified, names too.

use std::{path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{connect::ConnectError, settings::Roots};

pub(crate) fn connector(roots: &Roots) -> Result<MakeRustlsConnect, ConnectError> {
    let store = match roots {
        Roots::Machine => machine()?,
        Roots::File(path) => file(path)?,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ConnectError::Tls)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn machine() -> Result<RootCertStore, ConnectError> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(found.certs);
    if added == 0 { Err(ConnectError::NoRoots) } else { Ok(store) }
}

fn file(path: &Path) -> Result<RootCertStore, ConnectError> {
    let unreadable = |source| ConnectError::Roots { path: path.to_owned(), source };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        store.add(certificate.map_err(unreadable)?).map_err(ConnectError::Tls)?;
    }
    if store.is_empty() { Err(ConnectError::NoRoots) } else { Ok(store) }
}
