//! What comes back with the response unchanged.

use std::fmt;

/// An opaque handle: the caller's key to what it remembers of the sign-in, never a URL.
///
/// 1 to 80 bytes (SAML bindings, section 3.4.3) of `A-Z a-z 0-9 - . _ ~`, so it can hold no address to send a
/// browser to and needs no escaping anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayState(String);

impl RelayState {
    /// Checks a handle, one's own or one that a browser brings back.
    pub fn parse(text: &str) -> Result<Self, RelayStateError> {
        let fits = (1..=80).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(RelayStateError) }
    }

    /// The handle.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RelayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayState(..)")
    }
}

/// Not a handle of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the relay state is not a handle of 1 to 80 letters, digits, `-`, `.`, `_` or `~`")]
pub struct RelayStateError;
