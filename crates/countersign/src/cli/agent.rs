//! The agent that keeps managed keys fresh.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use super::Connection;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    group = clap::ArgGroup::new("single").multiple(true),
)]
pub(crate) struct Agent {
    /// A configuration file (TOML) with an `[[instance]]` for each key; then the options for a single one do not count.
    #[arg(long, conflicts_with_all = ["one", "listen", "socket", "datadog_yaml"])]
    pub(crate) config: Option<PathBuf>,
    /// The `datadog.yaml` of a telemetry Agent, instead of the options for a single key: keeps the keys that its
    /// `delegated_auth` sections want.
    #[arg(long, value_name = "FILE", conflicts_with = "single")]
    pub(crate) datadog_yaml: Option<PathBuf>,
    /// With --datadog-yaml: keep each key in a file in this folder.
    #[arg(long, value_name = "FOLDER", requires = "datadog_yaml")]
    pub(crate) key_folder: Option<PathBuf>,
    /// With --datadog-yaml: keep the last good keys in this folder, so that a restart begins with them.
    #[arg(long, value_name = "FOLDER", requires = "datadog_yaml")]
    pub(crate) cache_folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) one: One,
    /// A status page and metrics for Prometheus, at this address of this machine, such as 127.0.0.1:8405.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// A Unix socket that answers with the key, for whoever may open it.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) socket: Option<PathBuf>,
    /// Whose the socket is: `USER`, `USER:GROUP` or `:GROUP`.
    #[arg(long, value_name = "OWNER", requires = "socket")]
    pub(crate) socket_owner: Option<String>,
    /// End as soon as the key was handed over; fail if it was not, or is not a managed one.
    #[arg(long)]
    pub(crate) once: bool,
    /// Log lines, in the notation of `tracing`.
    #[arg(long, default_value = "info")]
    pub(crate) log: String,
    #[command(flatten)]
    pub(crate) state: StateFile,
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

/// One key, by options.
#[derive(Clone, Debug, Args)]
#[group(id = "one", multiple = true)]
pub(crate) struct One {
    /// Keep the key in this file, readable by its owner only; it is replaced as a whole.
    #[arg(long, value_name = "FILE", group = "single")]
    pub(crate) key_file: Option<PathBuf>,
    /// Whose the key files are: `USER`, `USER:GROUP` or `:GROUP`. Needs root.
    #[arg(long, value_name = "OWNER")]
    pub(crate) key_file_owner: Option<String>,
    /// Run this program at the start and whenever the key changes; the key is in its DD_API_KEY.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) on_change: Option<String>,
    /// How often to ask, in minutes, give or take a tenth [default: 60].
    #[arg(long, value_name = "MINUTES", group = "single", value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(crate) refresh_interval_mins: Option<u32>,
    /// A file with a key to use while no managed one was ever obtained.
    #[arg(long, value_name = "FILE", group = "single")]
    pub(crate) fallback_key_file: Option<PathBuf>,
    /// Keep the last good key here, so that a restart begins with it.
    #[arg(long, value_name = "FILE", group = "single")]
    pub(crate) cache_file: Option<PathBuf>,
    /// Seal what is kept over restarts under this key, as `countersign init` makes one.
    #[arg(long, value_name = "FILE")]
    pub(crate) cache_key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Show how an agent stands with each key. Fails if it does not run, or a key is not a managed one or has not reached everybody.
    Status(StateFile),
    /// Answer with keys: a telemetry Agent's `secret_backend_command`, for `api_key: ENC[INSTANCE]`.
    Secrets(Secrets),
    /// Tell an agent that a key of its was refused (403), so that it asks for another.
    Refused {
        /// The agent's socket.
        #[arg(long)]
        socket: PathBuf,
        /// The instance whose key it was.
        instance: String,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Secrets {
    /// The configuration of the agent, whose instances have a `key_file`.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The agent's socket.
    #[arg(long)]
    pub(crate) socket: Option<PathBuf>,
}

/// Where an agent tells how it stands.
#[derive(Clone, Debug, Args)]
pub(crate) struct StateFile {
    /// The file in which an agent tells how it stands [default: in the user's state directory]. One agent at a time uses it.
    #[arg(long, value_name = "FILE")]
    pub(crate) state_file: Option<PathBuf>,
}
