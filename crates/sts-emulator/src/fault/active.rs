//! The faults in force: how often each has struck, and what its rate has left.

use std::collections::HashMap;

use auth_model::Timestamp;

use super::{Fault, FaultKind};

/// What a fault's filters look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
}

#[derive(Debug, Default)]
pub(crate) struct FaultSet(Vec<Active>);

#[derive(Debug)]
struct Active {
    fault: Fault,
    buckets: HashMap<Option<String>, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Timestamp,
}

impl FaultSet {
    pub(crate) fn replace(&mut self, faults: Vec<Fault>) {
        self.0.clear();
        faults.into_iter().for_each(|fault| self.push(fault));
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        if fault.count != Some(0) {
            self.0.push(Active { fault, buckets: HashMap::new() });
        }
    }

    /// The faults in force; `count` is what is left of it.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.iter().map(|active| active.fault.clone()).collect()
    }

    /// The kinds that strike this request, in order. Uses up what they have of `count` and rate.
    pub(crate) fn strike(&mut self, subject: Subject<'_>, now: Timestamp) -> Vec<FaultKind> {
        let mut struck = Vec::new();
        for active in &mut self.0 {
            if active.fits(subject) && active.fires(subject, now) {
                if let Some(count) = &mut active.fault.count {
                    *count = count.saturating_sub(1);
                }
                struck.push(active.fault.kind.clone());
            }
        }
        self.0.retain(|active| active.fault.count != Some(0));
        struck
    }
}

impl Active {
    fn fits(&self, subject: Subject<'_>) -> bool {
        let same = |filter: &Option<String>, value: Option<&str>| {
            filter.as_deref().is_none_or(|filter| Some(filter) == value)
        };
        same(&self.fault.account, subject.account)
            && same(&self.fault.access_key_id, subject.access_key_id)
            && same(&self.fault.action, subject.action)
    }

    /// A throttle lets requests pass within its rate: a bucket that holds one second's worth.
    fn fires(&mut self, subject: Subject<'_>, now: Timestamp) -> bool {
        let FaultKind::Throttle { per_second: Some(rate), per_account } = &self.fault.kind else {
            return true;
        };
        let rate = f64::from(*rate);
        let owner = if *per_account { subject.account.map(str::to_owned) } else { None };
        let bucket = self.buckets.entry(owner).or_insert(Bucket { tokens: rate, filled: now });
        bucket.tokens = (bucket.tokens + now.since(bucket.filled).as_secs_f64() * rate).min(rate);
        bucket.filled = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return false;
        }
        true
    }
}
