//! Roles and the permissions that they hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ToMany;

/// The type of roles.
pub const ROLES: &str = "roles";
/// The type of permissions.
pub const PERMISSIONS: &str = "permissions";

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleAttributes {
    /// Unique in the organization.
    pub name: String,
    /// Made with the organization; can neither be changed nor removed.
    pub managed: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
    /// How many users hold it; where roles are read, not where they are changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_count: Option<u64>,
}

/// What a role refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleRelationships {
    /// What its holders may do.
    pub permissions: ToMany,
}

/// A role to be made or cloned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleInput {
    /// Unique in the organization.
    pub name: String,
}

/// What is to become of a role; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleUpdate {
    /// Unique in the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a role to be made or changed refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleInputRelationships {
    /// All that its holders may do, beside what comes with every role. Left out in a change, they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<ToMany>,
}

/// A permission of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PermissionAttributes {
    /// For programs.
    pub name: String,
    /// Other names of the same; none here.
    pub name_aliases: Vec<String>,
    /// For people.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// RFC 3339.
    pub created: String,
    /// For people.
    pub group_name: String,
    /// `read`, `write` or `other`.
    pub display_type: String,
    /// Comes with every role.
    pub restricted: bool,
}
