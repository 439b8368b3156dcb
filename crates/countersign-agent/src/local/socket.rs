//! A Unix socket that only those can open who may.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
};

use private_file::{Lock, Owner};
use tokio::net::UnixListener;

use crate::AgentError;

/// A socket that is ours; removed when dropped.
pub(super) struct Bound {
    path: PathBuf,
    _lock: Lock,
}

impl Drop for Bound {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes the socket in place of one that a dead agent left. For its owner alone, or for the owner's group too if it names one.
pub(super) fn bind(path: &Path, owner: Option<&str>) -> Result<(Bound, UnixListener), AgentError> {
    let failed = |problem: String| AgentError::Socket { path: path.to_owned(), problem };
    let owner: Option<Owner> = owner
        .map(str::parse)
        .transpose()
        .map_err(|error| failed(format!("`socket_owner`: {error}")))?;
    let lock = Lock::take(path).map_err(|error| failed(error.to_string()))?;
    let lock = lock.ok_or_else(|| failed("another agent answers there".to_owned()))?;
    if fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket()) {
        return Err(failed("there is something else of that name; remove it".to_owned()));
    }
    let listener = bind_unseen(path, owner).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => failed(format!("{error}; take a shorter path")),
        _ => failed(error.to_string()),
    })?;
    Ok((Bound { path: path.to_owned(), _lock: lock }, listener))
}

/// Binds in a folder that nobody else can enter, so that nobody connects before the mode is right, and moves it out.
fn bind_unseen(path: &Path, owner: Option<Owner>) -> std::io::Result<UnixListener> {
    let mut folder = path.as_os_str().to_owned();
    folder.push(".new");
    let folder = PathBuf::from(folder);
    let inside = folder.join("s");
    // What a crash has left.
    let _ = fs::remove_file(&inside);
    let _ = fs::remove_dir(&folder);
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let bound = UnixListener::bind(&inside).and_then(|listener| {
        let mode = if owner.is_some_and(Owner::has_group) { 0o660 } else { 0o600 };
        fs::set_permissions(&inside, fs::Permissions::from_mode(mode))?;
        if let Some(owner) = owner {
            owner.give_path(&inside)?;
        }
        fs::rename(&inside, path)?;
        Ok(listener)
    });
    let _ = fs::remove_file(&inside);
    let _ = fs::remove_dir(&folder);
    bound
}
