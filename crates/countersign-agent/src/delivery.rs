//! Bringing one instance's keys to where they are wanted, and showing how that goes.

use std::{sync::Arc, time::Duration};

use countersign_client::{CurrentKey, KeeperStatus, KeyKeeper, Nudger};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

use crate::output::Outputs;

/// What is known of one.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// None before the first exchange has ended.
    pub(crate) status: Option<KeeperStatus>,
    /// The key of the moment.
    pub(crate) key: Option<CurrentKey>,
    /// Whether it is wherever it is kept.
    pub(crate) kept: bool,
    /// The same, and programs were told.
    pub(crate) delivered: bool,
    /// Why the key has not reached everybody, or can't.
    pub(crate) output_error: Option<String>,
    /// How often another key came.
    pub(crate) key_changes: u64,
    nudger: Option<Nudger>,
}

impl Shown {
    /// Asks for a refresh, if there is somebody to ask yet.
    pub(crate) fn nudge(&self) {
        if let Some(nudger) = &self.nudger {
            nudger.nudge();
        }
    }
}

/// Brings keys to where they are wanted.
pub(crate) struct Delivery {
    name: String,
    outputs: Outputs,
    shown: watch::Sender<Shown>,
    changed: Arc<Notify>,
}

impl Delivery {
    /// `changed` is told whenever there is something to show.
    pub(crate) fn new(
        name: String,
        outputs: Outputs,
        shown: watch::Sender<Shown>,
        changed: Arc<Notify>,
    ) -> Self {
        Self { name, outputs, shown, changed }
    }

    /// Hands over every key that the keeper gets, until it is told to stop.
    pub(crate) async fn follow(&mut self, keeper: &KeyKeeper, stop: &Notify) {
        let (mut keys, mut statuses) = (keeper.keys(), keeper.statuses());
        keys.mark_changed();
        let (status, nudger) = (keeper.status(), keeper.nudger());
        self.show(|shown| {
            shown.output_error = None;
            shown.status = Some(status);
            shown.nudger = Some(nudger);
        });
        let mut again = None;
        loop {
            tokio::select! {
                biased;
                () = stop.notified() => return,
                Ok(()) = statuses.changed() => {
                    let status = statuses.borrow_and_update().clone();
                    self.show(|shown| shown.status = Some(status));
                }
                Ok(()) = keys.changed() => {
                    self.outputs.renew();
                    again = self.deliver(keeper).await;
                }
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {
                    again = self.deliver(keeper).await;
                }
            }
        }
    }

    /// When to try again, if something failed.
    async fn deliver(&mut self, keeper: &KeyKeeper) -> Option<Instant> {
        let key = keeper.key()?;
        self.show(|shown| {
            let same = shown.key.as_ref().is_some_and(|known| known.expose() == key.expose());
            shown.key_changes += u64::from(!same);
            shown.kept &= same;
            shown.delivered &= same;
            shown.key = Some(key.clone());
        });
        let mut problems = self.outputs.keep(&key).await;
        // Before programs, which may be waiting for us to be ready.
        self.show(|shown| shown.kept = problems.is_empty());
        problems.extend(self.outputs.tell(&key).await);
        let error = (!problems.is_empty()).then(|| problems.join("; "));
        match &error {
            None => tracing::info!(instance = self.name, "the key was handed over"),
            Some(error) => {
                tracing::warn!(
                    instance = self.name,
                    error,
                    "the key could not be handed over; trying again in a minute"
                );
            }
        }
        self.show(|shown| {
            shown.output_error.clone_from(&error);
            shown.delivered = error.is_none();
        });
        error.map(|_| Instant::now() + AGAIN)
    }

    /// Changes what is known of it.
    pub(crate) fn show(&self, change: impl FnOnce(&mut Shown)) {
        self.shown.send_modify(change);
        self.changed.notify_one();
    }
}

/// Until what failed is tried again.
pub(crate) const AGAIN: Duration = Duration::from_secs(60);
