//! Key pairs of the three algorithms, parsed by AWS-LC once and then held.

use auth_model::SigningAlgorithm;
use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    error::{KeyRejected, Unspecified},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use zeroize::Zeroizing;

/// A private key that is ready to sign. Its bytes live in AWS-LC, which wipes them.
pub(crate) enum KeyPair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl KeyPair {
    /// A new private key as PKCS#8 (RFC 5958). It comes from AWS-LC's own generator, which the operating system
    /// seeds and which can't be exchanged for another.
    pub(crate) fn generate(algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let pkcs8 = match algorithm {
            SigningAlgorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?
                .to_pkcs8v1()?
                .as_ref()
                .to_vec(),
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate()?.to_pkcs8()?.as_ref().to_vec(),
            SigningAlgorithm::Rs256 => {
                let pkcs8: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
                pkcs8.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(pkcs8))
    }

    pub(crate) fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        Ok(match algorithm {
            SigningAlgorithm::Es256 => {
                Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?)
            }
            SigningAlgorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::from_pkcs8(pkcs8)?),
            SigningAlgorithm::Rs256 => Self::Rs256(RsaKeyPair::from_pkcs8(pkcs8)?),
        })
    }

    /// The signature in the form that JWS wants (RFC 7515 §A.3, RFC 7518 §3.3 and §3.4, RFC 8037 §3.1).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(key) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Self::EdDsa(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// The public half: the bytes, and parsed.
    pub(crate) fn public(&self) -> Result<(PublicNumbers, Vec<u8>, ParsedPublicKey), KeyRejected> {
        Ok(match self {
            Self::Es256(key) => {
                let bytes = key.public_key().as_ref().to_vec();
                // SEC 1 §2.3.3: 4, then both coordinates.
                let (x, y) = match bytes.split_first() {
                    Some((4, both)) if both.len() == 64 => both.split_at(32),
                    _ => return Err(Unspecified.into()),
                };
                let numbers = PublicNumbers::Point { x: x.to_vec(), y: y.to_vec() };
                let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &bytes)?;
                (numbers, bytes, parsed)
            }
            Self::EdDsa(key) => {
                let bytes = key.public_key().as_ref().to_vec();
                let parsed = ParsedPublicKey::new(&ED25519, &bytes)?;
                (PublicNumbers::Edwards { x: bytes.clone() }, bytes, parsed)
            }
            Self::Rs256(key) => {
                let public = key.public_key();
                let n = public.modulus().big_endian_without_leading_zero().to_vec();
                let e = public.exponent().big_endian_without_leading_zero().to_vec();
                let bytes = public.as_ref().to_vec();
                let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &bytes)?;
                (PublicNumbers::Rsa { n, e }, bytes, parsed)
            }
        })
    }
}

/// A public key as a JWK spells it: big-endian bytes.
pub(crate) enum PublicNumbers {
    Point { x: Vec<u8>, y: Vec<u8> },
    Edwards { x: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}
