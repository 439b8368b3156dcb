//! AuthN mappings.

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth_model::{AuditEvent, AuthnMapping, AuthnMappingChange, AuthnMappingId, OrgId, TeamId};

use crate::StoreError;

use super::{AuthnMappingQuery, Listed};

/// Mappings of an identity provider's attributes to roles and teams. They go with their role or team.
#[async_trait]
pub trait AuthnMappings: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if the organization has one of this key, value and target, [`StoreError::Missing`] if the
    /// role or team is not its own.
    async fn insert_authn_mapping(
        &self,
        mapping: &AuthnMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id.
    async fn authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
    ) -> Result<Option<AuthnMapping>, StoreError>;

    /// A part of the list.
    async fn authn_mappings(
        &self,
        org: OrgId,
        query: &AuthnMappingQuery,
    ) -> Result<Listed<AuthnMapping>, StoreError>;

    /// All whose key and value are one of these pairs, by index, in no particular order.
    async fn authn_mappings_of(
        &self,
        org: OrgId,
        pairs: &[(String, String)],
    ) -> Result<Vec<AuthnMapping>, StoreError>;

    /// Those of these teams that some mapping leads to: whose members are set by sign-ins.
    async fn mapped_teams(
        &self,
        org: OrgId,
        teams: &[TeamId],
    ) -> Result<BTreeSet<TeamId>, StoreError>;

    /// Changes one and returns what has become of it; `None` if there is none of this id. Fails as
    /// [`insert_authn_mapping`](Self::insert_authn_mapping) does.
    async fn change_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        change: &AuthnMappingChange,
        event: &AuditEvent,
    ) -> Result<Option<AuthnMapping>, StoreError>;

    /// Removes it; `false` if there is none of this id.
    async fn delete_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}
