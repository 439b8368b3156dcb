//! An agent to look at.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{common::countersign, dev::Dev};

/// An agent in a folder of its own; ended when dropped.
pub(crate) struct Agent {
    pub(crate) folder: TempDir,
    pub(crate) child: Child,
}

impl Agent {
    /// With the credentials that the intake mapping of `dev` is for; relative paths are in its folder.
    pub(crate) fn start(dev: Option<&Dev>, folder: TempDir, args: &[&str]) -> Self {
        let mut command = dev.map_or_else(countersign, as_agent);
        command.args(["agent", "--state-file", "state.json"]).args(args);
        Self::spawn(command, folder)
    }

    /// This command, in that folder, where its log is.
    pub(crate) fn spawn(mut command: Command, folder: TempDir) -> Self {
        let child = command
            .env("PATH", "/usr/bin:/bin")
            .current_dir(folder.path())
            .stderr(Stdio::from(fs::File::create(folder.path().join("log")).unwrap()))
            .spawn()
            .unwrap();
        Self { folder, child }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub(crate) fn status(&self, form: &str) -> Output {
        status(self.folder.path(), form)
    }

    /// The status, once it is as wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let told = serde_json::from_slice(&self.status("json").stdout).unwrap_or(Value::Null);
            if wanted(&told) {
                return told;
            }
            assert!(Instant::now() < deadline, "{what}: {told:#}\n{}", self.read("log"));
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary, with the environment of `dev` and the credentials that its intake mapping is for.
pub(crate) fn as_agent(dev: &Dev) -> Command {
    let mut command = countersign();
    for (name, value) in &dev.environment {
        if let Some(name) = name.strip_prefix("AGENT_") {
            command.env(name, value);
        } else if !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_S") {
            command.env(name, value);
        }
    }
    command
}

/// Polls until something holds.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn status(folder: &Path, form: &str) -> Output {
    let args = ["agent", "status", "--state-file", "state.json", "--output", form];
    countersign().args(args).current_dir(folder).output().unwrap()
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The only instance.
pub(crate) fn one(told: &Value) -> &Value {
    &told["instances"][0]
}

/// Nobody's.
pub(crate) const ORG: &str = "11111111-2222-4333-8444-555555555555";
