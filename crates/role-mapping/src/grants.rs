//! The result of an evaluation.

use std::collections::{BTreeMap, BTreeSet};

use auth_model::AuthnMappingId;

use crate::Target;

/// Every target that some mapping gives, each with all mappings that give it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeMap<Target, BTreeSet<AuthnMappingId>>);

impl Grants {
    pub(crate) fn add(&mut self, target: Target, by: AuthnMappingId) {
        self.0.entry(target).or_default().insert(by);
    }

    /// The targets, sorted.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.0.keys().copied()
    }

    /// The targets, each with the mappings responsible; both sorted.
    pub fn iter(&self) -> impl Iterator<Item = (Target, &BTreeSet<AuthnMappingId>)> {
        self.0.iter().map(|(target, by)| (*target, by))
    }

    /// The mappings that give this target; none if it is not given.
    pub fn reasons(&self, target: Target) -> impl Iterator<Item = AuthnMappingId> {
        self.0.get(&target).into_iter().flatten().copied()
    }

    /// Whether the target is given.
    #[must_use]
    pub fn contains(&self, target: Target) -> bool {
        self.0.contains_key(&target)
    }

    /// How many targets are given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing matched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
