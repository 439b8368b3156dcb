#![doc = include_str!("../README.md")]

mod cli;
mod command;
mod connection;
mod failure;
mod input;
mod installation;
mod logging;
mod lookup;
mod output;
mod signals;
mod state_folder;

use std::{future::Future, process::ExitCode};

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::{
    cli::{AgentCli, Cli, Output},
    failure::Failure,
};

/// The program `countersign`.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    finish(cli.output, Builder::new_multi_thread().enable_all().build(), command::run(cli))
}

/// The program `countersign-agent`: what `countersign agent` is, without the server, so that a host has little to carry.
pub fn run_agent() -> ExitCode {
    let AgentCli { output, agent } = AgentCli::parse();
    // One thread: it waits nearly all the time.
    let runtime = Builder::new_current_thread().enable_all().build();
    finish(output, runtime, command::agent::run(agent, output))
}

fn finish(
    output: Output,
    runtime: std::io::Result<Runtime>,
    command: impl Future<Output = Result<ExitCode, Failure>>,
) -> ExitCode {
    let ended = runtime
        .map_err(|error| Failure::from(anyhow::Error::from(error)))
        .and_then(|runtime| runtime.block_on(command));
    ended.unwrap_or_else(|failure| failure.report(output))
}
