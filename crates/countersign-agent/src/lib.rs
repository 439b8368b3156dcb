#![doc = include_str!("../README.md")]

mod agent;
mod ask;
mod board;
pub mod config;
mod delivery;
mod instance;
mod local;
mod output;
mod seal;
mod state_file;
mod status;
mod systemd;

use std::{io, net::SocketAddr, path::PathBuf};

pub use agent::{Command, Run, run};
pub use ask::{AskError, ask_key, ask_refused};
pub use state_file::read_status;
pub use status::{AgentStatus, InstanceStatus, moment};

/// Why an agent did not start, or could not be seen. Shows nothing of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// Its configuration can't be used.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// Another agent runs on the same state file.
    #[error(
        "another agent uses the state file `{}`: stop it, or take another with `--state-file`",
        path.display()
    )]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Another agent writes a file that is ours to write.
    #[error("{0}")]
    Locked(String),
    /// The state file can't be read or written.
    #[error("the state file `{}` can't be used: {source}; `--state-file` takes another", path.display())]
    StateFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No agent has told anything there.
    #[error(
        "there is no state file `{}`; has an agent been started with this `--state-file`?",
        path.display()
    )]
    NoState {
        /// The file.
        path: PathBuf,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}; is another program there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The socket can't be made.
    #[error("can't make the socket `{}`: {problem}", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// Why, and what to do.
        problem: String,
    },
}
