//! The keys that sign access tokens.

use std::{fmt, str::FromStr};

use crate::Timestamp;

/// Names a signing key in a token's header: 1 to 64 of `A-Z a-z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 1 to 64 letters, digits, `_` or `-`")]
pub struct KeyIdError;

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.into()))
        } else {
            Err(KeyIdError)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How tokens are signed (RFC 7518 §3.1, RFC 8037 §3.1). A key has one for life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256: understood everywhere.
    #[default]
    Es256,
    /// Ed25519: the fastest to sign.
    EdDsa,
    /// RSA PKCS#1 v1.5 with SHA-256, 2048 bits: for verifiers that know nothing newer.
    Rs256,
}

impl SigningAlgorithm {
    /// `ES256`, `EdDSA` or `RS256`: the registered names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

/// The text names no algorithm that tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing algorithm is one of `ES256`, `EdDSA`, `RS256`")]
pub struct AlgorithmError;

impl FromStr for SigningAlgorithm {
    type Err = AlgorithmError;

    fn from_str(text: &str) -> Result<Self, AlgorithmError> {
        [Self::Es256, Self::EdDsa, Self::Rs256]
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
            .ok_or(AlgorithmError)
    }
}

/// Where a signing key stands in its life. It only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Published, so that every verifier knows it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; still published until the last token it signed has expired.
    Retired,
}

impl KeyState {
    /// `next`, `current` or `retired`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }
}

/// The text names no state of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state of a signing key is one of `next`, `current`, `retired`")]
pub struct KeyStateError;

impl FromStr for KeyState {
    type Err = KeyStateError;

    fn from_str(text: &str) -> Result<Self, KeyStateError> {
        [Self::Next, Self::Current, Self::Retired]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(KeyStateError)
    }
}

/// A signing key as the store keeps it: the private half sealed under the master key.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What a token's header names it by.
    pub kid: KeyId,
    /// Fixed for life.
    pub algorithm: SigningAlgorithm,
    /// Where it stands.
    pub state: KeyState,
    /// PKCS#8, sealed.
    pub sealed_private: Vec<u8>,
    /// When it was made, thus published.
    pub created_at: Timestamp,
    /// When it came into its present state.
    pub state_since: Timestamp,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid.as_str())
            .field("algorithm", &self.algorithm)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
