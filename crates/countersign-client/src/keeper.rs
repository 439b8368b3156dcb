//! One organization's managed API key, kept fresh.

mod cache;
mod key;
mod schedule;
mod work;

#[cfg(test)]
mod fleet;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_model::{Clock, Randomness, SecretString, Timestamp};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use crate::{ClientError, keeper::work::Work};

pub use cache::{CacheError, CachedKey, FileCache, KeyCache, Seal};
pub use key::{ClockSkew, CurrentKey, KeeperStatus, KeySource, KeyState, KeyTarget, ObtainedKey};

/// Keeps one organization's managed API key: asks for it at the start, then once an interval, sooner when nudged.
///
/// [`Client`](crate::Client) is the exchange to give it. The key of the moment is in a [`watch`] channel: read it for
/// each request, or wait for it to change. Times of refreshes run by the runtime's clock, which no setting of the
/// machine's clock moves; `clock` is for what is shown and cached.
///
/// It is one task, which ends when this is dropped: an exchange under way is given up. Receivers keep the last key.
pub struct KeyKeeper {
    keys: watch::Receiver<Option<CurrentKey>>,
    status: watch::Receiver<KeeperStatus>,
    nudges: Arc<Notify>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

/// How a key is kept.
#[derive(Clone, Debug)]
pub struct KeeperSettings {
    /// From one success to the next refresh, give or take a tenth; also the wait after a first failure. An hour by
    /// default, kept between a minute and a day. Servers let a key overlap with the next for hours, so much more than
    /// an hour is not for them.
    pub refresh_interval: Duration,
    /// For one exchange, credentials included: the longest that [`KeyKeeper::start`] takes, but for a cache. 30 seconds by
    /// default.
    pub timeout: Duration,
    /// A key to use while no managed one was ever obtained.
    pub fallback: Option<SecretString>,
    /// Where the last good key survives a restart; nowhere by default.
    pub cache: Option<Arc<dyn KeyCache>>,
    /// Older ones are not taken from the cache. 29 hours by default: by then a server of default settings has replaced
    /// the key (24 h) and refuses it (5 h later).
    pub cached_key_max_age: Duration,
}

/// Gives the managed key of the moment.
#[async_trait]
pub trait KeyExchange: Send + Sync + fmt::Debug {
    /// Asks the server. May be dropped at any time.
    ///
    /// `fallback_since`: a fallback key is in use, and since when, which a server that gives a key notes in its audit log.
    async fn obtain(&self, fallback_since: Option<Timestamp>) -> Result<ObtainedKey, ClientError>;

    /// Whom it asks, and for whom.
    fn target(&self) -> KeyTarget;
}

/// Asks for a refresh; see [`KeyKeeper::nudge`]. Cheap to clone, and does nothing once the keeper is gone.
#[derive(Clone, Debug)]
pub struct Nudger(Arc<Notify>);

impl KeyKeeper {
    /// Begins with the cached key if there is one, makes one exchange and waits for it, and goes on in a task.
    ///
    /// Its failure does not fail this: the status tells it, and the next refresh comes. After it there is a key, or
    /// the fallback, or none yet.
    pub async fn start(
        exchange: Arc<dyn KeyExchange>,
        settings: KeeperSettings,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let (mut work, (keys, status)) = Work::new(exchange, settings, clock, randomness);
        let (nudges, stop) = (work.nudges(), Arc::new(Notify::new()));
        work.begin_with_cache().await;
        work.refresh().await;
        let task = tokio::spawn(work.run(Arc::clone(&stop)));
        Self { keys, status, nudges, stop, task }
    }

    /// The key to send now; `None` while there is none.
    pub fn key(&self) -> Option<CurrentKey> {
        self.keys.borrow().clone()
    }

    /// The key to send, whenever that changes.
    pub fn keys(&self) -> watch::Receiver<Option<CurrentKey>> {
        self.keys.clone()
    }

    /// How it stands.
    pub fn status(&self) -> KeeperStatus {
        self.status.borrow().clone()
    }

    /// The same, whenever that changes.
    pub fn statuses(&self) -> watch::Receiver<KeeperStatus> {
        self.status.clone()
    }

    /// Asks for a refresh, because the key was refused (403). Comes back at once.
    ///
    /// Refreshes are at least 30 s apart, or what the server asks for, and one answers all nudges before it.
    pub fn nudge(&self) {
        self.nudges.notify_one();
    }

    /// The same for those who have only the key's channel.
    pub fn nudger(&self) -> Nudger {
        Nudger(Arc::clone(&self.nudges))
    }

    /// Ends the task, and waits for that. An exchange is given up; a write to the cache is finished.
    pub async fn stop(mut self) {
        self.stop.notify_one();
        // It can only have ended.
        let _ = (&mut self.task).await;
    }
}

impl Nudger {
    /// As [`KeyKeeper::nudge`].
    pub fn nudge(&self) {
        self.0.notify_one();
    }
}

impl Default for KeeperSettings {
    fn default() -> Self {
        Self {
            refresh_interval: Duration::from_secs(3_600),
            timeout: Duration::from_secs(30),
            fallback: None,
            cache: None,
            cached_key_max_age: Duration::from_secs(29 * 3_600),
        }
    }
}

impl Drop for KeyKeeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for KeyKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyKeeper").field("status", &self.status()).finish_non_exhaustive()
    }
}
