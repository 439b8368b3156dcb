//! Users: people and service accounts, their invitations, and their organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Relationship, ToMany};

/// The type of users.
pub const USERS: &str = "users";
/// The type of organizations.
pub const ORGS: &str = "orgs";

/// A person or service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CurrentUserRelationships {
    /// Its roles.
    pub roles: ToMany,
    /// Its organization: here is the id that proofs are signed for.
    pub org: Relationship,
    /// Its teams.
    pub team_roles: ToMany,
}

/// What a user refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRelationships {
    /// Its roles.
    pub roles: ToMany,
    /// Its organization.
    pub org: Relationship,
}

/// A user or service account to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserInput {
    /// Kept in lower case. No two people share one; service accounts may.
    #[schemars(email)]
    pub email: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// True where a service account is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<bool>,
}

/// What a user to be made refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserInputRelationships {
    /// Its roles; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<ToMany>,
}

/// What is to become of a user; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserUpdate {
    /// Kept in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Disables, or enables again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// The type of invitations.
pub const USER_INVITATIONS: &str = "user_invitations";

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationAttributes {
    /// The id once more.
    pub uuid: String,
    /// Null: whatever the organization allows.
    pub login_method: Option<String>,
    /// `basic_invite`.
    pub invite_type: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
}

/// Who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationRelationships {
    /// The user.
    pub user: Relationship,
}

/// Invitations to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationsInput {
    /// One for each user.
    pub data: Vec<InvitationInput>,
}

/// An invitation to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationInput {
    /// `user_invitations`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who is invited.
    pub relationships: InvitationRelationships,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
