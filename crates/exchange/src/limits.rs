//! What keeps one caller from using up STS, or us, for all the others.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    NotUntil, Quota, RateLimiter,
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

/// How much one source address (of IPv6, one /64) may do a second, and twice as much in a burst.
pub struct SourceLimit(Option<Keyed<IpAddr>>);

impl SourceLimit {
    /// Zero switches it off.
    pub fn new(per_second: u32) -> Self {
        Self(quota(per_second).map(RateLimiter::hashmap))
    }

    /// Counts one more from an address.
    ///
    /// # Errors
    /// How long to wait, at least a second, if it was too much.
    pub fn admit(&self, source: Option<IpAddr>) -> Result<(), Duration> {
        match (&self.0, source) {
            (Some(limit), Some(source)) => take(limit, &network(source)),
            _ => Ok(()),
        }
    }

    /// Forgets those who have been quiet long enough to have their full allowance.
    pub fn forget_the_quiet(&self) {
        if let Some(limit) = &self.0 {
            limit.retain_recent();
        }
    }
}

impl std::fmt::Debug for SourceLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceLimit").field("on", &self.0.is_some()).finish()
    }
}

pub(crate) struct Limits {
    in_flight: Semaphore,
    by_source: SourceLimit,
    by_access_key: Option<Keyed<Box<str>>>,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings) -> Self {
        Self {
            in_flight: Semaphore::new(settings.sts_in_flight),
            by_source: SourceLimit::new(settings.per_source),
            by_access_key: quota(settings.per_access_key).map(RateLimiter::hashmap),
        }
    }

    /// Counts an attempt against its source address and its access key.
    pub(crate) fn admit(&self, source: Option<IpAddr>, access_key: &str) -> Result<(), Refusal> {
        let too_many = |retry_after| Refusal::TooMany { retry_after };
        self.by_source.admit(source).map_err(too_many)?;
        match &self.by_access_key {
            Some(limit) => take(limit, &access_key.into()).map_err(too_many),
            None => Ok(()),
        }
    }

    /// A place among the requests to STS; [`Refusal::Busy`] at once if there is none, because a queue would
    /// only make everybody wait for what most of them then give up.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.in_flight.try_acquire().map_err(|_| Refusal::Busy)
    }

    /// Forgets those who have been quiet long enough to have their full allowance.
    pub(crate) fn forget_the_quiet(&self) {
        self.by_source.forget_the_quiet();
        if let Some(limit) = &self.by_access_key {
            limit.retain_recent();
        }
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").field("in_flight", &self.in_flight).finish_non_exhaustive()
    }
}

fn take<K: std::hash::Hash + Eq + Clone>(limit: &Keyed<K>, key: &K) -> Result<(), Duration> {
    let wait = |until: NotUntil<_>| until.wait_time_from(DefaultClock::default().now());
    limit.check_key(key).map_err(|until| wait(until).max(Duration::from_secs(1)))
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
