//! A key in a file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use auth_model::{ExposeSecret, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CacheError, CachedKey, KeyCache};
use crate::{IntakeKey, KeyTarget};

/// A file that only its owner can read, replaced as a whole.
///
/// What protects the key is the file's mode (0600) alone: it is not encrypted, as whatever could open it would lie
/// beside it. Whoever runs as the same user, or as root, reads it, as they would read the process's memory; so does a
/// backup. The key ends by itself with the server's rotation, and can only submit telemetry. On systems without such
/// modes nothing but the folder protects it.
#[derive(Clone, Debug)]
pub struct FileCache {
    path: PathBuf,
}

impl FileCache {
    /// In this file; its folder must be there, and should belong to the same user.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, source: io::Error) -> CacheError {
        CacheError::File { path: self.path.clone(), source }
    }
}

impl KeyCache for FileCache {
    fn load(&self) -> Result<Option<CachedKey>, CacheError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        // Of the file that is open, not of whatever has the name by then.
        if is_exposed(&file.metadata().map_err(|e| self.failed(e))?) {
            return Err(CacheError::Exposed { path: self.path.clone() });
        }
        let mut text = String::new();
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(|e| self.failed(e))?;
        let malformed = || CacheError::Malformed { path: self.path.clone() };
        let stored: Stored = serde_json::from_str(&text).map_err(|_| malformed())?;
        stored.into_key().ok_or_else(malformed).map(Some)
    }

    fn store(&self, key: &CachedKey) -> Result<(), CacheError> {
        let text = serde_json::to_string(&Stored::of(key)).map_err(|e| self.failed(e.into()))?;
        replace(&self.path, text.as_bytes()).map_err(|e| self.failed(e))
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

/// Writes beside the file and renames, so that a reader, or a crash, finds the old or the new one whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    // What a crash has left there may have another mode; a link there would be written through.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The rename itself lasts only once the folder is written. Where folders can't be opened, it is left to the system.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match File::open(folder.unwrap_or(Path::new("."))) {
        Ok(folder) if cfg!(unix) => folder.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_exposed(file: &fs::Metadata) -> bool {
    !file.is_file() || std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(file: &fs::Metadata) -> bool {
    !file.is_file()
}

const VERSION: u32 = 1;
const MAX_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

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
}
