//! Files that are for one user alone.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;

/// Writes a file that only its owner can read, all at once.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
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
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

/// The text of a file with a secret in it; refused where others than its owner could read it.
pub(crate) fn read_private(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("can't read `{}`", path.display());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).with_context(failed)?);
        anyhow::ensure!(
            mode & 0o077 == 0,
            "`{}` can be read by others than its owner: `chmod 600` it",
            path.display()
        );
    }
    fs::read_to_string(path).with_context(failed)
}

/// `$XDG_STATE_HOME/countersign`, or `~/.local/state/countersign` (XDG Base Directory Specification).
pub(crate) fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    Some(state?.join("countersign"))
}
