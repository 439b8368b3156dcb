//! The key at hand, and what is known about how it is kept.

use std::{fmt, sync::Arc, time::Duration};

use auth_model::{ExposeSecret, OrgId, SecretString, Timestamp};

use crate::IntakeKey;

/// A key to send, as `DD-API-KEY`. Cheap to clone; `Debug` does not show the text.
#[derive(Clone)]
pub struct CurrentKey(Arc<Inner>);

struct Inner {
    text: SecretString,
    source: KeySource,
    since: Timestamp,
}

/// Where a key is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// An exchange, in this run or an earlier one.
    Managed,
    /// The settings: there has been no managed key yet.
    Fallback,
}

impl CurrentKey {
    pub(crate) fn new(text: SecretString, source: KeySource, since: Timestamp) -> Self {
        Self(Arc::new(Inner { text, source, since }))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.text.expose_secret()
    }

    /// Where it is from.
    pub fn source(&self) -> KeySource {
        self.0.source
    }

    /// Since when it is the one to send.
    pub fn since(&self) -> Timestamp {
        self.0.since
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.source() == other.source() && self.expose() == other.expose()
    }
}

impl fmt::Debug for CurrentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentKey")
            .field("source", &self.0.source)
            .field("since", &self.0.since)
            .finish_non_exhaustive()
    }
}

/// What a keeper asks, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTarget {
    /// The server, without what may be secret in a URL.
    pub server: String,
    /// The organization.
    pub org: OrgId,
    /// The AWS Region whose STS is asked; `None` for the global one.
    pub region: Option<String>,
}

/// What an exchange gave.
#[derive(Clone, Debug)]
pub struct ObtainedKey {
    /// The key.
    pub key: IntakeKey,
    /// Where the AWS credentials came from.
    pub credentials_from: String,
}

/// How it stands with one key. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeeperStatus {
    /// In one word.
    pub state: KeyState,
    /// Whose key.
    pub target: KeyTarget,
    /// Where the AWS credentials of the last success, or of the last refusal, came from.
    pub credentials_from: Option<String>,
    /// Without jitter.
    pub refresh_interval: Duration,
    /// When a key was obtained last, in this run or, until then, in the one that left it in the cache.
    pub last_refresh: Option<Timestamp>,
    /// When the server is asked next; nudges come before it.
    pub next_refresh: Timestamp,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// Exchanges that gave a key, in this run.
    pub refreshes: u64,
    /// Exchanges that gave none, in this run.
    pub failures: u64,
    /// The last failure, while it is the last of all.
    pub last_error: Option<String>,
    /// Set if this machine's clock is the cause of the last failure.
    pub clock_skew: Option<ClockSkew>,
    /// What is wrong with the cache, if it could not be read or written.
    pub cache_error: Option<String>,
}

/// Which key there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// A managed one. It stays while refreshes fail.
    Active,
    /// None yet.
    Pending,
    /// The one of the settings, since no managed one was ever obtained.
    Fallback,
}

/// How far this machine's clock is from the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    /// How far.
    pub by: Duration,
    /// Whether this machine's clock is the one that is ahead.
    pub ahead: bool,
}
