//! The certificates that an identity provider signs with.

use std::fmt;

use aws_lc_rs::{digest, rsa::PublicEncryptingKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_keys::{Key, loader};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// The SHA-256 of a certificate's DER. Shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of these DER bytes.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, der);
        Self(hash.as_ref().try_into().unwrap_or_default())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A certificate whose key signatures are verified with.
///
/// It only carries the key, as SAML metadata has it: neither its own dates nor who issued it are looked at.
/// A key is retired by taking its certificate out of the metadata.
#[derive(Clone)]
pub struct IdpCertificate {
    fingerprint: Fingerprint,
    key: Key,
}

impl IdpCertificate {
    /// From DER. RSA of 2048 to 8192 bits, P-256 and P-384 are taken.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_BYTES {
            return Err(CertificateError::TooLong);
        }
        let key = loader::load_x509_cert_der(der).map_err(|_| CertificateError::Unreadable)?;
        match key.algorithm_name() {
            "EC-P256" | "EC-P384" => {}
            "RSA" => {
                let spki = key.to_spki_der().ok_or(CertificateError::Unreadable)?;
                let bits =
                    PublicEncryptingKey::from_der(&spki).map_or(0, |key| key.key_size_bits());
                if !(2_048..=8_192).contains(&bits) {
                    return Err(CertificateError::WeakKey);
                }
            }
            _ => return Err(CertificateError::KeyKind),
        }
        Ok(Self { fingerprint: Fingerprint::of(der), key })
    }

    /// From the first certificate of a PEM text.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| CertificateError::Unreadable)?;
        Self::from_der(&der)
    }

    /// From base64 of DER with any white space, as metadata has it.
    pub(crate) fn from_base64(text: &str) -> Result<Self, CertificateError> {
        if text.len() > MAX_BYTES * 2 {
            return Err(CertificateError::TooLong);
        }
        let bare: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(bare).map_err(|_| CertificateError::Unreadable)?;
        Self::from_der(&der)
    }

    /// Names it in logs and audit.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }
}

impl PartialEq for IdpCertificate {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for IdpCertificate {}

impl fmt::Debug for IdpCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdpCertificate")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Why a certificate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// More than 16 KiB.
    #[error("the certificate is longer than 16 KiB")]
    TooLong,
    /// Not base64, PEM or DER of an X.509 certificate, or a key that is malformed or unknown.
    #[error("the certificate can not be read")]
    Unreadable,
    /// Neither RSA nor P-256 nor P-384.
    #[error("the certificate's key is neither rsa nor p-256 nor p-384")]
    KeyKind,
    /// RSA of less than 2048 bits, or more than 8192.
    #[error("the certificate's rsa key is not of 2048 to 8192 bits")]
    WeakKey,
}

const MAX_BYTES: usize = 16 * 1024;
