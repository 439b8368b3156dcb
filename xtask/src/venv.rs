//! Python virtual environments, each with exactly what a requirements file pins.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{cargo, packages, process};

/// Written last: holds what the environment was made from.
const STAMP: &str = "made-from";

/// An environment that holds exactly what the requirements say.
#[derive(Debug)]
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// A program that came with a package.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// `python` with this environment before everything else; the caller's AWS settings stay outside.
    pub(crate) fn python(&self) -> Command {
        let mut python = Command::new(self.folder.join("bin/python"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(self.folder.join("bin")).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(path) {
            python.env("PATH", path);
        }
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let proxy = text.to_ascii_lowercase().ends_with("_proxy");
            if proxy || ["AWS_", "DD_", "DATADOG_"].iter().any(|theirs| text.starts_with(theirs)) {
                python.env_remove(name);
            }
        }
        python.envs([
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("PYTHONUNBUFFERED", "1"),
        ]);
        python
    }
}

/// The real clients, in `target/clients-venv`.
pub(crate) fn clients(log: &Path) -> Result<Venv> {
    make("clients-venv", "tests/clients/requirements.txt", log)
}

/// Makes it in a folder of `target`, or takes the one there if it was made from the same requirements.
pub(crate) fn make(folder: &str, requirements: &str, log: &Path) -> Result<Venv> {
    let requirements = cargo::root().join(requirements);
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read `{}`", requirements.display()))?;
    let folder = cargo::members()?.target_directory.into_std_path_buf().join(folder);
    let stamp = folder.join(STAMP);
    // The programs inside name their interpreter by its full path: a moved folder is of no use.
    let wanted = format!("{}\n{wanted}", folder.display());
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(Venv { folder });
    }
    File::create(log)?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    create(&folder, log)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--requirement",
    ]);
    pip.arg(&requirements);
    let status = process::logged(&mut pip, log)?;
    ensure!(
        status.success(),
        "pip cannot install what `{}` asks for, see `{}`",
        requirements.display(),
        log.display()
    );
    fs::write(stamp, wanted)?;
    Ok(Venv { folder })
}

fn create(folder: &Path, log: &Path) -> Result<()> {
    let how = "install Python 3.11 or newer with its `venv` module \
               (Debian, Ubuntu: `apt-get install python3-venv`)";
    let Some(python) = newest_python() else {
        bail!("cannot make a virtual environment: {how}");
    };
    if venv(&python, folder, log) {
        return Ok(());
    }
    // Debian keeps the module in a package of its own.
    let installed = packages::install(&["python3-venv"], log).is_ok();
    if !(installed && venv(&python, folder, log)) {
        bail!("cannot make a virtual environment, see `{}`: {how}", log.display());
    }
    Ok(())
}

/// `python3` if it is new enough for the clients, otherwise another one in `PATH` that is.
fn newest_python() -> Option<String> {
    let others = (11..=20).rev().map(|minor| format!("python3.{minor}"));
    std::iter::once("python3".to_owned()).chain(others).find(|name| {
        let mut python = Command::new(name);
        python.args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]);
        python.stdout(Stdio::null()).stderr(Stdio::null());
        python.status().is_ok_and(|status| status.success())
    })
}

fn venv(python: &str, folder: &Path, log: &Path) -> bool {
    let mut python = Command::new(python);
    python.args(["-m", "venv", "--clear"]).arg(folder);
    process::logged(&mut python, log).is_ok_and(|status| status.success())
}
