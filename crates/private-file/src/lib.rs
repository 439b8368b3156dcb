//! Files that are for one user alone: keys, and what leads to keys.
//!
//! It is a crate of its own because the client, the agent and the command line all keep such files, and none of them may
//! know the others.
//!
//! * **Written** whole or not at all ([`write()`]): to a file beside it, with mode 0600 from its first byte, synced, renamed
//!   over. A reader, a crash or a full disk finds the old text or the new, and nothing else is left behind.
//! * **Read** only if nobody but the owner could have ([`read()`]); the check is on the open file, not on its name.
//! * **Locked** by one process at a time ([`Lock`]), also against one that died.
//!
//! On systems without such modes nothing but the folder protects a file, and owners can't be set.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("key");
//! private_file::write(&path, b"0123", None)?;
//! assert_eq!(private_file::read(&path, 64)?, "0123");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lock;
mod owner;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

pub use lock::Lock;
pub use owner::{Owner, OwnerError};

/// Why a file was not read. Holds nothing of its text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not there.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// Which.
        path: PathBuf,
    },
    /// The system does not let us.
    #[error("can't read `{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a folder, or its mode lets others read or write it.
    #[error(
        "`{}` can be read by others than its owner: `chmod 600` it",
        path.display()
    )]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// There is more in it than such a file holds.
    #[error("`{}` is longer than {max_bytes} bytes, so it is not what it should be", path.display())]
    TooLong {
        /// Which.
        path: PathBuf,
        /// The most that is read.
        max_bytes: u64,
    },
}

/// Replaces the file by `bytes`, readable by its owner alone: `owner`, or the user of this process.
pub fn write(path: &Path, bytes: &[u8], owner: Option<Owner>) -> io::Result<()> {
    let temporary = beside(path, "new");
    // What a crash has left there may have another mode; a link there would be written through.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = fill(&temporary, bytes, owner).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error says more than a second one would.
        let _ = fs::remove_file(&temporary);
        return written;
    }
    // The rename itself lasts only once the folder is written. Where folders can't be opened, it is left to the system.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match File::open(folder.unwrap_or(Path::new("."))) {
        Ok(folder) if cfg!(unix) => folder.sync_all(),
        _ => Ok(()),
    }
}

/// The text of the file.
pub fn read(path: &Path, max_bytes: u64) -> Result<String, ReadError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing { path: path.to_owned() },
        _ => ReadError::File { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(failed)?;
    // Of the file that is open, not of whatever has the name by then.
    if is_exposed(&file.metadata().map_err(failed)?) {
        return Err(ReadError::Exposed { path: path.to_owned() });
    }
    let mut text = String::new();
    let read = file.take(max_bytes.saturating_add(1)).read_to_string(&mut text).map_err(failed)?;
    if u64::try_from(read).is_ok_and(|read| read > max_bytes) {
        return Err(ReadError::TooLong { path: path.to_owned(), max_bytes });
    }
    Ok(text)
}

fn fill(path: &Path, bytes: &[u8], owner: Option<Owner>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if let Some(owner) = owner {
        // Before there is anything in it.
        owner.give(&file)?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// The path with `.{ending}` after its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(unix)]
fn is_exposed(file: &fs::Metadata) -> bool {
    file.is_dir() || std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(file: &fs::Metadata) -> bool {
    file.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(beside(&path, "new"), "half of something").unwrap();
        for text in ["k1", "k2"] {
            write(&path, text.as_bytes(), None).unwrap();
            assert_eq!(read(&path, 2).unwrap(), text);
        }
        assert!(matches!(read(&path, 1), Err(ReadError::TooLong { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_fails_leaves_the_old_text_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("x"), "").unwrap();
        assert!(write(&taken, b"k", None).is_err(), "a folder can't be replaced");
        assert!(write(&folder.path().join("missing/key"), b"k", None).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(matches!(read(&taken, 9), Err(ReadError::Exposed { .. })));
        assert!(matches!(read(&folder.path().join("no"), 9), Err(ReadError::Missing { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn what_others_could_read_or_write_is_not_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"k", None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path, 9), Err(ReadError::Exposed { .. })), "{mode:o}");
        }
        write(&path, b"k", None).unwrap();
        assert!(read(&path, 9).is_ok(), "writing it anew puts it right");
    }
}
