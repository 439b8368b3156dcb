//! `cargo xtask bench`: every measured ratio beside its goal.
//!
//! The benchmarks print, among anything else, lines of the form
//! `RATIO <id> <median> <low>..<high> goal<=<goal> …`. Any program that does so can be added to [`programs`].
//! A missed goal is printed as missed and fails nothing: figures swing with the machine.

mod goals;
mod ratio;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result};

use self::ratio::Ratio;
use crate::{cargo, say};

/// How much to measure.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Only this target of the suite, such as `parse` (may be given more than once).
    #[arg(long, conflicts_with = "http")]
    bench: Vec<String>,
    /// The large sizes too: up to a million patterns, all peers. Takes many minutes.
    #[arg(long)]
    full: bool,
    /// The running server beside its peers: CPU time for each request, memory, start time.
    #[arg(long)]
    http: bool,
}

/// Runs the programs with their output on the terminal, then prints one table.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let mut ratios = Vec::new();
    let mut all_ran = true;
    for mut program in programs(options)? {
        say::line(format_args!("── {}", cargo::line_of(&program)));
        all_ran &= collect(&mut program, &mut ratios)?;
    }
    say::line("");
    say::table(["id", "measured", "spread", "goal", "", "what"], &goals::rows(&ratios));
    let count = |verdict| ratios.iter().filter(|ratio| ratio.verdict() == verdict).count();
    say::line("");
    say::line(format_args!("{} met, {} missed", count("met"), count("MISSED")));
    Ok(if all_ran { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is run, in order. A program learns of `--full` from `BENCH_FULL=1`, and of the product's release
/// build, where it is to be measured, from `COUNTERSIGN_TEST_BIN`.
fn programs(options: &Options) -> Result<Vec<Command>> {
    let mut programs = if options.http {
        let product = product()?;
        let words = ["run", "--release", "--locked", "--package", "bench-suite", "--bin", "http"];
        let mut http = cargo::command(words);
        http.env("COUNTERSIGN_TEST_BIN", product);
        vec![http]
    } else {
        let mut suite =
            cargo::command(["bench", "--locked", "--package", "bench-suite", "--no-fail-fast"]);
        suite.args(options.bench.iter().flat_map(|name| ["--bench", name]));
        vec![suite]
    };
    if options.full {
        programs.iter_mut().for_each(|program| {
            program.env("BENCH_FULL", "1");
        });
    }
    Ok(programs)
}

fn product() -> Result<PathBuf> {
    cargo::run(&mut cargo::command([
        "build",
        "--release",
        "--locked",
        "--package",
        "countersign",
    ]))?;
    Ok(cargo::members()?.target_directory.into_std_path_buf().join("release/countersign"))
}

/// Passes the program's output on and keeps its ratios. Whether it ended well.
fn collect(program: &mut Command, ratios: &mut Vec<Ratio>) -> Result<bool> {
    let line = cargo::line_of(program);
    let mut child =
        program.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let output = child.stdout.take().with_context(|| format!("`{line}` has no output"))?;
    for text in BufReader::new(output).lines() {
        let text = text?;
        ratios.extend(Ratio::parse(&text));
        say::line(text);
    }
    Ok(child.wait()?.success())
}
