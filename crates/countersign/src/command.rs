//! The commands, one file each.

mod account;
mod completions;
mod dev;
mod exec;
mod explain;
mod init;
mod login;
mod mapping;
mod proof;
mod serve;
mod sts;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command, Output},
    failure::Failure,
};

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { output, command } = cli;
    if matches!(output, Output::Env | Output::Token) && !matches!(command, Command::Login(_)) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--output env` and `--output token` are for `login`; here it is `table` or `json`"
        )));
    }
    match command {
        Command::Dev(args) => dev::run(args, output).await?,
        Command::Serve(args) => serve::run(args).await?,
        Command::Init(args) => init::run(&args, output)?,
        Command::Sts(args) => sts::run(args, output).await?,
        Command::Login(connection) => login::run(&connection, output).await?,
        Command::Exec(args) => return exec::run(args).await,
        Command::Mapping(args) => mapping::run(args, output).await?,
        Command::Account(args) => account::run(args, output).await?,
        Command::Explain(args) => explain::run(args, output).await?,
        Command::Proof(args) => proof::run(args, output).await?,
        Command::Completions { shell } => completions::run(shell),
    }
    Ok(ExitCode::SUCCESS)
}
