//! `countersign exec -- CMD`: the token lives in the environment of CMD alone.

use std::process::ExitCode;

use anyhow::Context;

use crate::{cli::Exec, connection, failure::Failure};

pub(crate) async fn run(args: Exec) -> Result<ExitCode, Failure> {
    let client = connection::client(&args.connection).await?;
    let token = client.access_token().await?;
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failure::usage(anyhow::anyhow!("say what to run, after `--`")));
    };
    let mut child = tokio::process::Command::new(program);
    child
        .args(rest)
        .env("DD_BEARER_TOKEN", token.expose())
        .env("DD_HOST", &args.connection.url)
        // With keys in the environment some clients would use those instead.
        .env_remove("DD_API_KEY")
        .env_remove("DD_APP_KEY");
    let status = child
        .status()
        .await
        .with_context(|| format!("can't run `{}`", program.to_string_lossy()))?;
    Ok(code(status))
}

/// The child's own code; 128 and the signal if one ended it, as shells have it.
fn code(status: std::process::ExitStatus) -> ExitCode {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(1));
    }
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
