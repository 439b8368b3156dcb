//! What keeps one caller from using up STS, or us, for all the others.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Refusal;

/// How much is let through. A rate of zero switches that limit off.
#[derive(Clone, Copy, Debug)]
pub struct LimitSettings {
    /// Requests to STS at once.
    pub sts_in_flight: usize,
    /// Exchanges a second from one source address (of IPv6, from one /64).
    pub per_source: u32,
    /// Exchanges a second signed by one access key.
    pub per_access_key: u32,
}

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

pub(crate) struct Limits {
    in_flight: Semaphore,
    by_source: Option<Keyed<IpAddr>>,
    by_access_key: Option<Keyed<Box<str>>>,
    clock: DefaultClock,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self {
            in_flight: Semaphore::new(settings.sts_in_flight),
            by_source: quota(settings.per_source).map(RateLimiter::hashmap),
            by_access_key: quota(settings.per_access_key).map(RateLimiter::hashmap),
            clock: DefaultClock::default(),
        }
    }

    /// Counts an attempt against its source address and its access key.
    pub(crate) fn admit(&self, source: Option<IpAddr>, access_key: &str) -> Result<(), Refusal> {
        if let (Some(limit), Some(source)) = (&self.by_source, source) {
            self.take(limit, &network(source))?;
        }
        if let Some(limit) = &self.by_access_key {
            self.take(limit, &access_key.into())?;
        }
        Ok(())
    }

    /// A place among the requests to STS; [`Refusal::Busy`] at once if there is none, because a queue would
    /// only make everybody wait for what most of them then give up.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.in_flight.try_acquire().map_err(|_| Refusal::Busy)
    }

    /// Forgets those who have been quiet long enough to have their full allowance.
    pub(crate) fn forget_the_quiet(&self) {
        if let Some(limit) = &self.by_source {
            limit.retain_recent();
        }
        if let Some(limit) = &self.by_access_key {
            limit.retain_recent();
        }
    }

    fn take<K: std::hash::Hash + Eq + Clone>(
        &self,
        limit: &Keyed<K>,
        key: &K,
    ) -> Result<(), Refusal> {
        limit.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            Refusal::TooMany { retry_after: wait.max(Duration::from_secs(1)) }
        })
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}

/// So many a second, and twice as many in a burst.
fn quota(per_second: u32) -> Option<Quota> {
    let rate = NonZeroU32::new(per_second)?;
    Some(
        Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(1))),
    )
}

/// An IPv6 host has a whole /64 to come from.
fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}
