//! Random texts that only their holder knows.

use auth_model::{Randomness, RandomnessError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// 256 random bits as 43 characters that may stand in a URL, a form and a cookie.
pub(crate) fn random_text(randomness: &dyn Randomness) -> Result<String, RandomnessError> {
    let mut bytes = [0; 32];
    randomness.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text may be one of these.
pub(crate) fn is_random_text(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
