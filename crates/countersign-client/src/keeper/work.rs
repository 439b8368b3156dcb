//! The loop around the schedule: waits, exchanges, tells.

use std::{sync::Arc, time::Duration};

use auth_model::{Clock, Randomness, SecretString, Timestamp};
use futures_util::FutureExt;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    CacheError, CachedKey, ClockSkew, CurrentKey, KeeperSettings, KeeperStatus, KeyCache,
    KeyExchange, KeySource, KeyState, KeyTarget, ObtainedKey, schedule::Schedule,
};
use crate::ClientError;

/// What the task owns.
pub(super) struct Work {
    exchange: Arc<dyn KeyExchange>,
    target: KeyTarget,
    settings: KeeperSettings,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    began: Instant,
    schedule: Schedule,
    nudges: Arc<Notify>,
    keys: watch::Sender<Option<CurrentKey>>,
    status: watch::Sender<KeeperStatus>,
    /// When the log last told of the fallback.
    told_of_fallback: Option<Instant>,
}

type Receivers = (watch::Receiver<Option<CurrentKey>>, watch::Receiver<KeeperStatus>);

impl Work {
    pub(super) fn new(
        exchange: Arc<dyn KeyExchange>,
        settings: KeeperSettings,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> (Self, Receivers) {
        let schedule = Schedule::new(settings.refresh_interval);
        let target = exchange.target();
        let (keys, key) = watch::channel(None);
        let (status, shown) = watch::channel(KeeperStatus {
            state: KeyState::Pending,
            target: target.clone(),
            credentials_from: None,
            refresh_interval: schedule.interval(),
            last_refresh: None,
            next_refresh: clock.now(),
            consecutive_failures: 0,
            refreshes: 0,
            failures: 0,
            last_error: None,
            clock_skew: None,
            cache_error: None,
        });
        let (began, nudges, told_of_fallback) = (Instant::now(), Arc::new(Notify::new()), None);
        let work = Self {
            exchange,
            target,
            settings,
            clock,
            randomness,
            began,
            schedule,
            nudges,
            keys,
            status,
            told_of_fallback,
        };
        (work, (key, shown))
    }

    pub(super) fn nudges(&self) -> Arc<Notify> {
        Arc::clone(&self.nudges)
    }

    /// Refreshes when due, until told to stop.
    pub(super) async fn run(mut self, stop: Arc<Notify>) {
        loop {
            tokio::select! {
                biased;
                () = stop.notified() => return,
                () = self.nudges.notified() => {
                    let due = self.schedule.due();
                    self.schedule.nudged(self.began.elapsed());
                    // Those who are refused all the time say so all the time.
                    if self.schedule.due() != due {
                        self.tell(|_| ());
                    }
                }
                () = sleep_until(self.began + self.schedule.due()) => {
                    let outcome = tokio::select! {
                        biased;
                        () = stop.notified() => return,
                        outcome = self.obtain() => outcome,
                    };
                    self.take(outcome).await;
                }
            }
        }
    }

    /// Uses what the cache holds until there is better.
    pub(super) async fn begin_with_cache(&mut self) {
        let cached = match self.with_cache(|cache| cache.load()).await {
            Some(Ok(Some(cached))) => cached,
            Some(Err(error)) => return self.cache_failed(&error),
            Some(Ok(None)) | None => return,
        };
        let age = self.clock.now().since(cached.obtained_at);
        let ours =
            cached.target.server == self.target.server && cached.target.org == self.target.org;
        if !ours || age > self.settings.cached_key_max_age {
            tracing::info!(org.id = %self.target.org, "the cached key is another's or too old, and not used");
            return;
        }
        let at = cached.obtained_at;
        self.hand_out(CurrentKey::new(cached.key.key, KeySource::Managed, at));
        self.tell(|status| {
            status.state = KeyState::Active;
            status.last_refresh = Some(at);
        });
    }

    /// One exchange, and all that follows from it.
    pub(super) async fn refresh(&mut self) {
        let outcome = self.obtain().await;
        self.take(outcome).await;
    }

    async fn obtain(&self) -> Result<ObtainedKey, ClientError> {
        let limit = self.settings.timeout;
        timeout(limit, self.exchange.obtain(self.fallback_since())).await.unwrap_or_else(|_| {
            Err(ClientError::Unreachable {
                url: self.target.server.clone(),
                what: format!("no key came within {} s", limit.as_secs()),
            })
        })
    }

    async fn take(&mut self, outcome: Result<ObtainedKey, ClientError>) {
        match outcome {
            Ok(obtained) => self.succeeded(obtained).await,
            Err(error) => self.failed(&error),
        }
    }

    async fn succeeded(&mut self, ObtainedKey { key, credentials_from }: ObtainedKey) {
        let failures = self.schedule.failures();
        self.schedule.succeeded(self.began.elapsed(), self.random());
        // Whoever was refused meanwhile was refused the key from before.
        let _ = self.nudges.notified().now_or_never();
        let now = self.clock.now();
        self.hand_out(CurrentKey::new(key.key.clone(), KeySource::Managed, now));
        if failures > 0 || self.told_of_fallback.take().is_some() {
            tracing::info!(org.id = %self.target.org, "the managed key is fresh again");
        }
        self.tell(|status| {
            status.state = KeyState::Active;
            status.refreshes += 1;
            status.credentials_from = Some(credentials_from);
            status.last_refresh = Some(now);
            status.last_error = None;
            status.clock_skew = None;
        });
        let cached = CachedKey { target: self.target.clone(), key, obtained_at: now };
        match self.with_cache(move |cache| cache.store(&cached)).await {
            Some(Ok(())) => self.tell(|status| status.cache_error = None),
            Some(Err(error)) => self.cache_failed(&error),
            None => {}
        }
    }

    fn failed(&mut self, error: &ClientError) {
        let asked = error.refusal().and_then(|refusal| refusal.retry_after);
        self.schedule.failed(self.began.elapsed(), asked, self.random());
        let text = self.without_keys(error.to_string());
        let failures = self.schedule.failures();
        // A server that is away for a day need not fill the log.
        if failures.is_power_of_two() {
            tracing::warn!(org.id = %self.target.org, failures, error = text, "the managed key could not be refreshed");
        } else {
            tracing::debug!(org.id = %self.target.org, failures, error = text, "the managed key could not be refreshed");
        }
        self.fall_back();
        let source = error.refusal().and_then(|refusal| refusal.credentials_from.clone());
        let skew = match error {
            ClientError::ClockSkew { by, ahead, .. } => Some(ClockSkew { by: *by, ahead: *ahead }),
            _ => None,
        };
        self.tell(|status| {
            status.failures += 1;
            status.credentials_from = source.or_else(|| status.credentials_from.take());
            status.last_error = Some(text);
            status.clock_skew = skew;
        });
    }

    /// Uses the fallback, if there is one and there was never anything better.
    fn fall_back(&mut self) {
        let managed = |key: &CurrentKey| key.source() == KeySource::Managed;
        if self.keys.borrow().as_ref().is_some_and(managed) {
            return;
        }
        let Some(fallback) = self.settings.fallback.clone() else { return };
        self.hand_out(CurrentKey::new(fallback, KeySource::Fallback, self.clock.now()));
        self.tell(|status| status.state = KeyState::Fallback);
        if self.told_of_fallback.is_none_or(|told| told.elapsed() >= REMIND_OF_FALLBACK) {
            self.told_of_fallback = Some(Instant::now());
            tracing::warn!(org.id = %self.target.org, "no managed key was ever obtained: the fallback key is in use, which does not rotate");
        }
    }

    /// Since when the fallback has been in use; `None` if it is not, as ever after the first managed key.
    fn fallback_since(&self) -> Option<Timestamp> {
        let current = self.keys.borrow();
        let fallback = current.as_ref().filter(|key| key.source() == KeySource::Fallback);
        fallback.map(CurrentKey::since)
    }

    /// Tells those who follow the key, if it is another one.
    fn hand_out(&self, key: CurrentKey) {
        self.keys.send_if_modified(|current| {
            let changed = !current.as_ref().is_some_and(|current| current.is_same(&key));
            if changed {
                *current = Some(key);
            }
            changed
        });
    }

    /// Changes the status, and brings into it what the schedule says.
    fn tell(&self, change: impl FnOnce(&mut KeeperStatus)) {
        let next = self.next_refresh();
        self.status.send_modify(|status| {
            status.next_refresh = next;
            status.consecutive_failures = self.schedule.failures();
            change(status);
        });
    }

    fn next_refresh(&self) -> Timestamp {
        self.clock.now().plus(self.schedule.due().saturating_sub(self.began.elapsed()))
    }

    /// What `act` does with the cache, on a thread that may block; `None` if there is no cache.
    async fn with_cache<T: Send + 'static>(
        &self,
        act: impl FnOnce(&dyn KeyCache) -> Result<T, CacheError> + Send + 'static,
    ) -> Option<Result<T, CacheError>> {
        let cache = Arc::clone(self.settings.cache.as_ref()?);
        let done = tokio::task::spawn_blocking(move || act(&*cache)).await;
        Some(done.unwrap_or_else(|_| Err(CacheError::Other("the key cache broke off".to_owned()))))
    }

    fn cache_failed(&self, error: &CacheError) {
        let text = error.to_string();
        if self.status.borrow().cache_error.as_ref() != Some(&text) {
            tracing::warn!(org.id = %self.target.org, error = text, "the next start will be without a cached key");
        }
        self.tell(|status| status.cache_error = Some(text));
    }

    /// An error's text, should an exchange or a server repeat in it what was handed out.
    fn without_keys(&self, text: String) -> String {
        let fallback = self.settings.fallback.as_ref().map(expose).unwrap_or_default();
        let current = self.keys.borrow();
        let current = current.as_ref().map(CurrentKey::expose).unwrap_or_default();
        [fallback, current]
            .iter()
            .filter(|key| !key.is_empty())
            .fold(text, |text, key| text.replace(*key, "[redacted]"))
    }

    /// Jitter needs no secrecy: without random bytes the middle will do.
    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        match self.randomness.fill(&mut bytes) {
            Ok(()) => u64::from_le_bytes(bytes),
            Err(_) => u64::MAX / 2,
        }
    }
}

fn expose(key: &SecretString) -> &str {
    auth_model::ExposeSecret::expose_secret(key)
}

const REMIND_OF_FALLBACK: Duration = Duration::from_secs(6 * 3_600);
