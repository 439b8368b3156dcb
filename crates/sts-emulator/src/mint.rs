//! Ids and secrets that look like AWS's: right prefix, length and alphabet.
//!
//! Everything is derived from one seed, so a test that starts twice with one seed sees the same values.

use std::sync::atomic::{AtomicU64, Ordering};

use auth_model::SecretString;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Derives every id and secret.
#[derive(Debug)]
pub(crate) struct Mint {
    key: hmac::Key,
    issued: AtomicU64,
    /// Apart from `issued`, so that credentials do not depend on how many requests came before.
    answered: AtomicU64,
}

impl Mint {
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, seed),
            issued: AtomicU64::new(0),
            answered: AtomicU64::new(0),
        }
    }

    /// A unique id, such as `AROA` and seventeen more characters.
    pub(crate) fn unique_id(&self, prefix: &str, name: &str) -> String {
        format!("{prefix}{}", base32(&self.derive("unique-id", name), 17))
    }

    /// An access key id: the prefix and sixteen more characters.
    pub(crate) fn access_key_id(&self, prefix: &str, name: &str) -> String {
        format!("{prefix}{}", base32(&self.derive("access-key", name), 16))
    }

    /// A secret access key: forty characters of base64, which may hold `/` and `+` as real ones do.
    pub(crate) fn secret(&self, name: &str) -> SecretString {
        let bytes = self.derive("secret", name);
        SecretString::from(STANDARD.encode(bytes.get(..30).unwrap_or_default()))
    }

    /// A session token. Real ones are longer; all that callers may know of one is that it is opaque.
    pub(crate) fn session_token(&self, name: &str) -> SecretString {
        let mut bytes = Vec::with_capacity(256);
        for part in 0..8 {
            bytes.extend_from_slice(&self.derive("token", &format!("{name}/{part}")));
        }
        SecretString::from(format!("FwoGZXIvYXdzE{}", STANDARD.encode(bytes)))
    }

    /// A name that no earlier call gave, for credentials that are issued on request.
    pub(crate) fn fresh(&self) -> String {
        format!("issued/{}", self.issued.fetch_add(1, Ordering::Relaxed))
    }

    /// An id in the form of a random UUID.
    pub(crate) fn request_id(&self) -> String {
        let bytes = self.derive("request", &self.next());
        let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// A number below `bound`, or zero where that is zero.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        let bytes = self.derive("number", &self.next());
        let number = bytes.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        number.checked_rem(bound).unwrap_or(0)
    }

    fn next(&self) -> String {
        format!("answered/{}", self.answered.fetch_add(1, Ordering::Relaxed))
    }

    fn derive(&self, purpose: &str, name: &str) -> Vec<u8> {
        hmac::sign(&self.key, format!("{purpose}/{name}").as_bytes()).as_ref().to_vec()
    }
}

/// One character for each of the first `length` bytes.
fn base32(bytes: &[u8], length: usize) -> String {
    bytes
        .iter()
        .map(|byte| {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            char::from(alphabet.get(usize::from(byte & 31)).copied().unwrap_or(b'A'))
        })
        .take(length)
        .collect()
}
