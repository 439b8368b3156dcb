//! `countersign exec -- CMD`: the token, or the key, lives in the environment of CMD alone.

use std::process::ExitCode;

use anyhow::Context;
use auth_model::{ExposeSecret, SecretString};

use crate::{cli::Exec, connection, failure::Failure};

pub(crate) async fn run(args: Exec) -> Result<ExitCode, Failure> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failure::usage(anyhow::anyhow!("say what to run, after `--`")));
    };
    let mut child = tokio::process::Command::new(program);
    // With other keys in the environment some clients would use those instead.
    child.args(rest).env_remove("DD_API_KEY").env_remove("DD_APP_KEY");
    if args.managed_key {
        child.env("DD_API_KEY", managed_key(&args).await?.expose_secret());
    } else {
        let token = connection::client(&args.connection).await?.access_token().await?;
        child.env("DD_BEARER_TOKEN", token.expose()).env("DD_HOST", &args.connection.url);
    }
    let status = child
        .status()
        .await
        .with_context(|| format!("can't run `{}`", program.to_string_lossy()))?;
    Ok(code(status))
}

/// The agent's key, or one got for this.
async fn managed_key(args: &Exec) -> Result<SecretString, Failure> {
    let Some(socket) = &args.agent else {
        return Ok(connection::client(&args.connection).await?.intake_key().await?.key);
    };
    let name = args.instance.as_deref().or(args.connection.org.as_deref()).ok_or_else(|| {
        Failure::usage(anyhow::anyhow!(
            "say whose key: `--instance NAME`, or `--org UUID` for an instance without a name"
        ))
    })?;
    Ok(countersign_agent::ask_key(socket, name).await.map_err(anyhow::Error::from)?)
}

/// The child's own code; 128 and the signal if one ended it, as shells have it.
fn code(status: std::process::ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(1));
    }
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
