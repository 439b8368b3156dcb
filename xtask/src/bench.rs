//! `cargo xtask bench`: every measured ratio beside its goal.
//!
//! The benchmarks print, among anything else, lines of the form
//! `RATIO <id> <median> <low>..<high> goal<=<goal> …`. Any program that does so can be added to [`programs`].
//! A missed goal is printed as missed and fails nothing: figures swing with the machine.

mod goals;
mod instructions;
mod peers;
mod ratio;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result};

use self::ratio::Ratio;
use crate::postgres::{self, Cluster};
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
    /// Of that only what the gate adds in front of nginx.
    #[arg(long, requires = "http")]
    gate: bool,
    /// Of that only what an idle agent costs.
    #[arg(long, requires = "http", conflicts_with = "gate")]
    agent: bool,
    /// What hot paths execute, counted by callgrind beside the committed figures; fails at five percent more.
    #[arg(long, conflicts_with_all = ["bench", "full", "http"])]
    instructions: bool,
    /// Renews the committed figures.
    #[arg(long, requires = "instructions")]
    write: bool,
}

/// Runs the programs with their output on the terminal, then prints one table.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.instructions {
        return instructions::run(options.write);
    }
    let logs = cargo::output_folder("bench")?;
    let cluster = cluster(options, &logs);
    let mut ratios = Vec::new();
    let mut all_ran = true;
    for mut program in programs(options, &logs)? {
        if let Some(cluster) = &cluster {
            program.env(POSTGRES, cluster.url());
        }
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

/// Names a PostgreSQL server whose databases may be filled.
const POSTGRES: &str = "COUNTERSIGN_TEST_POSTGRES_URL";

/// A PostgreSQL of our own, where something is measured on one and the environment names none. What needs it is
/// reported as not run if it does not start.
fn cluster(options: &Options, logs: &Path) -> Option<Cluster> {
    let wanted = (options.http && !options.gate && !options.agent)
        || (options.bench.is_empty() && !options.http)
        || options.bench.iter().any(|target| ["lists", "store"].contains(&target.as_str()));
    if !wanted || env::var_os(POSTGRES).is_some() {
        return None;
    }
    postgres::start(&logs.join("postgres.log"))
        .inspect_err(|cause| say::line(format_args!("── no PostgreSQL: {cause:#}")))
        .ok()
}

/// What is run, in order. A program learns of `--full` from `BENCH_FULL=1`, and of the product's release
/// build, where it is to be measured, from `COUNTERSIGN_TEST_BIN`.
fn programs(options: &Options, logs: &Path) -> Result<Vec<Command>> {
    let mut programs = if options.http {
        let product = product()?;
        // Among them the pass-through that the server is measured beside.
        cargo::run(&mut cargo::command([
            "build",
            "--release",
            "--locked",
            "--package",
            "bench-suite",
            "--bins",
        ]))?;
        let words = ["run", "--release", "--locked", "--package", "bench-suite", "--bin", "http"];
        let mut http = cargo::command(words);
        http.env("COUNTERSIGN_TEST_BIN", product);
        if options.agent {
            http.env("BENCH_ONLY", "agent");
        } else {
            http.envs(peers::environment(logs, options.gate));
        }
        if options.gate {
            http.env("BENCH_ONLY", "gate");
        }
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
