//! A key in a file.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use auth_model::{ExposeSecret, SecretString, Timestamp};
use private_file::ReadError;
use serde::{Deserialize, Serialize};

use super::{CacheError, CachedKey, KeyCache};
use crate::{IntakeKey, KeyTarget};

/// A file that only its owner can read, replaced as a whole.
///
/// Without a seal, what protects the key is the file's mode (0600) alone: whoever runs as the same user, or as root,
/// reads it, as they would read the process's memory; so does a backup. With [`FileCache::sealed`] the file alone is
/// worth nothing; the seal's key should then lie elsewhere, such as in a credential of the service manager. The key ends
/// by itself with the server's rotation, and can only submit telemetry. On systems without such modes nothing but the
/// folder protects it.
#[derive(Clone, Debug)]
pub struct FileCache {
    path: PathBuf,
    seal: Option<Arc<dyn Seal>>,
}

/// Encrypts what a cache keeps, so that it can't be read or changed unseen.
pub trait Seal: Send + Sync + fmt::Debug {
    /// The sealed form, as text.
    fn seal(&self, text: &SecretString) -> Result<String, CacheError>;

    /// What was sealed; `None` if it was sealed otherwise or altered.
    fn open(&self, sealed: &str) -> Option<SecretString>;
}

impl FileCache {
    /// In this file; its folder must be there, and should belong to the same user.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), seal: None }
    }

    /// Sealed by this. What was there without a seal is not used any more.
    pub fn sealed(self, seal: Arc<dyn Seal>) -> Self {
        Self { seal: Some(seal), ..self }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn malformed(&self) -> CacheError {
        CacheError::Malformed { path: self.path.clone() }
    }

    fn failed(&self, source: std::io::Error) -> CacheError {
        CacheError::File { path: self.path.clone(), source }
    }
}

impl KeyCache for FileCache {
    fn load(&self) -> Result<Option<CachedKey>, CacheError> {
        let text = match private_file::read(&self.path, MAX_BYTES) {
            Ok(text) => SecretString::from(text),
            Err(ReadError::Missing { .. }) => return Ok(None),
            Err(ReadError::File { path, source }) => return Err(CacheError::File { path, source }),
            Err(ReadError::Exposed { path }) => return Err(CacheError::Exposed { path }),
            Err(_) => return Err(self.malformed()),
        };
        let text = match &self.seal {
            Some(seal) => seal
                .open(text.expose_secret())
                .ok_or_else(|| CacheError::Sealed { path: self.path.clone() })?,
            None => text,
        };
        let stored = serde_json::from_str::<Stored>(text.expose_secret());
        stored.ok().and_then(Stored::into_key).ok_or_else(|| self.malformed()).map(Some)
    }

    fn store(&self, key: &CachedKey) -> Result<(), CacheError> {
        let text = serde_json::to_string(&Stored::of(key)).map_err(|e| self.failed(e.into()))?;
        let text = match &self.seal {
            Some(seal) => seal.seal(&text.into())?,
            None => text,
        };
        private_file::write(&self.path, text.as_bytes(), None).map_err(|e| self.failed(e))
    }
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    server: String,
    org: String,
    region: Option<String>,
    id: String,
    org_id: i64,
    api_key: String,
    obtained_at: i64,
}

impl Stored {
    fn of(CachedKey { target, key, obtained_at }: &CachedKey) -> Self {
        Self {
            version: VERSION,
            server: target.server.clone(),
            org: target.org.to_string(),
            region: target.region.clone(),
            id: key.id.clone(),
            org_id: key.org_id,
            api_key: key.key.expose_secret().to_owned(),
            obtained_at: obtained_at.unix_seconds(),
        }
    }

    fn into_key(self) -> Option<CachedKey> {
        if self.version != VERSION || self.api_key.is_empty() {
            return None;
        }
        let org = self.org.parse().ok()?;
        Some(CachedKey {
            target: KeyTarget { server: self.server, org, region: self.region },
            key: IntakeKey { id: self.id, org_id: self.org_id, key: self.api_key.into() },
            obtained_at: Timestamp::from_unix_seconds(self.obtained_at),
        })
    }
}

