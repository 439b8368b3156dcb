//! AuthN mappings in memory.

use std::{cmp::Ordering, collections::BTreeSet};

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnMapping, AuthnMappingChange, AuthnMappingId, AuthnTarget, OrgId, TeamId,
};

use crate::{
    AuthnMappingOrder, AuthnMappingQuery, AuthnMappings, Listed, StoreError,
    backend::{Storable, folded},
};

use super::{
    MemoryStore, State,
    lists::{holds, listed},
    rows::of,
    unless_duplicate, unless_missing,
};

#[async_trait]
impl AuthnMappings for MemoryStore {
    async fn insert_authn_mapping(
        &self,
        mapping: &AuthnMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        mapping.storable()?;
        self.change(event, |state| {
            let place = (mapping.org, mapping.id);
            state.authn_mapping_fits(mapping)?;
            unless_duplicate("an authN mapping", state.authn_mappings.contains_key(&place))?;
            state.authn_mappings.insert(place, mapping.clone());
            Ok(())
        })
    }

    async fn authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        Ok(self.state().authn_mappings.get(&(org, id)).cloned())
    }

    async fn authn_mappings(
        &self,
        org: OrgId,
        query: &AuthnMappingQuery,
    ) -> Result<Listed<AuthnMapping>, StoreError> {
        let state = self.state();
        let matches = |mapping: &AuthnMapping| {
            let name = state.target_name(mapping);
            let is_team = matches!(mapping.target, AuthnTarget::Team(_));
            query.teams.is_none_or(|teams| teams == is_team)
                && holds(&folded(&[&mapping.key, &mapping.value, &name]), &query.text)
        };
        let all = of(&state.authn_mappings, org);
        let rows = all.filter(|mapping| matches(mapping)).cloned().collect();
        let total = of(&state.authn_mappings, org).count();
        let order = |a: &AuthnMapping, b: &AuthnMapping| state.in_order(query.order, a, b);
        Ok(listed(total, rows, query.direction, query.slice, order))
    }

    async fn authn_mappings_of(
        &self,
        org: OrgId,
        pairs: &[(String, String)],
    ) -> Result<Vec<AuthnMapping>, StoreError> {
        let state = self.state();
        let asked = |mapping: &&AuthnMapping| {
            pairs.iter().any(|(key, value)| *key == mapping.key && *value == mapping.value)
        };
        Ok(of(&state.authn_mappings, org).filter(asked).cloned().collect())
    }

    async fn mapped_teams(
        &self,
        org: OrgId,
        teams: &[TeamId],
    ) -> Result<BTreeSet<TeamId>, StoreError> {
        let state = self.state();
        let team = |mapping: &AuthnMapping| match mapping.target {
            AuthnTarget::Team(team) => Some(team).filter(|team| teams.contains(team)),
            AuthnTarget::Role(_) => None,
        };
        Ok(of(&state.authn_mappings, org).filter_map(team).collect())
    }

    async fn change_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        change: &AuthnMappingChange,
        event: &AuditEvent,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let found = state.authn_mappings.get(&(org, id)).cloned();
            let Some(mut mapping) = found else { return Ok(None) };
            change.apply(&mut mapping);
            state.authn_mapping_fits(&mapping)?;
            state.authn_mappings.insert((org, id), mapping.clone());
            Ok(Some(mapping))
        })
    }

    async fn delete_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.authn_mappings.remove(&(org, id)).is_some()))
    }
}

impl State {
    /// Whether its target is there, and no other mapping is the same.
    fn authn_mapping_fits(&self, mapping: &AuthnMapping) -> Result<(), StoreError> {
        match mapping.target {
            AuthnTarget::Role(role) => self.has_roles(mapping.org, &[role])?,
            AuthnTarget::Team(team) => {
                unless_missing("team", self.teams.contains_key(&(mapping.org, team)))?;
            }
        }
        let same = |other: &AuthnMapping| {
            other.id != mapping.id
                && (&other.key, &other.value, other.target)
                    == (&mapping.key, &mapping.value, mapping.target)
        };
        unless_duplicate("an authN mapping", of(&self.authn_mappings, mapping.org).any(same))
    }

    /// Mappings go with what they give.
    pub(super) fn forget_target(&mut self, org: OrgId, target: AuthnTarget) {
        self.authn_mappings.retain(|_, mapping| (mapping.org, mapping.target) != (org, target));
    }

    fn target_name(&self, mapping: &AuthnMapping) -> String {
        let org = mapping.org;
        let name = match mapping.target {
            AuthnTarget::Role(role) => self.roles.get(&(org, role)).map(|role| &role.name),
            AuthnTarget::Team(team) => self.teams.get(&(org, team)).map(|team| &team.name),
        };
        name.cloned().unwrap_or_default()
    }

    fn in_order(&self, order: AuthnMappingOrder, a: &AuthnMapping, b: &AuthnMapping) -> Ordering {
        let id = |mapping: &AuthnMapping| match mapping.target {
            AuthnTarget::Role(role) => role.0,
            AuthnTarget::Team(team) => team.0,
        };
        let first = match order {
            AuthnMappingOrder::CreatedAt => a.created_at.cmp(&b.created_at),
            AuthnMappingOrder::Key => a.key.cmp(&b.key),
            AuthnMappingOrder::Value => a.value.cmp(&b.value),
            AuthnMappingOrder::TargetId => id(a).cmp(&id(b)),
            AuthnMappingOrder::TargetName => self.target_name(a).cmp(&self.target_name(b)),
        };
        first.then(a.id.cmp(&b.id))
    }
}
