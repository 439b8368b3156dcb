//! What exchanges give.

use std::{fmt, sync::Arc};

use auth_model::{ExposeSecret, SecretString, Timestamp};

/// An access token. Cheap to clone; `Debug` shows only when it ends.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    text: SecretString,
    expires_at: Timestamp,
}

impl Token {
    pub(crate) fn new(text: SecretString, expires_at: Timestamp) -> Self {
        Self(Arc::new(Inner { text, expires_at }))
    }

    /// The text, to be sent as `Authorization: Bearer <text>`.
    pub fn expose(&self) -> &str {
        self.0.text.expose_secret()
    }

    /// Until when it may be used, by this machine's clock: what the server said, less what the clocks differ by.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// Whether both are the same exchange's.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.0.expires_at).finish_non_exhaustive()
    }
}

/// A managed API key.
#[derive(Clone, Debug)]
pub struct IntakeKey {
    /// Of the intake mapping that gave it.
    pub id: String,
    /// The organization's small number.
    pub org_id: i64,
    /// 32 lower-case hexadecimal digits.
    pub key: SecretString,
}
