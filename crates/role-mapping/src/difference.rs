//! What would change for one person.

use std::collections::BTreeSet;

use auth_model::AuthnMappingId;

use crate::{Grants, Target};

/// The targets that someone has now beside those that the mappings would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    now: BTreeSet<Target>,
    then: Grants,
}

impl Difference {
    /// Between what is now and what an evaluation gives.
    #[must_use]
    pub fn between(now: &BTreeSet<Target>, then: &Grants) -> Self {
        Self { now: now.clone(), then: then.clone() }
    }

    /// The targets now.
    pub fn now(&self) -> impl Iterator<Item = Target> {
        self.now.iter().copied()
    }

    /// The targets then, with the mappings responsible.
    #[must_use]
    pub fn then(&self) -> &Grants {
        &self.then
    }

    /// Not now, but then, with the mappings responsible.
    pub fn gained(&self) -> impl Iterator<Item = (Target, &BTreeSet<AuthnMappingId>)> {
        self.then.iter().filter(|(target, _)| !self.now.contains(target))
    }

    /// Now, but not then.
    pub fn lost(&self) -> impl Iterator<Item = Target> {
        self.now.iter().copied().filter(|target| !self.then.contains(*target))
    }

    /// Now and then.
    pub fn kept(&self) -> impl Iterator<Item = Target> {
        self.now.iter().copied().filter(|target| self.then.contains(*target))
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gained().next().is_none() && self.lost().next().is_none()
    }
}
