//! One process at a time.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

use super::beside;

/// Held while this lives: no other process uses the file. It is the lock of a file beside it (`NAME.lock`), which stays;
/// the system lets go of it however the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `path`; `None` if another holds it.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path, "lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether somebody holds the lock of `path`; no if that can't be seen.
    pub fn is_held(path: &Path) -> bool {
        let lock = File::open(beside(path, "lock"));
        lock.is_ok_and(|lock| {
            matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_dropping_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(!Lock::is_held(&path));
        let first = Lock::take(&path).unwrap();
        assert!(first.is_some() && Lock::is_held(&path));
        assert!(Lock::take(&path).unwrap().is_none());
        drop(first);
        assert!(!Lock::is_held(&path));
        assert!(Lock::take(&path).unwrap().is_some());
    }
}
