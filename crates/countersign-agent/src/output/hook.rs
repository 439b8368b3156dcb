//! A program that is told of a key.

use std::{path::PathBuf, process::Stdio, time::Duration};

use countersign_client::CurrentKey;

use super::word;
use crate::config::Instance;

/// A program, run for each key.
#[derive(Debug)]
pub(super) struct Program {
    program: String,
    arguments: Vec<String>,
    instance: String,
    key_file: Option<PathBuf>,
}

impl Program {
    pub(super) fn new(instance: &Instance) -> Option<Self> {
        let (program, arguments) = instance.on_change.split_first()?;
        Some(Self {
            program: program.clone(),
            arguments: arguments.to_vec(),
            instance: instance.name().to_owned(),
            key_file: instance.key_file.clone(),
        })
    }

    pub(super) async fn run(&self, key: &CurrentKey) -> Result<(), String> {
        let program = &self.program;
        let mut command = tokio::process::Command::new(program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .env("DD_API_KEY", key.expose())
            .env("COUNTERSIGN_INSTANCE", &self.instance)
            .env("COUNTERSIGN_KEY_SOURCE", word(key.source()))
            // It would speak to our service manager for us.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .kill_on_drop(true);
        if let Some(path) = &self.key_file {
            command.env("COUNTERSIGN_KEY_FILE", path);
        }
        let run = tokio::time::timeout(MAX_RUN, command.status()).await;
        let status = run
            .map_err(|_| format!("`{program}` was ended after {} s", MAX_RUN.as_secs()))?
            .map_err(|error| format!("can't run `{program}`: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{program}` failed: {status}")) }
    }
}

/// How long a program may take; a stop waits for it.
const MAX_RUN: Duration = Duration::from_secs(60);