const VERSION: u32 = 1;
const MAX_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Hides nothing, but knows its own.
    #[derive(Debug)]
    struct Marked(&'static str);

    impl Seal for Marked {
        fn seal(&self, text: &SecretString) -> Result<String, CacheError> {
            Ok(format!("{}{}", self.0, text.expose_secret()))
        }

        fn open(&self, sealed: &str) -> Option<SecretString> {
            sealed.strip_prefix(self.0).map(Into::into)
        }
    }

    fn cached(text: &str) -> CachedKey {
        let org = "3fa85f64-5717-4562-b3fc-2c963f66afa6".parse().unwrap();
        CachedKey {
            target: KeyTarget { server: "https://c.example".to_owned(), org, region: None },
            key: IntakeKey { id: "m1".to_owned(), org_id: 7, key: text.into() },
            obtained_at: Timestamp::from_unix_seconds(1_784_894_400),
        }
    }

    #[test]
    fn what_is_stored_comes_back_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FileCache::new(folder.path().join("key"));
        assert!(cache.load().unwrap().is_none());
        for text in ["k1", "k2"] {
            cache.store(&cached(text)).unwrap();
            let back = cache.load().unwrap().unwrap();
            assert_eq!(back.key.key.expose_secret(), text);
            assert_eq!((back.key.id.as_str(), back.key.org_id), ("m1", 7));
            assert_eq!(back.target, cached(text).target);
            assert_eq!(back.obtained_at, cached(text).obtained_at);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it_also_where_a_crash_left_something() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let cache = FileCache::new(folder.path().join("key"));
        fs::write(folder.path().join("key.new"), "half").unwrap();
        cache.store(&cached("k1")).unwrap();
        assert_eq!(fs::metadata(cache.path()).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(cache.path(), fs::Permissions::from_mode(mode)).unwrap();
            let error = cache.load().unwrap_err();
            assert!(matches!(error, CacheError::Exposed { .. }), "{error}");
        }
        cache.store(&cached("k2")).unwrap();
        assert!(cache.load().unwrap().is_some(), "the next good key puts it right");
    }

    #[test]
    fn what_is_no_cache_is_an_error_that_shows_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FileCache::new(folder.path().join("key"));
        cache.store(&cached("secret-text")).unwrap();
        let whole = fs::read_to_string(cache.path()).unwrap();
        let later = whole.replace("\"version\":1", "\"version\":2");
        for text in ["", "{}", whole.split_at(whole.len() / 2).0, &later] {
            fs::write(cache.path(), text).unwrap();
            let error = cache.load().unwrap_err();
            assert!(matches!(error, CacheError::Malformed { .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("secret-text"));
        }
        let nowhere = FileCache::new(folder.path().join("missing/key"));
        assert!(nowhere.load().unwrap().is_none());
        assert!(nowhere.store(&cached("k")).is_err());
    }

    #[test]
    fn a_sealed_cache_opens_under_its_seal_only() {
        let folder = tempfile::tempdir().unwrap();
        let plain = FileCache::new(folder.path().join("key"));
        let sealed = plain.clone().sealed(Arc::new(Marked("a:")));
        sealed.store(&cached("k1")).unwrap();
        assert!(fs::read_to_string(sealed.path()).unwrap().starts_with("a:"));
        assert_eq!(sealed.load().unwrap().unwrap().key.key.expose_secret(), "k1");
        assert!(matches!(plain.load(), Err(CacheError::Malformed { .. })));
        let other = plain.clone().sealed(Arc::new(Marked("b:")));
        assert!(matches!(other.load(), Err(CacheError::Sealed { .. })));
        plain.store(&cached("k2")).unwrap();
        assert!(matches!(sealed.load(), Err(CacheError::Sealed { .. })), "unsealed is not enough");
    }
}
