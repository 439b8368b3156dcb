//! AuthN mappings: which attribute of an identity provider's gives which role or team.

use crate::{AuthnMappingId, OrgId, RoleId, TeamId, Timestamp, user::set};

/// What a mapping gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthnTarget {
    /// A role.
    Role(RoleId),
    /// A place in a team.
    Team(TeamId),
}

/// Whoever signs in with this attribute gets the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnMapping {
    /// Never reused.
    pub id: AuthnMappingId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// The attribute's name, byte for byte.
    pub key: String,
    /// One of its values, byte for byte.
    pub value: String,
    /// Once in the organization for the same key and value.
    pub target: AuthnTarget,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// What is to become of a mapping; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthnMappingChange {
    /// The attribute's name.
    pub key: Option<String>,
    /// One of its values.
    pub value: Option<String>,
    /// What it gives.
    pub target: Option<AuthnTarget>,
    /// When.
    pub modified_at: Timestamp,
}

impl AuthnMappingChange {
    /// Changes the mapping.
    pub fn apply(&self, mapping: &mut AuthnMapping) {
        set(&mut mapping.key, &self.key);
        set(&mut mapping.value, &self.value);
        set(&mut mapping.target, &self.target);
        mapping.modified_at = self.modified_at;
    }
}
