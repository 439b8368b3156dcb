//! Roles.

use crate::{OrgId, PermissionSet, RoleId, Timestamp};

/// A named set of permissions of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Never reused.
    pub id: RoleId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Unique in the organization.
    pub name: String,
    /// Made with the organization; neither renamed nor removed.
    pub managed: bool,
    /// What its holders may do.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}
