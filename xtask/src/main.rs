//! Everything CI runs, runnable on a laptop: `cargo xtask <command>`.
//!
//! One file per command. Each is thin: it forwards to `$CARGO` or to a program of the machine, and says
//! in one table what ran and what did not. Nothing here is part of the product.

mod bench;
mod cargo;
mod check;
mod idp;
mod layers;
mod packages;
mod postgres;
mod process;
mod say;
mod test;
mod venv;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything CI runs, runnable on a laptop.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Formatting, lints, documentation, layers, and licences where `cargo-deny` is installed.
    Check,
    /// Fails on a dependency that goes up or sideways, or on a third-party crate out of its place.
    Layers,
    /// Sets up what the tests need, runs every suite, and names each with its count.
    Test(test::Options),
    /// Runs an identity provider on loopback, to try sign-in by SAML with.
    Idp {
        /// The URL of our metadata, which `countersign saml status` shows.
        metadata: String,
    },
    /// Runs the benchmarks and prints every ratio beside its goal.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check => check::run(),
        Command::Layers => layers::run(),
        Command::Test(options) => test::run(&options),
        Command::Idp { metadata } => idp::run(&metadata),
        Command::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(code) => code,
        Err(cause) => {
            say::error(format_args!("{cause:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_argument_parser_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_documented_call_parses() {
        for line in [
            "check",
            "layers",
            "test",
            "test --only unit",
            "test --only conformance --only http --store postgres",
            "test --only clients",
            "idp http://127.0.0.1:8400/saml/ORG/metadata",
            "bench",
            "bench --full",
            "bench --bench parse --bench single",
            "bench --http",
            "bench --http --full",
            "bench --http --gate",
            "bench --http --agent",
            "bench --instructions",
            "bench --instructions --write",
        ] {
            let words = ["cargo xtask"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        for line in [
            "",
            "deploy",
            "test --only everything",
            "test --store mysql",
            "check --fast",
            "bench --write",
            "bench --gate",
            "bench --http --gate --agent",
        ] {
            let words =
                ["cargo xtask"].into_iter().chain(line.split(' ').filter(|w| !w.is_empty()));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
