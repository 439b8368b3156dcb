//! The loop: instances begin and end, everybody is told how they stand.

use std::{fmt, path::PathBuf, pin::pin, sync::Arc, time::Duration};

use countersign_client::KeyState;
use tokio::{
    sync::{Notify, mpsc},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    AgentError,
    board::Board,
    config::{Config, ConfigError},
    instance::{Prepared, Running, Shared},
    local,
    state_file::StateFile,
    status::AgentStatus,
    systemd::ServiceManager,
};

/// What an agent is told while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Read the configuration anew, and ask for fresh keys.
    Reload,
    /// End, once deliveries under way are done.
    Stop,
}

/// How an agent runs.
pub struct Run {
    /// Gives the configuration: at the start, and for each [`Command::Reload`].
    pub load: Box<dyn Fn() -> Result<Config, ConfigError> + Send>,
    /// Where it tells how it stands; see [`read_status`](crate::read_status). One agent at a time uses it.
    pub state_file: PathBuf,
    /// End as soon as every key was handed over, or could not be.
    pub once: bool,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("state_file", &self.state_file).finish_non_exhaustive()
    }
}

/// Keeps keys fresh until it is told to stop, or nobody is left to tell it. How it stood at the end comes back.
///
/// Fails before anything has started: at a configuration that can't be used, at files that another agent has, at an
/// address that can't be listened on. What goes wrong later is told, and tried again.
pub async fn run(
    run: Run,
    mut commands: mpsc::Receiver<Command>,
) -> Result<AgentStatus, AgentError> {
    let config = (run.load)()?;
    warn(&config);
    let mut first = prepare_all(&config).await?;
    let state = StateFile::open(&run.state_file)?;
    for one in &mut first {
        one.lock().map_err(AgentError::Locked)?;
    }
    let board = Board::default();
    let doors = local::open(&config, &board).await?;
    let changed = Arc::new(Notify::new());
    let running: Vec<_> = first.into_iter().map(|one| one.start(&changed)).collect();
    tracing::info!(instances = running.len(), "the agent has started");
    let mut agent = Agent {
        board,
        state,
        running,
        changed,
        config,
        manager: ServiceManager::default(),
        load: run.load,
    };
    agent.board.show(&agent.running);
    agent.work(&mut commands, run.once).await;
    tracing::info!("the agent stops");
    ServiceManager::stopping();
    drop(doors);
    Running::stop_all(&mut agent.running).await;
    Ok(agent.tell())
}

struct Agent {
    board: Board,
    state: StateFile,
    running: Vec<Running>,
    changed: Arc<Notify>,
    /// As it was read last.
    config: Config,
    manager: ServiceManager,
    load: Box<dyn Fn() -> Result<Config, ConfigError> + Send>,
}

impl Agent {
    async fn work(&mut self, commands: &mut mpsc::Receiver<Command>, once: bool) {
        let mut signs = ServiceManager::wants_signs_every().map(every);
        loop {
            self.tell();
            if once && self.is_settled() {
                return;
            }
            let changed = Arc::clone(&self.changed);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Reload) => while_telling(&mut signs, self.reload()).await,
                    Some(Command::Stop) | None => return,
                },
                () = changed.notified() => {}
                () = tick(&mut signs) => ServiceManager::alive(),
            }
        }
    }

    /// Tells everybody how it stands.
    fn tell(&mut self) -> AgentStatus {
        let status = self.board.status();
        self.state.tell(&status);
        self.manager.status(line(&status));
        // By the same look at it: whoever hears that it is ready has heard how it stands.
        if status.has_started() {
            self.manager.ready();
        }
        status
    }

    /// Whether every instance has handed its key over, or has none.
    fn is_settled(&self) -> bool {
        self.board.all().iter().map(|one| one.shown()).all(|shown| {
            let tried = shown.delivered || shown.output_error.is_some();
            shown.status.is_some_and(|status| status.state == KeyState::Pending || tried)
        })
    }

    /// Reads the configuration anew. One that can't be used changes nothing; what is as before goes on, with a fresh key.
    async fn reload(&mut self) {
        ServiceManager::reloading();
        if let Err(error) = self.try_reload().await {
            let error = error.to_string();
            tracing::error!(error, "the configuration can't be used; everything goes on as before");
        }
        ServiceManager::reloaded();
    }

    async fn try_reload(&mut self) -> Result<(), ConfigError> {
        let wanted = (self.load)()?;
        warn(&wanted);
        let same_doors = |one: &Config| (one.listen, one.socket.clone(), one.socket_owner.clone());
        if same_doors(&wanted) != same_doors(&self.config) {
            tracing::warn!("`listen` and `socket` change with a restart only");
        }
        let is_known = |one: &_| self.running.iter().any(|known| known.seen().instance() == one);
        let mut new = wanted.clone();
        new.instances.retain(|one| !is_known(one));
        let new = prepare_all(&new).await?;
        let (stay, mut go): (Vec<_>, Vec<_>) = std::mem::take(&mut self.running)
            .into_iter()
            .partition(|known| wanted.instances.contains(known.seen().instance()));
        // First: a successor may use the same files.
        Running::stop_all(&mut go).await;
        drop(go);
        stay.iter().for_each(|one| one.seen().nudge());
        self.running = stay;
        self.running.extend(new.into_iter().map(|one| one.start(&self.changed)));
        self.board.show(&self.running);
        self.config = wanted;
        tracing::info!(instances = self.running.len(), "the configuration was read anew");
        Ok(())
    }
}

async fn prepare_all(config: &Config) -> Result<Vec<Prepared>, ConfigError> {
    let mut shared = Shared::default();
    let mut prepared = Vec::with_capacity(config.instances.len());
    for instance in &config.instances {
        prepared.push(Prepared::new(instance.clone(), &mut shared).await?);
    }
    Ok(prepared)
}

fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

/// As `systemctl status` shows it.
fn line(status: &AgentStatus) -> String {
    let count = |state: &str| status.instances.iter().filter(|one| one.state == state).count();
    let (active, pending, fallback) = (count("active"), count("pending"), count("fallback"));
    let failing = status.instances.iter().filter(|one| !one.problems().is_empty()).count();
    format!(
        "{active} active, {pending} without a key, {fallback} with the fallback; {failing} with problems"
    )
}

fn every(period: Duration) -> Interval {
    let mut signs = interval(period);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    signs
}

/// Does it with signs of life meanwhile: programs of instances that end are waited for.
async fn while_telling(signs: &mut Option<Interval>, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            () = &mut work => return,
            () = tick(signs) => ServiceManager::alive(),
        }
    }
}

async fn tick(signs: &mut Option<Interval>) {
    match signs {
        Some(signs) => {
            signs.tick().await;
        }
        None => std::future::pending().await,
    }
}
