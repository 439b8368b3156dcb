//! Programs that we start: some run to their end with their output in a file, some stand beside the tests.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::cargo::line_of;

/// How often we look whether something has happened.
pub(crate) const TICK: Duration = Duration::from_millis(20);

/// After this a program that should end counts as hung.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Runs a command to its end, with its output at the end of `log`.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<ExitStatus> {
    let line = line_of(command);
    let mut file = open(log)?;
    writeln!(file, "$ {line}")?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("`{line}` did not end within {} minutes", LIMIT.as_secs() / 60);
        }
        sleep(TICK);
    }
}

fn open(log: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write `{}`", log.display()))
}

/// Adds `text` at the end of `log`.
pub(crate) fn append(log: &Path, text: &str) -> Result<()> {
    open(log)?
        .write_all(text.as_bytes())
        .with_context(|| format!("cannot write `{}`", log.display()))
}

/// What a guarded program needs beside its command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// Its output.
    pub(crate) log: &'a Path,
    /// Where it runs; removed with everything in it once it has ended.
    pub(crate) folder: &'a Path,
    /// The signal that ends it in an orderly way.
    pub(crate) stop: &'static str,
    /// User and group to run as, when not ours.
    pub(crate) user: Option<User>,
}

/// A user by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A program beside the tests. It ends, and its folder goes, when this is dropped, and also when this
/// process is interrupted or killed: a small shell holds the other end of a pipe and sees it close.
#[derive(Debug)]
pub(crate) struct Guarded {
    guardian: Child,
    leash: Option<ChildStdin>,
}

/// `$1` folder, `$2` signal, then the program. Signals are caught, not ignored, so that the program starts
/// with the defaults; `wait` returns early when one arrives, hence the loop.
const GUARDIAN: &str = r#"
trap : INT TERM HUP
folder=$1 signal=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ cat <&3 >/dev/null; kill -s "$signal" "$child"; sleep 15; kill -s KILL "$child"; } 2>/dev/null &
watcher=$!
wait "$child"
status=$?
while kill -s 0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
kill "$watcher" 2>/dev/null
cd / && rm -rf -- "$folder"
exit "$status"
"#;

impl Guarded {
    /// Starts `command` under its guardian; its own working directory is not used.
    pub(crate) fn start(command: &Command, place: Surroundings<'_>) -> Result<Self> {
        let line = line_of(command);
        let mut log = open(place.log)?;
        writeln!(log, "$ {line}")?;
        let mut shell = Command::new("sh");
        shell.args(["-c", GUARDIAN, "guardian"]).arg(place.folder).arg(place.stop);
        shell.arg(command.get_program()).args(command.get_args()).current_dir(place.folder);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        if let Some(user) = place.user {
            shell.uid(user.uid).gid(user.gid);
        }
        let mut guardian = shell
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start `{line}`"))?;
        let leash = guardian.stdin.take();
        Ok(Self { guardian, leash })
    }

    /// Waits until `ready` has something to give; fails when the program ends first, or after `limit`.
    pub(crate) fn until<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let started = Instant::now();
        loop {
            if let Some(value) = ready()? {
                return Ok(value);
            }
            if let Some(status) = self.guardian.try_wait()? {
                bail!("it ended before it was ready ({status})");
            }
            if started.elapsed() > limit {
                bail!("it was not ready within {} s", limit.as_secs());
            }
            sleep(TICK);
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.guardian.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::time::Duration;

    use super::{Guarded, Surroundings};

    /// A shell that says it is up, then waits to be stopped.
    fn shell(script: &str) -> (tempfile::TempDir, tempfile::TempDir, Guarded) {
        let (kept, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(kept.path());
        let log = kept.path().join("log");
        let place = Surroundings { log: &log, folder: folder.path(), stop: "TERM", user: None };
        let guarded = Guarded::start(&command, place).unwrap();
        (kept, folder, guarded)
    }

    #[test]
    fn a_guarded_program_ends_with_its_guard_and_its_folder_goes() {
        let script = r#"trap 'touch "$1/stopped"; exit 0' TERM; touch "$1/up"; while :; do read x <"$1/never" || sleep 0.05; done"#;
        let (kept, folder, mut guarded) = shell(script);
        let up = kept.path().join("up");
        guarded.until(Duration::from_secs(10), || Ok(up.exists().then_some(()))).unwrap();
        drop(guarded);
        assert!(kept.path().join("stopped").exists());
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_program_that_ends_early_is_noticed() {
        let (kept, _folder, mut guarded) = shell("echo too bad; exit 3");
        let error = guarded.until(Duration::from_secs(10), || Ok(None::<()>)).unwrap_err();
        assert!(error.to_string().contains("ended before it was ready"), "{error}");
        assert!(fs::read_to_string(kept.path().join("log")).unwrap().contains("too bad"));
    }
}
