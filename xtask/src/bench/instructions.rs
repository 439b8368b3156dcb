//! `cargo xtask bench --instructions`: what hot paths execute, counted by callgrind beside committed figures.
//!
//! Counts do not swing with the machine's load, so this one may fail: at five percent more than was committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use toml::{Table, Value};

use crate::{cargo, say};

/// What is counted: id, how often in the first run (in the second twice that), what it is.
const COUNTED: [(&str, u64, &str); 5] = [
    ("A1", 20_000, "match one pattern with one caller"),
    ("A2", 20_000, "read a caller's ARN"),
    ("A3", 20_000, "look a caller up among 1,000 patterns"),
    ("B1", 200, "sign a token (EdDSA)"),
    ("D5", 200, "an exchange without the network (EdDSA)"),
];

/// How much more than committed is too much.
const LEEWAY: f64 = 1.05;

const FILE: &str = "benches/instructions.toml";

const HEAD: &str = "\
# Instructions for one call of each hot path, counted by callgrind: two runs of benches/src/bin/instructions.rs with N and
# 2N iterations, their difference divided by N. Fixed seed, fixed data. Made by `cargo xtask bench --instructions --write`
# with the compiler named here; another compiler, processor family or C library may count differently.
";

/// Counts, and compares with the file or renews it.
pub(super) fn run(write: bool) -> Result<ExitCode> {
    if !Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        say::line("not run: install valgrind (Debian, Ubuntu: `apt-get install valgrind`)");
        return Ok(ExitCode::SUCCESS);
    }
    let program = build()?;
    let compiler = compiler()?;
    let file = cargo::root().join(FILE);
    let committed = if write { Table::new() } else { read(&file)? };
    let mut renewed = Table::new();
    let (mut rows, mut worse) = (Vec::new(), false);
    for (id, times, what) in COUNTED {
        let count = each(&program, id, times)?;
        let before = committed.get("instructions").and_then(|table| table.get(id));
        let before = before.and_then(Value::as_integer);
        let verdict = before.map_or("new", |before| verdict(count, before));
        worse |= verdict == "WORSE";
        let before = before.map_or_else(String::new, |before| before.to_string());
        rows.push([id.to_owned(), count.to_string(), before, verdict.to_owned(), what.to_owned()]);
        renewed.insert(id.to_owned(), Value::Integer(count));
    }
    say::table(["id", "instructions", "committed", "", "what"], &rows);
    if write {
        let mut table = Table::new();
        table.insert("rustc".to_owned(), Value::String(compiler));
        table.insert("instructions".to_owned(), Value::Table(renewed));
        fs::write(&file, format!("{HEAD}{table}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let made_with = committed.get("rustc").and_then(Value::as_str).unwrap_or_default();
    if made_with != compiler {
        say::line(format_args!("counted with {compiler}, committed with {made_with}"));
    }
    Ok(if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn verdict(count: i64, before: i64) -> &'static str {
    let ratio = count as f64 / before as f64;
    if ratio > LEEWAY {
        "WORSE"
    } else if ratio < 2.0 - LEEWAY {
        "better; `--write` renews"
    } else {
        "ok"
    }
}

fn build() -> Result<PathBuf> {
    let words = ["build", "--release", "--locked", "--package", "bench-suite", "--bin"];
    cargo::run(cargo::command(words).arg("instructions"))?;
    Ok(cargo::members()?.target_directory.into_std_path_buf().join("release/instructions"))
}

fn compiler() -> Result<String> {
    let output = Command::new("rustc").arg("--version").output().context("cannot start `rustc`")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read(file: &Path) -> Result<Table> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("`{FILE}` is missing: `--write` makes it"))?;
    text.parse().with_context(|| format!("`{FILE}` is not TOML"))
}

/// Instructions of one call.
fn each(program: &Path, id: &str, times: u64) -> Result<i64> {
    let [once, twice] = [total(program, id, times)?, total(program, id, 2 * times)?];
    Ok((twice - once) / i64::try_from(times)?)
}

fn total(program: &Path, id: &str, times: u64) -> Result<i64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args([id, &times.to_string()]);
    let line = cargo::line_of(&valgrind);
    let output = valgrind.output().with_context(|| format!("cannot start `{line}`"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` failed: {text}");
    collected(&text).with_context(|| format!("`{line}` says no number of instructions"))
}

/// From the line `==PID== Collected : N`.
fn collected(text: &str) -> Option<i64> {
    text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{collected, verdict};

    #[test]
    fn the_count_is_read_from_among_other_lines() {
        let text = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected(text), Some(123_456));
        assert_eq!(collected("==7== Events : Ir"), None);
    }

    #[test]
    fn five_percent_more_is_the_limit() {
        #[rustfmt::skip]
        let cases = [(1_049, "ok"), (1_051, "WORSE"), (951, "ok"), (900, "better; `--write` renews")];
        for (count, expected) in cases {
            assert_eq!(verdict(count, 1_000), expected, "{count}");
        }
    }
}
