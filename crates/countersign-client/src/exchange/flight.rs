//! The cached token, and the one exchange that may be under way to renew it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_model::{Clock, Randomness, Timestamp};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};

use super::{
    AccessToken,
    once::{Fresh, Signer},
};
use crate::Error;

type Landing = Shared<BoxFuture<'static, Result<AccessToken, Error>>>;

/// Sees to it that there is one exchange at a time.
///
/// It runs as a task of its own, so that a caller who gives up takes nothing from the others.
pub(super) struct Flights {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    flight: Option<(u64, Landing)>,
    /// How many flights there were.
    count: u64,
}

struct Cached {
    token: AccessToken,
    renew_at: Timestamp,
    stale_at: Timestamp,
}

impl Flights {
    pub(super) fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness, state: Mutex::default() }
    }

    pub(super) async fn token(
        self: &Arc<Self>,
        signer: &Arc<Signer>,
    ) -> Result<AccessToken, Error> {
        let (number, landing) = {
            let mut state = self.lock();
            let now = self.clock.now();
            match &state.cached {
                Some(cached) if now < cached.renew_at => return Ok(cached.token.clone()),
                Some(cached) if now < cached.stale_at => {
                    let token = cached.token.clone();
                    // Renewed in the background: nobody waits while this one is good.
                    drop(self.join(&mut state, signer));
                    return Ok(token);
                }
                _ => self.join(&mut state, signer),
            }
        };
        let result = landing.await;
        // A task that was cut off with its runtime could not do this itself.
        self.lock().end(number);
        result
    }

    pub(super) fn discard(&self, token: &AccessToken) {
        self.lock().cached.take_if(|cached| cached.token.is(token));
    }

    /// The exchange that is under way, or a new one.
    fn join(self: &Arc<Self>, state: &mut State, signer: &Arc<Signer>) -> (u64, Landing) {
        if let Some((number, landing)) = &state.flight {
            return (*number, landing.clone());
        }
        state.count = state.count.wrapping_add(1);
        let number = state.count;
        let (flights, signer) = (Arc::clone(self), Arc::clone(signer));
        let task = tokio::spawn(async move {
            let result = signer.access_token().await;
            flights.land(number, result)
        });
        let landing = async move { task.await.unwrap_or(Err(Error::Interrupted)) }.boxed().shared();
        state.flight = Some((number, landing.clone()));
        (number, landing)
    }

    fn land(&self, number: u64, result: Result<Fresh, Error>) -> Result<AccessToken, Error> {
        let jitter = self.jitter();
        let mut state = self.lock();
        state.end(number);
        match result {
            Ok(fresh) => {
                let token = fresh.token.clone();
                state.cached = Some(Cached::new(fresh, jitter));
                Ok(token)
            }
            Err(error) => {
                self.stay_aloft(&mut state, &error);
                Err(error)
            }
        }
    }

    /// After a failure the old token stays in use while it is good, unless the server has said that it should not be.
    fn stay_aloft(&self, state: &mut State, error: &Error) {
        let Some(cached) = &mut state.cached else { return };
        tracing::warn!(%error, "the access token could not be renewed");
        if error.status().is_some() && !error.is_temporary() {
            state.cached = None;
        } else {
            cached.renew_at = self.clock.now().plus(RETRY_EVERY);
        }
    }

    /// From 0 to 255.
    fn jitter(&self) -> u32 {
        let mut bytes = [0; 1];
        // Without randomness all clients renew at the same point of a token's life, and that is all.
        let _ = self.randomness.fill(&mut bytes);
        let [byte] = bytes;
        u32::from(byte)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&mut self, number: u64) {
        self.flight.take_if(|(current, _)| *current == number);
    }
}

impl Cached {
    /// Renewed between 75 % and 80 % of its life; stale at 95 %, or ten seconds before its end where that is later.
    fn new(fresh: Fresh, jitter: u32) -> Self {
        let Fresh { token, received_at, life } = fresh;
        let early = life / 20 * jitter / 255;
        let margin = (life / 20).min(Duration::from_secs(10));
        Self {
            token,
            renew_at: received_at.plus(life / 5 * 4).minus(early),
            stale_at: received_at.plus(life.saturating_sub(margin)),
        }
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}

/// How often a token that is still good is tried to be renewed, once that has failed.
const RETRY_EVERY: Duration = Duration::from_secs(5);
