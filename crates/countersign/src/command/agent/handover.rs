//! Where a key goes: a file, and a program that is told.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, bail};
use countersign_client::{CurrentKey, KeySource};

use super::config::Instance;
use crate::private_file::write_private;

/// Writes the file, then runs the program, so that the program finds the new key there.
pub(super) async fn deliver(instance: &Instance, key: &CurrentKey) -> anyhow::Result<()> {
    if let Some(path) = instance.key_file.clone() {
        let failed = format!("can't write `{}`", path.display());
        let key = key.clone();
        tokio::task::spawn_blocking(move || write_private(&path, key.expose()))
            .await?
            .context(failed)?;
    }
    tell(instance, key).await
}

async fn tell(instance: &Instance, key: &CurrentKey) -> anyhow::Result<()> {
    let Some((program, arguments)) = instance.on_change.split_first() else { return Ok(()) };
    let mut command = tokio::process::Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env("DD_API_KEY", key.expose())
        .env("COUNTERSIGN_INSTANCE", instance.name())
        .env("COUNTERSIGN_KEY_SOURCE", word(key.source()))
        .kill_on_drop(true);
    if let Some(path) = &instance.key_file {
        command.env("COUNTERSIGN_KEY_FILE", path);
    }
    let run = tokio::time::timeout(MAX_RUN, command.status()).await;
    let status = run
        .with_context(|| format!("`{program}` was ended after {} s", MAX_RUN.as_secs()))?
        .with_context(|| format!("can't run `{program}`"))?;
    if !status.success() {
        bail!("`{program}` failed: {status}");
    }
    Ok(())
}

fn word(source: KeySource) -> &'static str {
    match source {
        KeySource::Managed => "managed",
        KeySource::Fallback => "fallback",
    }
}

/// How long a program may take; a stop waits for it.
const MAX_RUN: Duration = Duration::from_secs(60);
