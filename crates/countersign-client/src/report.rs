//! What is to be told to a server once, with an exchange that succeeds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use auth_model::Timestamp;

/// Since when something has been so: open from when it is added until an exchange that carried it has succeeded.
///
/// Callers share exchanges, and one that is under way already was sent without what is added now. That stays open, and the next one
/// carries it.
#[derive(Debug, Default)]
pub(crate) struct Report(Mutex<Option<Timestamp>>);

impl Report {
    /// Of several the earliest counts.
    pub(crate) fn add(&self, since: Option<Timestamp>) {
        let mut open = self.lock();
        *open = open.into_iter().chain(since).min();
    }

    /// What is to be told.
    pub(crate) fn open(&self) -> Option<Timestamp> {
        *self.lock()
    }

    /// It was told; what was added since then stays open.
    pub(crate) fn close(&self, told: Option<Timestamp>) {
        let mut open = self.lock();
        if *open == told {
            *open = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
