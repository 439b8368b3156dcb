//! How an agent stands, in a file that `agent status` reads.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use auth_model::{Clock, SystemClock};
use countersign_client::{KeeperStatus, KeyState};
use serde::{Deserialize, Serialize};

use super::instance::{Running, Shown};
use crate::{cli::StateFile, failure::Failure, private_file};

/// The file of an agent that runs: no other uses it meanwhile.
pub(super) struct State {
    path: PathBuf,
    /// Holds the lock, by which others know that the agent lives.
    _lock: File,
}

/// What the file holds. Times are Unix seconds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) pid: u32,
    pub(super) written_at: i64,
    pub(super) instances: Vec<ToldInstance>,
}

/// How it stands with one key. No secret is in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ToldInstance {
    pub(super) name: String,
    pub(super) org: String,
    pub(super) url: String,
    pub(super) region: Option<String>,
    /// `active`, `pending` or `fallback`.
    pub(super) state: String,
    pub(super) credentials_from: Option<String>,
    pub(super) refresh_interval_mins: u64,
    pub(super) last_refresh: Option<i64>,
    pub(super) next_refresh: Option<i64>,
    pub(super) consecutive_failures: u32,
    pub(super) last_error: Option<String>,
    /// This machine's clock minus the server's, if that is the cause of the last failure.
    pub(super) clock_skew_seconds: Option<i64>,
    pub(super) cache_error: Option<String>,
    pub(super) output_error: Option<String>,
}

impl State {
    /// Takes the file for this process.
    pub(super) fn open(file: &StateFile) -> Result<Self, Failure> {
        let path = path(file)?;
        let made = || -> std::io::Result<File> {
            if let Some(folder) = path.parent().filter(|_| file.state_file.is_none()) {
                std::fs::create_dir_all(folder)?;
            }
            File::create(lock_of(&path))
        };
        let lock = made().with_context(|| {
            format!(
                "the state file `{}` can't be used; `--state-file` takes another",
                path.display()
            )
        })?;
        if lock.try_lock().is_err() {
            return Err(Failure::usage(anyhow!(
                "another agent uses the state file `{}`: stop it, or take another with `--state-file`",
                path.display()
            )));
        }
        Ok(Self { path, _lock: lock })
    }

    /// Writes how it stands. Keys are kept fresh also where that fails.
    pub(super) fn tell(&self, running: &[Running]) {
        let told = Told {
            pid: std::process::id(),
            written_at: SystemClock.now().unix_seconds(),
            instances: running.iter().map(told).collect(),
        };
        let written = serde_json::to_string_pretty(&told)
            .map_err(std::io::Error::from)
            .and_then(|text| private_file::write_private(&self.path, &text));
        if let Err(error) = written {
            let path = self.path.display();
            tracing::warn!(%error, %path, "the state file could not be written");
        }
    }
}

/// What an agent has told, and whether it runs.
pub(super) fn read(file: &StateFile) -> Result<(Told, bool), Failure> {
    let path = path(file)?;
    let told = || -> anyhow::Result<Told> {
        if !path.exists() {
            bail!("there is none; has an agent been started with this `--state-file`?");
        }
        Ok(serde_json::from_str(&std::fs::read_to_string(&path)?)?)
    };
    let told = told().with_context(|| format!("the state file `{}`", path.display()))?;
    let runs = File::open(lock_of(&path)).is_ok_and(|lock| lock.try_lock_shared().is_err());
    Ok((told, runs))
}

fn told(running: &Running) -> ToldInstance {
    let (instance, Shown { status, output_error, .. }) = (running.instance(), running.shown());
    let mut told = ToldInstance {
        name: instance.name().to_owned(),
        org: instance.org.clone(),
        url: instance.url.clone(),
        region: instance.region.clone(),
        state: "pending".to_owned(),
        output_error,
        ..ToldInstance::default()
    };
    if let Some(status) = status {
        add(&mut told, status);
    }
    told
}

fn add(told: &mut ToldInstance, status: KeeperStatus) {
    let state = match status.state {
        KeyState::Active => "active",
        KeyState::Pending => "pending",
        KeyState::Fallback => "fallback",
    };
    told.state = state.to_owned();
    told.url = status.target.server;
    told.credentials_from = status.credentials_from;
    told.refresh_interval_mins = status.refresh_interval.as_secs() / 60;
    told.last_refresh = status.last_refresh.map(|at| at.unix_seconds());
    told.next_refresh = Some(status.next_refresh.unix_seconds());
    told.consecutive_failures = status.consecutive_failures;
    told.last_error = status.last_error;
    told.clock_skew_seconds = status.clock_skew.map(|skew| {
        let by = i64::try_from(skew.by.as_secs()).unwrap_or(i64::MAX);
        if skew.ahead { by } else { -by }
    });
    told.cache_error = status.cache_error;
}

fn path(file: &StateFile) -> Result<PathBuf, Failure> {
    if let Some(path) = &file.state_file {
        return Ok(path.clone());
    }
    let folder = private_file::state_folder().ok_or_else(|| {
        Failure::usage(anyhow!("there is no home folder; say where with `--state-file`"))
    })?;
    Ok(folder.join("agent.json"))
}

fn lock_of(path: &Path) -> PathBuf {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    PathBuf::from(lock)
}
