//! Sealing: AES-256-GCM (NIST SP 800-38D), tied to what the value is for and to the row that it stands in.

use auth_model::{OrgId, Randomness, RandomnessError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce};
use zeroize::Zeroizing;

use crate::MasterKey;

/// What a sealed value is. Each purpose has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealPurpose {
    /// The private half of a key that signs access tokens.
    SigningKey,
    /// The text of a managed API key.
    ManagedKey,
    /// The secret of an AWS access key that an organization has entrusted to us.
    AwsSecretAccessKey,
    /// What a browser holds of its session.
    SessionCookie,
    /// What an assertion said of somebody.
    Assertion,
    /// A managed API key that an agent keeps over restarts.
    CachedKey,
}

impl SealPurpose {
    pub(crate) const ALL: [Self; 6] = [
        Self::SigningKey,
        Self::ManagedKey,
        Self::AwsSecretAccessKey,
        Self::SessionCookie,
        Self::Assertion,
        Self::CachedKey,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SigningKey => "signing_key",
            Self::ManagedKey => "managed_key",
            Self::AwsSecretAccessKey => "aws_secret_access_key",
            Self::SessionCookie => "session_cookie",
            Self::Assertion => "assertion",
            Self::CachedKey => "cached_key",
        }
    }
}

/// Where a sealed value belongs. It opens nowhere else, so that whoever can write to the store still can't
/// move a secret to another organization or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// What it is.
    pub purpose: SealPurpose,
    /// Whose it is; `None` for what belongs to the installation.
    pub org: Option<OrgId>,
    /// The row's own name: its id, and whatever else of the row must not be exchanged.
    pub row: &'a str,
}

/// Why a value was not sealed, or not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No nonce could be drawn.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// Shorter than any sealed value.
    #[error("a sealed value is at least {SHORTEST} bytes, this one has {length}")]
    Truncated {
        /// In bytes.
        length: usize,
    },
    /// Sealed by a later version.
    #[error("the value is sealed in form {found}, and only form {VERSION} is known here")]
    Version {
        /// The first byte.
        found: u8,
    },
    /// Another master key, purpose, organization or row; or bytes that were altered.
    #[error(
        "the sealed value does not open: it was sealed under another master key or for another row, or was altered"
    )]
    NotAuthentic,
    /// More than AES-GCM can take in one go; not expected.
    #[error("the value is too long to be sealed")]
    TooLong,
}

impl MasterKey {
    /// Seals `plaintext`. The result is a version byte, a random 96-bit nonce, the ciphertext and a 128-bit tag: 29
    /// bytes more than what went in.
    ///
    /// Random nonces are safe for 2³² values of one purpose (SP 800-38D §8.3).
    pub fn seal(
        &self,
        randomness: &dyn Randomness,
        context: &SealContext<'_>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        randomness.fill(&mut nonce)?;
        let key = self.sealing(context.purpose).ok_or(SealError::NotAuthentic)?;
        // Encrypted in place in a buffer of the final size: the plaintext leaves no copy behind.
        let mut body = Zeroizing::new(Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len()));
        body.extend_from_slice(plaintext);
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated_data(context)),
            &mut *body,
        )
        .map_err(|_| SealError::TooLong)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what [`MasterKey::seal`] sealed for the same context.
    pub fn open(
        &self,
        context: &SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let truncated = SealError::Truncated { length: sealed.len() };
        if sealed.len() < SHORTEST {
            return Err(truncated);
        }
        let (&version, rest) = sealed.split_first().ok_or(truncated)?;
        if version != VERSION {
            return Err(SealError::Version { found: version });
        }
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(truncated)?;
        let key = self.sealing(context.purpose).ok_or(SealError::NotAuthentic)?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(associated_data(context)),
                &mut body,
            )
            .map_err(|_| SealError::NotAuthentic)?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

/// What the tag covers beside the ciphertext. The row, the only part of variable length, comes last.
fn associated_data(context: &SealContext<'_>) -> Vec<u8> {
    let mut data = Vec::with_capacity(64 + context.row.len());
    data.push(VERSION);
    data.extend_from_slice(context.purpose.as_str().as_bytes());
    data.push(0);
    match context.org {
        None => data.push(0),
        Some(org) => {
            data.push(1);
            data.extend_from_slice(org.0.as_bytes());
        }
    }
    data.extend_from_slice(context.row.as_bytes());
    data
}

/// The form of sealed values that is written here.
const VERSION: u8 = 1;
/// Version, nonce and tag around nothing.
const SHORTEST: usize = 1 + NONCE_LEN + 16;
