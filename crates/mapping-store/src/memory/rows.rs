//! How rows are kept and listed.

use std::collections::{BTreeMap, HashMap};

use arn_pattern::ArnPattern;
use auth_model::{
    AwsAccount, IntakeMapping, Invitation, MappingId, OrgId, Organization, PersonaMapping, Role,
    SigningKey, Timestamp, User,
};

use crate::StoreError;

use super::unless_duplicate;

/// A row that lists put in order.
pub(super) trait Aged {
    /// Decides between rows of the same age.
    type Id: Ord;

    /// The place in a list.
    fn age(&self) -> (Timestamp, Self::Id);
}

macro_rules! aged {
    ($($row:ident $id:ident)*) => { $(
        impl Aged for $row {
            type Id = auth_model::$id;

            fn age(&self) -> (Timestamp, Self::Id) {
                (self.created_at, self.id)
            }
        }
    )* };
}

aged! {
    Organization OrgId
    User UserId
    Role RoleId
    Invitation InvitationId
    AwsAccount AwsAccountConfigId
    PersonaMapping MappingId
    IntakeMapping MappingId
}

impl Aged for SigningKey {
    type Id = auth_model::KeyId;

    fn age(&self) -> (Timestamp, Self::Id) {
        (self.created_at, self.kid.clone())
    }
}

/// Copies of the rows, oldest first.
pub(super) fn oldest_first<'a, R: Aged + Clone + 'a>(rows: impl Iterator<Item = &'a R>) -> Vec<R> {
    let mut rows: Vec<R> = rows.cloned().collect();
    rows.sort_by_cached_key(Aged::age);
    rows
}

/// The rows of one organization.
pub(super) fn of<Id: Ord, R>(
    rows: &BTreeMap<(OrgId, Id), R>,
    org: OrgId,
) -> impl Iterator<Item = &R> {
    rows.iter().filter(move |((owner, _), _)| *owner == org).map(|(_, row)| row)
}

/// Mappings of one kind, found by id and by pattern.
#[derive(Debug)]
pub(super) struct Mappings<M> {
    rows: BTreeMap<(OrgId, MappingId), M>,
    by_pattern: HashMap<OrgId, HashMap<String, MappingId>>,
}

impl<M> Default for Mappings<M> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), by_pattern: HashMap::new() }
    }
}

impl<M: Aged<Id = MappingId> + Clone> Mappings<M> {
    pub(super) fn get(&self, org: OrgId, id: MappingId) -> Option<&M> {
        self.rows.get(&(org, id))
    }

    pub(super) fn by_pattern(&self, org: OrgId, pattern: &str) -> Option<&M> {
        self.get(org, *self.by_pattern.get(&org)?.get(pattern)?)
    }

    pub(super) fn all(&self, org: OrgId) -> Vec<M> {
        oldest_first(of(&self.rows, org))
    }

    pub(super) fn insert(
        &mut self,
        what: &'static str,
        org: OrgId,
        pattern: &ArnPattern,
        mapping: &M,
    ) -> Result<(), StoreError> {
        let (_, id) = mapping.age();
        let patterns = self.by_pattern.entry(org).or_default();
        let taken = patterns.contains_key(pattern.as_str()) || self.rows.contains_key(&(org, id));
        unless_duplicate(what, taken)?;
        patterns.insert(pattern.as_str().to_owned(), id);
        self.rows.insert((org, id), mapping.clone());
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        org: OrgId,
        id: MappingId,
        pattern: impl FnOnce(&M) -> &ArnPattern,
    ) -> bool {
        let Some(mapping) = self.rows.remove(&(org, id)) else { return false };
        if let Some(patterns) = self.by_pattern.get_mut(&org) {
            patterns.remove(pattern(&mapping).as_str());
        }
        true
    }
}
