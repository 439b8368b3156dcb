//! Users, and what is shown along with one: roles, permissions, the organization.

use serde::{Deserialize, Serialize};

use crate::{Relationship, ToMany};

/// The type of users.
pub const USERS: &str = "users";
/// The type of roles.
pub const ROLES: &str = "roles";
/// The type of permissions.
pub const PERMISSIONS: &str = "permissions";
/// The type of organizations.
pub const ORGS: &str = "orgs";

/// A person or service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAttributes {
    /// The id once more.
    pub uuid: String,
    /// May be null.
    pub name: Option<String>,
    /// A person's e-mail address, a service account's id.
    pub handle: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
    /// Lower case.
    pub email: String,
    /// The address of a picture; empty where there is none.
    pub icon: String,
    /// May be null.
    pub title: Option<String>,
    /// Whether the address was confirmed.
    pub verified: bool,
    /// Whether it acts for a machine.
    pub service_account: bool,
    /// Whether it can do nothing.
    pub disabled: bool,
    /// Empty: whatever the organization allows.
    pub allowed_login_methods: Vec<String>,
    /// `Active`, `Pending` or `Disabled`.
    pub status: String,
    /// RFC 3339; null if never.
    pub last_login_time: Option<String>,
}

/// What the current user refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUserRelationships {
    /// Its roles.
    pub roles: ToMany,
    /// Its organization: here is the id that proofs are signed for.
    pub org: Relationship,
    /// Its teams.
    pub team_roles: ToMany,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAttributes {
    /// Unique in the organization.
    pub name: String,
    /// Made with the organization.
    pub managed: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
}

/// What a role refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRelationships {
    /// What its holders may do.
    pub permissions: ToMany,
}

/// A permission of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionAttributes {
    /// For programs.
    pub name: String,
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

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgAttributes {
    /// The id once more.
    pub public_id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// `none`.
    pub sharing: String,
    /// May be null.
    pub url: Option<String>,
    /// Nobody signs in to a disabled one.
    pub disabled: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
}
