//! `countersign agent`: managed keys kept fresh, for programs that only read a file or are told.

mod config;
mod handover;
mod instance;
mod secrets;
mod state;
mod status;

use std::{pin::pin, process::ExitCode, sync::Arc};

use anyhow::Context;
use countersign_server::config::LogFormat;
use tokio::sync::Notify;

use self::{
    instance::{Prepared, Running},
    state::State,
};
use crate::{
    cli::{Agent, AgentCommand, Output},
    failure::Failure,
    logging, signals,
};

pub(crate) async fn run(args: Agent, form: Output) -> Result<ExitCode, Failure> {
    match args.command {
        Some(AgentCommand::Status(file)) => status::run(&file, form),
        Some(AgentCommand::Secrets { config }) => secrets::run(&config).map(|()| ExitCode::SUCCESS),
        None => keep(&args).await.map(|()| ExitCode::SUCCESS),
    }
}

/// Runs until it is told to stop.
async fn keep(args: &Agent) -> Result<(), Failure> {
    let first = prepare_all(config::load(args)?).await?;
    let state = State::open(&args.state)?;
    logging::set_up(&args.log, LogFormat::Text).map_err(Failure::usage)?;
    let mut reload = signals::Reload::new().context("can't wait for signals")?;
    let mut stop = pin!(signals::stop());

    let changed = Arc::new(Notify::new());
    let mut running: Vec<_> = first.into_iter().map(|one| one.start(&changed)).collect();
    tracing::info!(instances = running.len(), "the agent has started");
    loop {
        state.tell(&running);
        tokio::select! {
            outcome = &mut stop => {
                outcome.context("can't wait for signals")?;
                break;
            }
            () = reload.asked() => running = reloaded(args, running, &changed).await,
            () = changed.notified() => {}
        }
    }
    tracing::info!("the agent stops");
    Running::stop_all(&mut running).await;
    state.tell(&running);
    Ok(())
}

/// What runs after the configuration was read anew. One that can't be used changes nothing; what is as before goes on,
/// with a fresh key.
async fn reloaded(args: &Agent, running: Vec<Running>, changed: &Arc<Notify>) -> Vec<Running> {
    let wanted = match config::load(args) {
        Ok(wanted) => wanted,
        Err(failure) => return kept(running, &failure),
    };
    let new = wanted.iter().filter(|one| !running.iter().any(|known| known.is_of(one)));
    let new = match prepare_all(new.cloned().collect()).await {
        Ok(new) => new,
        Err(failure) => return kept(running, &failure),
    };
    let (mut stay, mut go): (Vec<_>, Vec<_>) =
        running.into_iter().partition(|known| wanted.iter().any(|one| known.is_of(one)));
    // First: a successor may use the same files.
    Running::stop_all(&mut go).await;
    stay.iter().for_each(Running::nudge);
    stay.extend(new.into_iter().map(|one| one.start(changed)));
    tracing::info!(instances = stay.len(), "the configuration was read anew");
    stay
}

fn kept(running: Vec<Running>, failure: &Failure) -> Vec<Running> {
    let error = failure.sentence();
    tracing::error!(error, "the configuration can't be used; everything goes on as before");
    running
}

async fn prepare_all(instances: Vec<config::Instance>) -> Result<Vec<Prepared>, Failure> {
    let mut prepared = Vec::with_capacity(instances.len());
    for instance in instances {
        prepared.push(Prepared::new(instance).await?);
    }
    Ok(prepared)
}
