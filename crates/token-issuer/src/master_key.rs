//! The master key: the one secret an installation is given. Everything it seals is under a key derived from it.

use std::fmt;

use auth_model::{ExposeSecret as _, Randomness, RandomnessError, SecretString};
use aws_lc_rs::{
    aead::{AES_256_GCM, LessSafeKey, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    SealPurpose,
    api_key::{hex, random_hex},
};

/// Seals what the store keeps. Holds only keys derived from the master key (HKDF-SHA-256, RFC 5869), one for
/// each purpose, so that a value sealed for one purpose can't be passed off as another's.
pub struct MasterKey {
    sealing: [(SealPurpose, LessSafeKey); SealPurpose::ALL.len()],
    fingerprint: String,
}

/// Why there is no usable master key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// Neither of the two accepted forms.
    #[error(
        "the master key is 32 random bytes, written as 64 hexadecimal digits or 44 characters of base64; \
         this text has {length} characters and is neither"
    )]
    Form {
        /// Of the text, without white space at its ends.
        length: usize,
    },
    /// All bytes are the same: a placeholder, not a key.
    #[error("the master key is one byte repeated; it must be 32 random bytes")]
    Placeholder,
    /// Not the key that the store's values were sealed under.
    #[error(
        "the store was sealed under the master key with fingerprint `{expected}`, but the one given has \
         fingerprint `{found}`; give the master key that this store was set up with"
    )]
    Mismatch {
        /// As the store remembers it.
        expected: String,
        /// Of the key given.
        found: String,
    },
    /// No random bytes to make one from.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The cryptographic library refused; not expected.
    #[error("no key could be derived from the master key")]
    Derivation,
}

impl MasterKey {
    /// From 64 hexadecimal digits or the base64 (RFC 4648 §4, padding optional) of 32 bytes. White space at
    /// either end, such as a file's last line break, does not count.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim_ascii();
        let form = MasterKeyError::Form { length: text.chars().count() };
        let mut bytes = Zeroizing::new([0; 32]);
        let read = if text.len() == 64 {
            read_hex(text, &mut bytes)
        } else {
            BASE64.decode_slice(text, bytes.as_mut_slice()).ok()
        };
        if read != Some(32) {
            return Err(form);
        }
        let [first, rest @ ..] = &*bytes;
        if rest.iter().all(|byte| byte == first) {
            return Err(MasterKeyError::Placeholder);
        }
        Self::derive(bytes.as_slice())
    }

    /// The text of a new master key, 64 hexadecimal digits, for [`MasterKey::parse`]. Whoever loses it loses
    /// all that was sealed.
    pub fn new_text(randomness: &dyn Randomness) -> Result<SecretString, RandomnessError> {
        random_hex::<32>(randomness)
    }

    /// A new master key that ends with the process, for tests and trials.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, MasterKeyError> {
        Self::parse(Self::new_text(randomness)?.expose_secret())
    }

    /// 16 hexadecimal digits that tell master keys apart and reveal nothing of them. Kept beside what is
    /// sealed, it shows at the start whether the right key was given.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Fails with [`MasterKeyError::Mismatch`] unless this key has the fingerprint that the store remembers.
    pub fn check_fingerprint(&self, expected: &str) -> Result<(), MasterKeyError> {
        if self.fingerprint.as_bytes().ct_eq(expected.as_bytes()).into() {
            return Ok(());
        }
        let expected = expected.chars().filter(char::is_ascii_graphic).take(32).collect();
        Err(MasterKeyError::Mismatch { expected, found: self.fingerprint.clone() })
    }

    /// The key for one purpose.
    pub(crate) fn sealing(&self, purpose: SealPurpose) -> Option<&LessSafeKey> {
        self.sealing.iter().find(|(of, _)| *of == purpose).map(|(_, key)| key)
    }

    fn derive(master: &[u8]) -> Result<Self, MasterKeyError> {
        let root = Salt::new(HKDF_SHA256, b"countersign master key v1").extract(master);
        let sealing = |purpose: SealPurpose| -> Result<_, MasterKeyError> {
            let key = expand::<32>(&root, &["seal ", purpose.as_str()])?;
            let key = UnboundKey::new(&AES_256_GCM, key.as_slice())
                .map_err(|_| MasterKeyError::Derivation)?;
            Ok((purpose, LessSafeKey::new(key)))
        };
        let [signing, managed, aws, session, assertion, cached] = SealPurpose::ALL;
        Ok(Self {
            sealing: [
                sealing(signing)?,
                sealing(managed)?,
                sealing(aws)?,
                sealing(session)?,
                sealing(assertion)?,
                sealing(cached)?,
            ],
            fingerprint: hex(expand::<8>(&root, &["fingerprint"])?.as_slice()),
        })
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(root: &Prk, info: &[&str]) -> Result<Zeroizing<[u8; N]>, MasterKeyError> {
    let info: Vec<&[u8]> = info.iter().map(|part| part.as_bytes()).collect();
    let mut out = Zeroizing::new([0; N]);
    root.expand(&info, Length(N))
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .map_err(|_| MasterKeyError::Derivation)?;
    Ok(out)
}

fn read_hex(text: &str, out: &mut [u8; 32]) -> Option<usize> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    for ([high, low], byte) in pairs.iter().zip(out.iter_mut()) {
        *byte = digit(*high)? * 16 + digit(*low)?;
    }
    Some(pairs.len())
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
