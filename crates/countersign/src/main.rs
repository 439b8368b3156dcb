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

use std::process::ExitCode;

use clap::Parser;

use crate::{cli::Cli, failure::Failure};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = cli.output;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(anyhow::Error::from(error)).report(output),
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => code,
        Err(failure) => failure.report(output),
    }
}
