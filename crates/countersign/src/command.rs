//! The commands, one file each.

mod account;
pub(crate) mod agent;
mod audit;
mod authn_mapping;
mod completions;
mod dev;
mod exec;
mod explain;
mod init;
mod key;
mod login;
mod mapping;
mod organization;
mod proof;
mod role;
mod saml;
mod serve;
mod sts;
mod user;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command, Organization, Output},
    failure::Failure,
};

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { output, command } = cli;
    let shell_lines = match command {
        Command::Login(_) => true,
        Command::Bootstrap(_) | Command::Organization(Organization::Create(_)) => {
            output != Output::Token
        }
        _ => false,
    };
    if matches!(output, Output::Env | Output::Token) && !shell_lines {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--output env` is for `login`, `bootstrap` and `org create`, `--output token` for `login`; here it is `table` or `json`"
        )));
    }
    match command {
        Command::Dev(args) => dev::run(args, output).await?,
        Command::Serve(args) => serve::run(args).await?,
        Command::Init(args) => init::run(&args, output)?,
        Command::Bootstrap(args) => organization::bootstrap(&args, output).await?,
        Command::Organization(args) => organization::run(args, output).await?,
        Command::Sts(args) => sts::run(args, output).await?,
        Command::Login(connection) => login::run(&connection, output).await?,
        Command::Exec(args) => return exec::run(args).await,
        Command::User(args) => user::run(args, output).await?,
        Command::Role(args) => role::run(args, output).await?,
        Command::AuthnMapping(args) => authn_mapping::run(args, output).await?,
        Command::Saml(args) => saml::run(args, output).await?,
        Command::Key(args) => key::run(args, output).await?,
        Command::Agent(args) => return agent::run(*args, output).await,
        Command::Audit(args) => return audit::run(args, output).await,
        Command::Mapping(args) => mapping::run(args, output).await?,
        Command::Account(args) => account::run(args, output).await?,
        Command::Explain(args) => explain::run(args, output).await?,
        Command::Proof(args) => proof::run(args, output).await?,
        Command::Completions { shell } => completions::run(shell),
    }
    Ok(ExitCode::SUCCESS)
}
