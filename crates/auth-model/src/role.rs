//! Roles.

use crate::{OrgId, PermissionSet, RoleId, Timestamp, user::set};

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

/// A role, and how many users hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRole {
    /// The role.
    pub role: Role,
    /// Disabled ones too.
    pub user_count: u64,
}

/// What is to become of a role; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// Unique in the organization.
    pub name: Option<String>,
    /// In place of all that it holds.
    pub permissions: Option<PermissionSet>,
    /// When.
    pub modified_at: Timestamp,
}

impl RoleChange {
    /// Changes the role.
    pub fn apply(&self, role: &mut Role) {
        set(&mut role.name, &self.name);
        set(&mut role.permissions, &self.permissions);
        role.modified_at = self.modified_at;
    }
}
