//! What runs at the moment, for everybody who asks.

use std::sync::{Arc, Mutex, PoisonError};

use auth_model::{Clock, SystemClock};

use crate::{
    instance::{Running, Seen},
    status::{AgentStatus, InstanceStatus},
};

/// Shared by the loop, which changes it, and by those who answer questions.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<Vec<Arc<Seen>>>>);

impl Board {
    /// From now on these run.
    pub(crate) fn show(&self, running: &[Running]) {
        let seen = running.iter().map(|one| Arc::clone(one.seen())).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    pub(crate) fn all(&self) -> Vec<Arc<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Seen>> {
        self.all().into_iter().find(|one| one.instance().name() == name)
    }

    pub(crate) fn status(&self) -> AgentStatus {
        AgentStatus {
            pid: std::process::id(),
            written_at: SystemClock.now().unix_seconds(),
            instances: self.all().iter().map(|one| InstanceStatus::of(one)).collect(),
        }
    }
}
