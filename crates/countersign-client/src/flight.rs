//! One value, fetched by one for all who wait for it.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use auth_model::Timestamp;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use crate::ClientError;

/// A fetch under way. Whoever waits drives it; when the last one gives up it ends.
type Flight<T> = Shared<BoxFuture<'static, Result<T, ClientError>>>;

/// A value that is kept until it is due, and of which at most one fetch is under way. Failures are not kept.
pub(crate) struct Single<T> {
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    kept: Option<Kept<T>>,
    flight: Option<WeakShared<BoxFuture<'static, Result<T, ClientError>>>>,
    /// Counts the times that everything was forgotten: a fetch from before leaves nothing behind.
    epoch: u64,
}

/// A value and when to replace it.
#[derive(Clone)]
pub(crate) struct Kept<T> {
    pub(crate) value: T,
    pub(crate) due: Timestamp,
}

impl<T: Clone + Send + Sync + 'static> Single<T> {
    pub(crate) fn new() -> Self {
        let state = State { kept: None, flight: None, epoch: 0 };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn kept(&self) -> Option<Kept<T>> {
        lock(&self.state).kept.clone()
    }

    /// Whether somebody fetches already.
    pub(crate) fn is_under_way(&self) -> bool {
        lock(&self.state).flight.as_ref().and_then(WeakShared::upgrade).is_some()
    }

    /// Forgets the value, and begins anew for callers to come.
    pub(crate) fn forget(&self) {
        let mut state = lock(&self.state);
        state.kept = None;
        state.flight = None;
        state.epoch += 1;
    }

    /// Forgets the value if it is this one. A fetch that is under way goes on: it will give another.
    pub(crate) fn forget_if(&self, is: impl FnOnce(&T) -> bool) {
        let mut state = lock(&self.state);
        if state.kept.as_ref().is_some_and(|kept| is(&kept.value)) {
            state.kept = None;
        }
    }

    /// Puts off the replacement of the value that is kept.
    pub(crate) fn put_off(&self, until: Timestamp) {
        if let Some(kept) = &mut lock(&self.state).kept {
            kept.due = kept.due.max(until);
        }
    }

    /// Joins the fetch that is under way, or begins one. A fetch gives the value and, if it is to be kept, when it
    /// is due.
    pub(crate) async fn fetch<F>(&self, begin: impl FnOnce() -> F) -> Result<T, ClientError>
    where
        F: Future<Output = Result<(T, Option<Timestamp>), ClientError>> + Send + 'static,
    {
        self.join_or_begin(begin).await
    }

    fn join_or_begin<F>(&self, begin: impl FnOnce() -> F) -> Flight<T>
    where
        F: Future<Output = Result<(T, Option<Timestamp>), ClientError>> + Send + 'static,
    {
        let mut state = lock(&self.state);
        if let Some(flight) = state.flight.as_ref().and_then(WeakShared::upgrade) {
            return flight;
        }
        let (shared, epoch, work) = (Arc::clone(&self.state), state.epoch, begin());
        let flight = async move {
            let outcome = work.await;
            let mut state = lock(&shared);
            if state.epoch == epoch {
                state.flight = None;
                if let Ok((value, Some(due))) = &outcome {
                    state.kept = Some(Kept { value: value.clone(), due: *due });
                }
            }
            outcome.map(|(value, _)| value)
        }
        .boxed()
        .shared();
        state.flight = flight.downgrade();
        flight
    }
}

impl<T> fmt::Debug for Single<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}

/// Nothing is left half done under the lock, so a panic elsewhere does not spoil the state.
fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
