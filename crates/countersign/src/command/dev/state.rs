//! The folder that `dev` keeps between runs: database, master key, and the first user's keys.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use auth_model::{OsRandomness, Randomness};
use countersign_server::write_master_key;
use serde::{Deserialize, Serialize};

use crate::state_folder::state_folder;

/// A folder that no other `dev` uses while this one lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    /// Holds the lock.
    _lock: File,
}

/// What must be the same at the next run. The file is readable by its owner only.
#[derive(Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// What the local STS derives its keys from.
    pub(crate) sts_seed: [u8; 32],
    /// Made at the first run.
    pub(crate) first_user: Option<FirstUser>,
}

/// The organization's admin.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FirstUser {
    pub(crate) org: String,
    pub(crate) api_key: String,
    pub(crate) app_key: String,
}

impl DataFolder {
    /// Opens the folder, or the default one, and makes it where it is missing.
    pub(crate) fn open(given: Option<&Path>) -> anyhow::Result<Self> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => default_folder()?,
        };
        let made = || -> std::io::Result<File> {
            fs::create_dir_all(&path)?;
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            File::create(path.join("lock"))
        };
        let lock = made().with_context(|| {
            format!("the data folder `{}` can't be used; `--data` takes another", path.display())
        })?;
        if lock.try_lock().is_err() {
            bail!(
                "another `countersign dev` uses the data folder `{}`: stop it, or take another with `--data`",
                path.display()
            );
        }
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("countersign.db")
    }

    /// The master key's file, made at the first run.
    pub(crate) fn master_key(&self) -> anyhow::Result<PathBuf> {
        let path = self.path.join("master.key");
        if !path.exists() {
            write_master_key(&path, &OsRandomness)?;
        }
        Ok(path)
    }

    /// Permissions beyond the built-in ones, made at the first run: what it shows of such a file is there to be changed.
    pub(crate) fn permissions(&self) -> anyhow::Result<PathBuf> {
        let path = self.path.join("permissions.toml");
        if !path.exists() {
            private_file::write(&path, EXAMPLE_PERMISSIONS.as_bytes(), None)
                .with_context(|| format!("can't write `{}`", path.display()))?;
        }
        Ok(path)
    }

    /// The secrets of the last run, or fresh ones.
    pub(crate) fn secrets(&self) -> anyhow::Result<Secrets> {
        let path = self.secrets_file();
        if !path.exists() {
            let mut secrets = Secrets { sts_seed: [0; 32], first_user: None };
            OsRandomness.fill(&mut secrets.sts_seed)?;
            return Ok(secrets);
        }
        let read = fs::read_to_string(&path).map_err(anyhow::Error::from);
        read.and_then(|text| Ok(serde_json::from_str(&text)?)).with_context(|| {
            format!("`{}` can't be read; remove the folder to start afresh", path.display())
        })
    }

    pub(crate) fn keep(&self, secrets: &Secrets) -> anyhow::Result<()> {
        let path = self.secrets_file();
        private_file::write(&path, &serde_json::to_vec_pretty(secrets)?, None)
            .with_context(|| format!("can't write `{}`", path.display()))
    }

    fn secrets_file(&self) -> PathBuf {
        self.path.join("dev.json")
    }
}

/// The user's folder for state, and in it one of our own.
fn default_folder() -> anyhow::Result<PathBuf> {
    let state =
        state_folder().context("there is no home folder; say where to keep data with `--data`")?;
    Ok(state.join("dev"))
}

const EXAMPLE_PERMISSIONS: &str = include_str!("permissions.toml");
