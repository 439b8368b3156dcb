//! Where the last good key survives a restart.

mod file;

use std::{fmt, path::PathBuf};

use auth_model::Timestamp;

use crate::{IntakeKey, KeyTarget};

pub use file::{FileCache, Seal};

/// Keeps one key between runs. Called on a thread that may block.
pub trait KeyCache: Send + Sync + fmt::Debug {
    /// What was stored last; nothing there is `Ok(None)`.
    fn load(&self) -> Result<Option<CachedKey>, CacheError>;

    /// Replaces it, all at once or not at all.
    fn store(&self, key: &CachedKey) -> Result<(), CacheError>;
}

/// A key, whose it is, and when it was good. A keeper takes none that was for somebody else or is too old.
#[derive(Clone, Debug)]
pub struct CachedKey {
    /// Who gave it, and for whom.
    pub target: KeyTarget,
    /// The key.
    pub key: IntakeKey,
    /// When the server handed it out last.
    pub obtained_at: Timestamp,
}

/// Why a cache gives or takes nothing. Holds no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The file can't be read or written.
    #[error("the key cache `{}` can't be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others could have read or replaced the key.
    #[error(
        "the key cache `{}` is open to others than its owner, so it is not used: remove it, and see who may write to its folder",
        path.display()
    )]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// The text is not that of a cache.
    #[error("the key cache `{}` is not one of this version, so it is not used", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
    },
    /// The text was not sealed by this seal.
    #[error(
        "the key cache `{}` does not open: it was sealed under another key, or was altered, so it is not used",
        path.display()
    )]
    Sealed {
        /// Which.
        path: PathBuf,
    },
    /// Another kind of cache failed.
    #[error("{0}")]
    Other(String),
}
