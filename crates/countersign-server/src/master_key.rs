//! Where the master key comes from.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use auth_model::{ExposeSecret, Randomness, RandomnessError};
use private_file::ReadError;
use token_issuer::MasterKey;

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// Neither file nor variable is set.
    #[error(
        "there is no master key: `countersign init` makes one; name its file in `master_key_file`, or put the key into COUNTERSIGN_MASTER_KEY"
    )]
    Unset,
    /// The file can't be read or written.
    #[error("the master key file `{}` can't be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than the owner could read the key.
    #[error(
        "the master key file `{}` can be read by others than its owner: `chmod 600` it, and if that was so for long, make a new key",
        path.display()
    )]
    Readable {
        /// Which.
        path: PathBuf,
    },
    /// The text is not a key.
    #[error(transparent)]
    Malformed(#[from] token_issuer::MasterKeyError),
    /// No random bytes for a new one.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// The key in `text` (of the environment) if there is one, otherwise the one in `file`.
pub fn load_master_key(
    text: Option<&str>,
    file: Option<&Path>,
) -> Result<MasterKey, MasterKeyError> {
    if let Some(text) = text {
        return Ok(MasterKey::parse(text)?);
    }
    let path = file.ok_or(MasterKeyError::Unset)?;
    let text = private_file::read(path, MAX_BYTES).map_err(|error| match error {
        ReadError::Exposed { path } => MasterKeyError::Readable { path },
        ReadError::File { path, source } => MasterKeyError::File { path, source },
        ReadError::Missing { path } => {
            MasterKeyError::File { path, source: std::io::ErrorKind::NotFound.into() }
        }
        other => MasterKeyError::File {
            path: path.to_owned(),
            source: std::io::Error::other(other.to_string()),
        },
    })?;
    let text = auth_model::SecretString::from(text);
    Ok(MasterKey::parse(text.expose_secret())?)
}

/// Makes a new master key in a new file that only its owner can read. An existing file is left alone, with an error:
/// whatever is sealed under its key would be lost.
pub fn write_master_key(path: &Path, randomness: &dyn Randomness) -> Result<(), MasterKeyError> {
    let text = MasterKey::new_text(randomness)?;
    let failed = |source| MasterKeyError::File { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    writeln!(file, "{}", text.expose_secret()).and_then(|()| file.sync_all()).map_err(failed)
}

/// A key is 64 characters.
const MAX_BYTES: u64 = 4 * 1024;
