//! The service provider's own key, for identity providers that take signed requests only.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{self, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_keys::{Key, loader};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject};

/// An RSA key with its certificate. Its `Debug` shows neither.
pub struct SigningKey {
    pair: KeyPair,
    key: Key,
    certificate: String,
}

impl SigningKey {
    /// From a private key in PKCS #8 and its certificate, both PEM. The certificate only carries the public key
    /// to the identity provider.
    pub fn from_pem(private_key: &str, certificate: &str) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(private_key.as_bytes())
            .map_err(|_| KeyError::PrivateKey)?;
        let pair = KeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| KeyError::PrivateKey)?;
        let key = loader::load_pem_auto(private_key.as_bytes(), None)
            .map_err(|_| KeyError::PrivateKey)?;
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|_| KeyError::Certificate)?;
        let public = loader::load_x509_cert_der(&certificate).map_err(|_| KeyError::Certificate)?;
        let same = public.to_spki_der().is_some_and(|spki| {
            // The SPKI of an RSA key ends in the PKCS #1 form of it.
            spki.ends_with(pair.public_key().as_ref())
        });
        if !same {
            return Err(KeyError::Mismatch);
        }
        Ok(Self { pair, key, certificate: STANDARD.encode(&certificate) })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Signing)?;
        Ok(signature)
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Base64 of the certificate's DER.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// Why a key is not taken, or did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not an RSA key of at least 2048 bits in PKCS #8 PEM.
    #[error("the private key is not rsa of at least 2048 bits in pkcs#8 pem")]
    PrivateKey,
    /// Not an X.509 certificate in PEM.
    #[error("the certificate can not be read; give an x.509 certificate in pem")]
    Certificate,
    /// The certificate is of another key.
    #[error("the certificate is not of the private key")]
    Mismatch,
    /// The cryptographic library failed.
    #[error("signing failed")]
    Signing,
}
