//! What a cache of keys is sealed with.

use std::path::Path;

use auth_model::{ExposeSecret, OsRandomness, SecretString};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_client::{CacheError, Seal};
use token_issuer::{MasterKey, SealContext, SealPurpose};

use crate::config::ConfigError;

/// AES-256-GCM under a key that lies elsewhere, such as in a credential of systemd.
#[derive(Debug)]
pub(crate) struct CacheSeal(MasterKey);

impl CacheSeal {
    /// The key of a file as `countersign init` makes it.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = SecretString::from(private_file::read(path, MAX_BYTES)?);
        let key = MasterKey::parse(text.expose_secret()).map_err(|error| {
            ConfigError::Wrong(format!("`{}` is no key for a cache: {error}", path.display()))
        })?;
        Ok(Self(key))
    }
}

impl Seal for CacheSeal {
    fn seal(&self, text: &SecretString) -> Result<String, CacheError> {
        let sealed = self.0.seal(&OsRandomness, &CONTEXT, text.expose_secret().as_bytes());
        sealed.map(|bytes| STANDARD.encode(bytes)).map_err(|e| CacheError::Other(e.to_string()))
    }

    fn open(&self, sealed: &str) -> Option<SecretString> {
        let bytes = STANDARD.decode(sealed.trim_ascii()).ok()?;
        let text = self.0.open(&CONTEXT, &bytes).ok()?;
        std::str::from_utf8(&text).ok().map(Into::into)
    }
}

/// What is sealed says itself whose it is, and a keeper looks.
const CONTEXT: SealContext<'static> =
    SealContext { purpose: SealPurpose::CachedKey, org: None, row: "agent cache" };
const MAX_BYTES: u64 = 4 * 1024;
