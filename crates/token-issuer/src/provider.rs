//! Lets `jsonwebtoken` sign and verify with keys that are parsed already.
//!
//! That crate parses the key at each call, which nearly doubles the cost of a signature. Its crypto provider is
//! one of two functions for the whole process, from a key's bytes to a signer or verifier. Ours finds the parsed
//! key for these bytes, and passes every key that it does not hold on to the provider it stands before. So it
//! changes what a call costs, never what comes of it; and if the process has another provider installed,
//! ES256 and EdDSA work all the same, only slower.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use auth_model::SigningAlgorithm;
use aws_lc_rs::{error::KeyRejected, signature::ParsedPublicKey};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, aws_lc::DEFAULT_PROVIDER},
    errors::Result,
    signature::{Error, Signer, Verifier},
};

use crate::key_pair::{KeyPair, PublicNumbers};

/// A key pair, parsed, beside the form that `jsonwebtoken` knows it by.
pub(crate) struct HeldKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    pub(crate) numbers: PublicNumbers,
    private: KeyPair,
    public: ParsedPublicKey,
    public_bytes: Vec<u8>,
}

impl HeldKey {
    /// Parses a PKCS#8 private key, or finds it parsed: snapshots of the ring that follow each other
    /// share their keys.
    pub(crate) fn hold(
        algorithm: SigningAlgorithm,
        pkcs8: &[u8],
    ) -> std::result::Result<Arc<Self>, KeyRejected> {
        install();
        let wanted = jwt_algorithm(algorithm);
        let is_it = |key: &Self| key.algorithm == wanted && key.encoding.as_bytes() == pkcs8;
        if let Some(held) = find(is_it) {
            return Ok(held);
        }
        let held = Arc::new(Self::parse(algorithm, pkcs8)?);
        let mut all = HELD.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|key| key.strong_count() > 0);
        all.push(Arc::downgrade(&held));
        Ok(held)
    }

    /// In bytes.
    pub(crate) fn signature_len(&self) -> usize {
        match &self.numbers {
            PublicNumbers::Point { .. } | PublicNumbers::Edwards { .. } => 64,
            PublicNumbers::Rsa { n, .. } => n.len(),
        }
    }

    fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> std::result::Result<Self, KeyRejected> {
        let private = KeyPair::parse(algorithm, pkcs8)?;
        let (numbers, public_bytes, public) = private.public()?;
        let (encoding, decoding) = match algorithm {
            SigningAlgorithm::Es256 => {
                (EncodingKey::from_ec_der(pkcs8), DecodingKey::from_ec_der(&public_bytes))
            }
            SigningAlgorithm::EdDsa => {
                (EncodingKey::from_ed_der(pkcs8), DecodingKey::from_ed_der(&public_bytes))
            }
            SigningAlgorithm::Rs256 => {
                (EncodingKey::from_rsa_der(pkcs8), DecodingKey::from_rsa_der(&public_bytes))
            }
        };
        let algorithm = jwt_algorithm(algorithm);
        Ok(Self { algorithm, encoding, decoding, numbers, private, public, public_bytes })
    }
}

/// The name that `jsonwebtoken` has for it.
pub(crate) fn jwt_algorithm(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
    }
}

/// Puts our provider in place, once. That another one may be there already is no error: see the head.
fn install() {
    static PROVIDER: OnceLock<CryptoProvider> = OnceLock::new();
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let provider = PROVIDER.get_or_init(|| CryptoProvider {
            signer_factory: signer,
            verifier_factory: verifier,
            key_utils: DEFAULT_PROVIDER.key_utils.clone(),
        });
        let _ = provider.install_default();
    });
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    match find(|held| held.algorithm == *algorithm && held.encoding.as_bytes() == key.as_bytes()) {
        Some(held) => Ok(Box::new(HeldSigner(held))),
        None => (DEFAULT_PROVIDER.signer_factory)(algorithm, key),
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let same = |held: &HeldKey| {
        held.algorithm == *algorithm
            && held.decoding.family() == key.family()
            && key.try_get_as_bytes().is_ok_and(|bytes| bytes == held.public_bytes)
    };
    match find(same) {
        Some(held) => Ok(Box::new(HeldVerifier(held))),
        None => (DEFAULT_PROVIDER.verifier_factory)(algorithm, key),
    }
}

fn find(is_it: impl Fn(&HeldKey) -> bool) -> Option<Arc<HeldKey>> {
    let all = HELD.read().unwrap_or_else(PoisonError::into_inner);
    all.iter().filter_map(Weak::upgrade).find(|key| is_it(key))
}

/// Every parsed key that a ring still has: a handful.
static HELD: RwLock<Vec<Weak<HeldKey>>> = RwLock::new(Vec::new());

struct HeldSigner(Arc<HeldKey>);

impl Signer<Vec<u8>> for HeldSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        self.0.private.sign(message).map_err(Error::from_source)
    }
}

impl JwtSigner for HeldSigner {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }
}

struct HeldVerifier(Arc<HeldKey>);

impl Verifier<Vec<u8>> for HeldVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        self.0.public.verify_sig(message, signature).map_err(Error::from_source)
    }
}

impl JwtVerifier for HeldVerifier {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }
}
