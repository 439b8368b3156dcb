//! `countersign agent`: managed keys kept fresh, for programs that only read a file or are told.

mod secrets;
mod status;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, anyhow};
use countersign_agent::{
    AgentError, Command, Run,
    config::{Config, ConfigError, DatadogYaml, Instance},
};
use countersign_server::config::LogFormat;
use tokio::sync::mpsc;

use crate::{
    cli::{Agent, AgentCommand, Output, StateFile},
    failure::Failure,
    logging, output, signals, state_folder,
};

pub(crate) async fn run(args: Agent, form: Output) -> Result<ExitCode, Failure> {
    match &args.command {
        Some(AgentCommand::Status(file)) => status::run(file, form),
        Some(AgentCommand::Secrets(from)) => secrets::run(from).await.map(|()| ExitCode::SUCCESS),
        Some(AgentCommand::Refused { socket, instance }) => {
            let told = countersign_agent::ask_refused(socket, instance).await;
            told.map_err(anyhow::Error::from)?;
            output::note(
                "The agent asks for another key, 30 s after the last time at the soonest.",
            );
            Ok(ExitCode::SUCCESS)
        }
        None => keep(args).await,
    }
}

/// Runs until it is told to stop.
async fn keep(args: Agent) -> Result<ExitCode, Failure> {
    // Before there is a log, a configuration that is wrong is told as any command's mistake.
    logging::set_up(&args.log, LogFormat::Text).map_err(Failure::usage)?;
    let state_file = state_file(&args.state)?;
    if let Some(folder) = state_file.parent().filter(|_| args.state.state_file.is_none()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("can't make the folder `{}`", folder.display()))?;
    }
    let commands = commands().context("can't wait for signals")?;
    let once = args.once;
    let run = Run { load: Box::new(move || config(&args)), state_file, once };
    let ended = countersign_agent::run(run, commands).await.map_err(failure)?;
    Ok(if once && !ended.is_well() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Signals, as what they ask for.
fn commands() -> std::io::Result<mpsc::Receiver<Command>> {
    let (sender, commands) = mpsc::channel(1);
    let mut reload = signals::Reload::new()?;
    tokio::spawn(async move {
        let mut stop = std::pin::pin!(signals::stop());
        loop {
            let (command, last) = tokio::select! {
                // If signals can't be had any more there is no other way to stop.
                _ = &mut stop => (Command::Stop, true),
                () = reload.asked() => (Command::Reload, false),
            };
            if sender.send(command).await.is_err() || last {
                return;
            }
        }
    });
    Ok(commands)
}

/// What the file, or else the options, say.
fn config(args: &Agent) -> Result<Config, ConfigError> {
    if let Some(path) = &args.config {
        return Config::load(path);
    }
    let datadog_yaml = datadog_yaml(args);
    let instances = match &datadog_yaml {
        Some(_) => Vec::new(),
        None => vec![instance(args)?],
    };
    Config {
        listen: args.listen,
        socket: args.socket.clone(),
        socket_owner: args.socket_owner.clone(),
        instances,
        datadog_yaml,
        ..Config::default()
    }
    .checked()
}

fn datadog_yaml(args: &Agent) -> Option<DatadogYaml> {
    Some(DatadogYaml {
        path: args.datadog_yaml.clone()?,
        key_folder: args.key_folder.clone(),
        key_file_owner: args.one.key_file_owner.clone(),
        cache_folder: args.cache_folder.clone(),
        cache_key_file: args.one.cache_key_file.clone(),
        on_change: args.one.on_change.clone().into_iter().collect(),
        ..DatadogYaml::default()
    })
}

fn instance(args: &Agent) -> Result<Instance, ConfigError> {
    let Agent { connection, one, .. } = args;
    let org = connection.org.clone().ok_or_else(|| {
        ConfigError::Wrong(
            "say which organization: `--org UUID` or DD_ORG_UUID, or `--config FILE` for several"
                .to_owned(),
        )
    })?;
    Ok(Instance {
        url: connection.url.clone(),
        org,
        region: connection.sts_region.clone(),
        profile: connection.profile.clone(),
        refresh_interval_mins: one.refresh_interval_mins,
        fallback_key_file: one.fallback_key_file.clone(),
        cache_file: one.cache_file.clone(),
        cache_key_file: one.cache_key_file.clone(),
        key_file: one.key_file.clone(),
        key_file_owner: one.key_file_owner.clone(),
        on_change: one.on_change.clone().into_iter().collect(),
        ..Instance::default()
    })
}

fn state_file(file: &StateFile) -> Result<PathBuf, Failure> {
    if let Some(path) = &file.state_file {
        return Ok(path.clone());
    }
    let folder = state_folder::state_folder().ok_or_else(|| {
        Failure::usage(anyhow!("there is no home folder; say where with `--state-file`"))
    })?;
    Ok(folder.join("agent.json"))
}

/// Mistakes of whoever started it apart from those of the machine.
fn failure(error: AgentError) -> Failure {
    match error {
        AgentError::Config(_) | AgentError::Busy { .. } | AgentError::Locked(_) => {
            Failure::usage(error)
        }
        error => Failure::from(anyhow::Error::from(error)),
    }
}
