//! The credentials that come out.

use std::{fmt, sync::Arc};

use auth_model::{ExposeSecret, SecretString, Timestamp};

/// An access token. Cheap to clone; its text is in no `Debug`.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    text: SecretString,
    expires_at: Timestamp,
}

impl AccessToken {
    pub(crate) fn new(text: String, expires_at: Timestamp) -> Self {
        Self(Arc::new(Inner { text: text.into(), expires_at }))
    }

    /// The text, to be sent as `Authorization: Bearer <text>` and kept nowhere.
    pub fn expose(&self) -> &str {
        self.0.text.expose_secret()
    }

    /// When it expires, by the server's clock.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// Whether both are the token of the same exchange.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.0.expires_at)
            .finish_non_exhaustive()
    }
}

/// A managed API key: lets its holder submit telemetry. Its text is in no `Debug`.
#[derive(Clone)]
pub struct IntakeKey {
    text: SecretString,
    org_number: i64,
}

impl IntakeKey {
    pub(crate) fn new(text: String, org_number: i64) -> Self {
        Self { text: text.into(), org_number }
    }

    /// The text, to be sent as `DD-API-KEY`.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The organization's small number.
    pub fn org_number(&self) -> i64 {
        self.org_number
    }
}

impl fmt::Debug for IntakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntakeKey").field("org_number", &self.org_number).finish_non_exhaustive()
    }
}
