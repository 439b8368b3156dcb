//! The text of API and application keys: made at random, found by its SHA-256, never kept.

use std::fmt::Write as _;

use auth_model::{KeyHash, Randomness, RandomnessError, SecretString};
use aws_lc_rs::digest::{SHA256, digest};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// What a key of this text is found by.
pub fn hash_key(text: &str) -> KeyHash {
    KeyHash(sha256(text.as_bytes()))
}

/// Whether both are the hash of the same key, in a time that does not depend on where they differ.
pub fn same_key(a: &KeyHash, b: &KeyHash) -> bool {
    // Eight bytes at a time: byte by byte takes half as long as the hash itself.
    let ((a, _), (b, _)) = (a.0.as_chunks::<8>(), b.0.as_chunks::<8>());
    let pairs = a.iter().zip(b).map(|(a, b)| (u64::from_ne_bytes(*a), u64::from_ne_bytes(*b)));
    pairs.fold(Choice::from(1), |same, (a, b)| same & a.ct_eq(&b)).into()
}

/// The text of a new API key: 32 lower-case hexadecimal digits, 128 random bits.
pub fn new_api_key_text(randomness: &dyn Randomness) -> Result<SecretString, RandomnessError> {
    random_hex::<16>(randomness)
}

/// The text of a new application key: 40 lower-case hexadecimal digits, 160 random bits.
pub fn new_app_key_text(randomness: &dyn Randomness) -> Result<SecretString, RandomnessError> {
    random_hex::<20>(randomness)
}

/// The last four characters of a key's text: the only part of it that may be shown.
pub fn last4(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(4);
    text.chars().skip(skip).collect()
}

/// `N` random bytes in hexadecimal.
pub(crate) fn random_hex<const N: usize>(
    randomness: &dyn Randomness,
) -> Result<SecretString, RandomnessError> {
    let mut bytes = Zeroizing::new([0; N]);
    randomness.fill(bytes.as_mut_slice())?;
    Ok(SecretString::from(hex(bytes.as_slice())))
}

/// Lower-case hexadecimal. Allocated once, so that no copy is left behind by growing.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
