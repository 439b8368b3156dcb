//! Single flight: identical work that is asked for at once is done once.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

/// Work under way, by what it is for. Nothing is kept once it is done.
#[derive(Debug)]
pub(crate) struct Flights<K, V: Clone> {
    under_way: Mutex<HashMap<K, WeakShared<BoxFuture<'static, V>>>>,
}

impl<K: Eq + Hash + Clone, V: Clone> Flights<K, V> {
    pub(crate) fn new() -> Self {
        Self { under_way: Mutex::new(HashMap::new()) }
    }

    /// The result of `work`, or of the same work that somebody else has begun and still waits for.
    pub(crate) async fn join<W>(&self, key: K, work: impl FnOnce() -> W) -> V
    where
        W: Future<Output = V> + Send + 'static,
    {
        let flight = self.board(&key, work);
        let value = flight.clone().await;
        drop(flight);
        self.land(&key);
        value
    }

    fn board<W>(&self, key: &K, work: impl FnOnce() -> W) -> Shared<BoxFuture<'static, V>>
    where
        W: Future<Output = V> + Send + 'static,
    {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(key).and_then(WeakShared::upgrade) {
            return flight;
        }
        let flight = work().boxed().shared();
        if let Some(weak) = flight.downgrade() {
            under_way.insert(key.clone(), weak);
        }
        flight
    }

    /// Takes the entry away once nobody waits for it. Whoever gave up without waiting leaves a dead
    /// entry, which the next one of any key clears.
    fn land(&self, key: &K) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way
            .get(key)
            .is_some_and(|flight| flight.upgrade().is_none_or(|f| f.peek().is_some()))
        {
            under_way.remove(key);
        }
        if under_way.len() > 1_024 {
            under_way.retain(|_, flight| flight.upgrade().is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_hundred_at_once_are_one() {
        let flights = Arc::new(Flights::<u8, usize>::new());
        let count = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(tokio::sync::Notify::new());
        let join = |_| {
            let (flights, count, gate) = (flights.clone(), count.clone(), gate.clone());
            async move {
                flights
                    .join(7, || async move {
                        gate.notified().await;
                        count.fetch_add(1, Ordering::SeqCst) + 1
                    })
                    .await
            }
        };
        let all = futures_util::future::join_all((0..100).map(join));
        let open = async { gate.notify_one() };
        // Polled after all the others have boarded.
        let (values, ()) = futures_util::future::join(all, open).await;
        assert!(values.into_iter().all(|n| n == 1));
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert!(flights.under_way.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn one_that_is_given_up_does_not_block_the_next() {
        let flights = Flights::<u8, u8>::new();
        let abandoned = flights.join(1, std::future::pending);
        assert!(abandoned.now_or_never().is_none());
        assert_eq!(flights.join(1, || async { 5 }).await, 5);
    }
}
