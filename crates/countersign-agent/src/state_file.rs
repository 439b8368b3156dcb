//! How an agent stands, in a file that others read while it runs and after.

use std::path::{Path, PathBuf};

use private_file::Lock;

use crate::{AgentError, status::AgentStatus};

/// The file of an agent that runs: no other uses it meanwhile.
pub(crate) struct StateFile {
    path: PathBuf,
    /// By which others know that the agent lives.
    _lock: Lock,
}

impl StateFile {
    /// Takes the file for this process.
    pub(crate) fn open(path: &Path) -> Result<Self, AgentError> {
        let failed = |source| AgentError::StateFile { path: path.to_owned(), source };
        match Lock::take(path).map_err(failed)? {
            Some(lock) => Ok(Self { path: path.to_owned(), _lock: lock }),
            None => Err(AgentError::Busy { path: path.to_owned() }),
        }
    }

    /// Writes how it stands. Keys are kept fresh also where that fails.
    pub(crate) fn tell(&self, status: &AgentStatus) {
        let written = serde_json::to_vec_pretty(status)
            .map_err(std::io::Error::from)
            .and_then(|text| private_file::write(&self.path, &text, None));
        if let Err(error) = written {
            let path = self.path.display();
            tracing::warn!(%error, %path, "the state file could not be written");
        }
    }
}

/// What the agent that uses this state file has told, and whether it runs.
pub fn read_status(path: &Path) -> Result<(AgentStatus, bool), AgentError> {
    let failed = |source| AgentError::StateFile { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => AgentError::NoState { path: path.to_owned() },
        _ => failed(error),
    })?;
    let status = serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?;
    Ok((status, Lock::is_held(path)))
}
