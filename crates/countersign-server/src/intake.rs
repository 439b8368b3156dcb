//! Where telemetry goes: on to the upstream, or nowhere; and the counts of what became of it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use intake_forward::Forwarder;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config;

/// What all submissions share.
#[derive(Debug)]
pub(crate) struct Intake {
    forwarder: Option<Forwarder>,
    in_flight: Semaphore,
    forwarded: AtomicU64,
    dropped: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    reported: Mutex<IntakeCounts>,
}

/// What became of telemetry since the start, on this replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntakeCounts {
    /// The upstream took it.
    pub forwarded: u64,
    /// Accepted, and dropped because there is no upstream.
    pub dropped: u64,
    /// The key was refused, or the body.
    pub refused: u64,
    /// The upstream or the store failed, or too much came at once: whoever sent it comes again.
    pub failed: u64,
}

impl IntakeCounts {
    /// What was answered with success.
    pub fn accepted(&self) -> u64 {
        self.forwarded + self.dropped
    }
}

/// What became of one submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Forwarded,
    Dropped,
    Refused,
    Failed,
}

impl Intake {
    pub(crate) fn new(settings: &config::Intake, forwarder: Option<Forwarder>) -> Self {
        Self {
            forwarder,
            in_flight: Semaphore::new(settings.in_flight.min(Semaphore::MAX_PERMITS)),
            forwarded: AtomicU64::default(),
            dropped: AtomicU64::default(),
            refused: AtomicU64::default(),
            failed: AtomicU64::default(),
            reported: Mutex::default(),
        }
    }

    /// What hands telemetry on, where there is an upstream.
    pub(crate) fn forwarder(&self) -> Option<&Forwarder> {
        self.forwarder.as_ref()
    }

    /// Leave to take a body, or none when as many are being taken as may be. Nobody waits: Agents come again by themselves.
    pub(crate) fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.in_flight.try_acquire().ok()
    }

    pub(crate) fn count(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Forwarded => &self.forwarded,
            Outcome::Dropped => &self.dropped,
            Outcome::Refused => &self.refused,
            Outcome::Failed => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> IntakeCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        IntakeCounts {
            forwarded: read(&self.forwarded),
            dropped: read(&self.dropped),
            refused: read(&self.refused),
            failed: read(&self.failed),
        }
    }

    /// Logs the counts if they have changed since they were last logged.
    pub(crate) fn report(&self) {
        let now = self.counts();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if now == std::mem::replace(&mut *reported, now) {
            return;
        }
        let IntakeCounts { forwarded, dropped, refused, failed } = now;
        tracing::info!(
            intake.accepted = now.accepted(),
            intake.forwarded = forwarded,
            intake.dropped = dropped,
            intake.refused = refused,
            intake.failed = failed,
            "telemetry since the start: {forwarded} forwarded, {dropped} dropped, {refused} refused, {failed} failed",
        );
    }
}
