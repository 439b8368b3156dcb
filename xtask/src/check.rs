//! `cargo xtask check`: what can be judged without running the product.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, anyhow};

use crate::{cargo, layers, say};

/// Runs every step, also after one failed, and prints a table of all.
pub(crate) fn run() -> Result<ExitCode> {
    let mut steps = Vec::new();
    let mut failed = false;
    let mut step = |name: &str, done: Result<()>| {
        let word = if done.is_ok() { "ok" } else { "FAILED" };
        failed |= done.is_err();
        steps.push([
            name.to_owned(),
            word.to_owned(),
            done.err().map_or_else(String::new, |e| format!("{e:#}")),
        ]);
    };

    step("fmt", shown(&["fmt", "--all", "--check"], None));
    step("layers", layers::check());
    step(
        "clippy",
        shown(
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
            None,
        ),
    );
    step(
        "doc",
        shown(
            &["doc", "--workspace", "--no-deps", "--locked"],
            Some(("RUSTDOCFLAGS", "-D warnings")),
        ),
    );
    if deny_is_installed() {
        // Wrappers and skips that only some feature or target needs are no fault.
        let allowed = ["--allow", "unused-wrapper", "--allow", "license-exception-not-encountered"];
        let deny = ["deny", "--locked", "check", "bans", "licenses", "sources"];
        step("deny", shown(&[&deny[..], &allowed].concat(), None));
        steps.push(advisories(&mut failed));
    } else {
        let how = "cargo-deny is missing: `cargo install --locked cargo-deny`".to_owned();
        steps.push(["deny".to_owned(), "not run".to_owned(), how]);
    }

    say::line("");
    say::table(["step", "result", "note"], &steps);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn shown(args: &[&str], env: Option<(&str, &str)>) -> Result<()> {
    let mut command = cargo::command(args);
    command.envs(env);
    say::line(format_args!("── {}", cargo::line_of(&command)));
    cargo::run(&mut command).map_err(|_| anyhow!("see above"))
}

/// Known faults of dependencies. The list lives in a repository on the network: a machine that cannot reach
/// it has not checked, and says so.
fn advisories(failed: &mut bool) -> [String; 3] {
    let mut command = cargo::command(["deny", "--locked", "check", "advisories"]);
    say::line(format_args!("── {}", cargo::line_of(&command)));
    let (word, note) = match command.output() {
        Ok(output) if output.status.success() => ("ok", String::new()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            say::line(text.trim_end());
            if text.contains("failed to fetch advisory database") {
                ("not run", "the advisory database cannot be fetched from here".to_owned())
            } else {
                ("FAILED", "see above".to_owned())
            }
        }
        Err(cause) => ("FAILED", cause.to_string()),
    };
    *failed |= word == "FAILED";
    ["advisories".to_owned(), word.to_owned(), note]
}

fn deny_is_installed() -> bool {
    Command::new("cargo-deny")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
