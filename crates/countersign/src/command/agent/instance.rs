//! One key: its keeper, and the task that delivers what that has.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use auth_model::{OsRandomness, SystemClock};
use countersign_client::{
    Client, FileCache, KeeperSettings, KeeperStatus, KeyCache, KeyKeeper, Nudger,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use super::{config::Instance, handover};
use crate::{cli::Connection, connection, failure::Failure, private_file};

/// One whose settings can be used.
pub(super) struct Prepared {
    instance: Instance,
    client: Arc<Client>,
    settings: KeeperSettings,
}

/// One at work.
pub(super) struct Running {
    instance: Instance,
    shown: watch::Receiver<Shown>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

/// What is known of one.
#[derive(Clone, Default)]
pub(super) struct Shown {
    /// None before the first exchange has ended.
    pub(super) status: Option<KeeperStatus>,
    /// Why the key has not reached everybody.
    pub(super) output_error: Option<String>,
    nudger: Option<Nudger>,
}

impl Prepared {
    pub(super) async fn new(instance: Instance) -> Result<Self, Failure> {
        let connection = Connection {
            url: instance.url.clone(),
            org: Some(instance.org.clone()),
            sts_region: instance.region.clone(),
            profile: instance.profile.clone(),
        };
        let client = Arc::new(connection::client(&connection).await?);
        let mut settings = KeeperSettings::default();
        if let Some(minutes) = instance.refresh_interval_mins {
            settings.refresh_interval = Duration::from_secs(u64::from(minutes) * 60);
        }
        if let Some(path) = &instance.fallback_key_file {
            let text = private_file::read_private(path).map_err(Failure::usage)?;
            let key = Some(text.trim()).filter(|key| !key.is_empty());
            let key = key.with_context(|| format!("there is no key in `{}`", path.display()));
            settings.fallback = Some(key.map_err(Failure::usage)?.into());
        }
        let cache = instance.cache_file.clone().map(FileCache::new);
        settings.cache = cache.map(|cache| Arc::new(cache) as Arc<dyn KeyCache>);
        Ok(Self { instance, client, settings })
    }

    /// `changed` is told whenever there is something to show.
    pub(super) fn start(self, changed: &Arc<Notify>) -> Running {
        let (sender, shown) = watch::channel(Shown::default());
        let (instance, stop) = (self.instance.clone(), Arc::new(Notify::new()));
        let delivery =
            Delivery { instance: self.instance, shown: sender, changed: changed.clone() };
        let task = tokio::spawn(work(self.client, self.settings, delivery, Arc::clone(&stop)));
        Running { instance, shown, stop, task }
    }
}

impl Running {
    pub(super) fn is_of(&self, instance: &Instance) -> bool {
        self.instance == *instance
    }

    pub(super) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(super) fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    pub(super) fn nudge(&self) {
        if let Some(nudger) = &self.shown.borrow().nudger {
            nudger.nudge();
        }
    }

    /// Ends them side by side; a delivery under way is finished.
    pub(super) async fn stop_all(running: &mut [Self]) {
        running.iter().for_each(|one| one.stop.notify_one());
        for one in running {
            // It can only have ended.
            let _ = (&mut one.task).await;
        }
    }
}

/// Brings keys to where they are wanted.
struct Delivery {
    instance: Instance,
    shown: watch::Sender<Shown>,
    changed: Arc<Notify>,
}

impl Delivery {
    fn show(&self, change: impl FnOnce(&mut Shown)) {
        self.shown.send_modify(change);
        self.changed.notify_one();
    }

    /// When to try again, if something failed.
    async fn deliver(&self, keeper: &KeyKeeper) -> Option<Instant> {
        let key = keeper.key()?;
        let failed = handover::deliver(&self.instance, &key).await.err();
        let name = self.instance.name();
        let error = failed.map(|error| format!("{error:#}"));
        match &error {
            None => tracing::info!(instance = name, "the key was handed over"),
            Some(error) => {
                tracing::warn!(
                    instance = name,
                    error,
                    "the key could not be handed over; trying again in a minute"
                );
            }
        }
        self.show(|shown| shown.output_error.clone_from(&error));
        error.map(|_| Instant::now() + AGAIN)
    }
}

async fn work(
    client: Arc<Client>,
    settings: KeeperSettings,
    delivery: Delivery,
    stop: Arc<Notify>,
) {
    let start = KeyKeeper::start(client, settings, Arc::new(SystemClock), Arc::new(OsRandomness));
    let keeper = tokio::select! {
        biased;
        () = stop.notified() => return,
        keeper = start => keeper,
    };
    let (mut keys, mut statuses) = (keeper.keys(), keeper.statuses());
    keys.mark_changed();
    delivery.show(|shown| {
        shown.status = Some(keeper.status());
        shown.nudger = Some(keeper.nudger());
    });
    let mut again = None;
    loop {
        tokio::select! {
            biased;
            () = stop.notified() => break,
            Ok(()) = statuses.changed() => {
                let status = statuses.borrow_and_update().clone();
                delivery.show(|shown| shown.status = Some(status));
            }
            Ok(()) = keys.changed() => again = delivery.deliver(&keeper).await,
            () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {
                again = delivery.deliver(&keeper).await;
            }
        }
    }
    keeper.stop().await;
}

const AGAIN: Duration = Duration::from_secs(60);
