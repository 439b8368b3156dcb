//! What each suite came to, and the table at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use super::counts::Counts;
use crate::say;

/// Lines of a failed suite's log that go to the terminal; the file has all.
const SHOWN_LINES: usize = 150;

/// What a suite that could run came to.
#[derive(Clone, Debug)]
pub(super) enum Ran {
    Counted(Counts),
    /// There is nothing here that it could run on, and need not be.
    NotApplicable(String),
}

/// The rows so far.
#[derive(Debug)]
pub(super) struct Report {
    logs: PathBuf,
    rows: Vec<[String; 4]>,
    total: Counts,
}

impl Report {
    pub(super) fn new(logs: &Path) -> Self {
        Self { logs: logs.to_path_buf(), rows: Vec::new(), total: Counts::default() }
    }

    /// Runs one suite and adds its row. The suite gets the file for its output.
    /// A suite that cannot run, or that ran no test, has failed once.
    pub(super) fn suite(&mut self, name: &str, run: impl FnOnce(&Path) -> Result<Ran>) {
        say::line(format_args!("── {name}"));
        let log = self.logs.join(format!("{}.log", name.replace([' ', ':', '/'], "-")));
        let _ = fs::remove_file(&log);
        let _ = fs::remove_file(failures(&log));
        let started = Instant::now();
        let (counts, note) = judge(run(&log));
        let note = note.replace('\n', " ");
        let seconds = started.elapsed().as_secs_f64();
        let Counts { passed, failed, .. } = counts;
        say::line(format_args!("   {passed} passed, {failed} failed  {seconds:.1} s  {note}"));
        if counts.failed > 0 {
            let failures = failures(&log);
            show_end(if failures.exists() { &failures } else { &log });
        }
        self.total += counts;
        self.rows.push([
            name.to_owned(),
            counts.passed.to_string(),
            counts.failed.to_string(),
            note,
        ]);
    }

    /// Prints the table and the last line; success if nothing failed.
    pub(super) fn finish(self) -> ExitCode {
        say::line("");
        say::table(["suite", "passed", "failed", "note"], &self.rows);
        say::line("");
        say::line(format_args!("{} passed, {} failed", self.total.passed, self.total.failed));
        if self.total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Where a suite of several programs also puts the output of those that failed: shown instead of the whole.
pub(super) fn failures(log: &Path) -> PathBuf {
    log.with_extension("failed.log")
}

fn judge(ran: Result<Ran>) -> (Counts, String) {
    let none = Counts::default();
    match ran {
        Ok(Ran::NotApplicable(why)) => (none, format!("not applicable: {why}")),
        Ok(Ran::Counted(counts)) if counts == none => {
            (Counts { failed: 1, ..none }, "could not run: it holds no test".to_owned())
        }
        Ok(Ran::Counted(counts)) => {
            let note = match counts.ignored {
                0 => String::new(),
                n => format!("{n} ignored"),
            };
            (counts, note)
        }
        Err(cause) => (Counts { failed: 1, ..none }, format!("could not run: {cause:#}")),
    }
}

fn show_end(log: &Path) {
    let Ok(text) = fs::read(log) else { return };
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let hidden = lines.len().saturating_sub(SHOWN_LINES);
    say::line(format_args!("── the end of `{}`", log.display()));
    lines.iter().skip(hidden).for_each(|line| say::line(format_args!("   {line}")));
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{Counts, Ran, judge};

    #[test]
    fn what_did_not_run_has_failed() {
        let counted = |passed, failed| {
            judge(Ok(Ran::Counted(Counts { passed, failed, ignored: 0 }))).0.failed
        };
        assert_eq!(counted(3, 0), 0);
        assert_eq!(counted(3, 2), 2);
        assert_eq!(counted(0, 0), 1, "no test at all");
        assert_eq!(judge(Err(anyhow!("no server"))).0.failed, 1, "cannot run");
        assert_eq!(judge(Ok(Ran::NotApplicable("no folder".to_owned()))).0.failed, 0);
    }
}
