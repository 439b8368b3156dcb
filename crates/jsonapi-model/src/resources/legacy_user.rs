//! Users as the first version of the API has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user in its envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUserDocument {
    /// The user.
    pub user: LegacyUser,
}

/// Users in their envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUserList {
    /// The users.
    pub users: Vec<LegacyUser>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUser {
    /// A person's e-mail address, a service account's id.
    pub handle: String,
    /// Lower case.
    pub email: String,
    /// May be null.
    pub name: Option<String>,
    /// May be null.
    pub title: Option<String>,
    /// The address of a picture; empty where there is none.
    pub icon: String,
    /// `adm`, `st`, `ro`, or null where the roles are none of the three managed ones.
    pub access_role: Option<String>,
    /// Null.
    pub role: Option<String>,
    /// Whether it holds the managed role of admins.
    pub is_admin: bool,
    /// Whether it can do nothing.
    pub disabled: bool,
    /// Whether whoever it is has signed in.
    pub verified: bool,
}

/// A user to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUserInput {
    /// An e-mail address; the same as `email` if both are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Kept in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `adm`, `st` (also where it is absent) or `ro`; null for a user without a role, who is disabled until they are given one.
    #[serde(
        default = "LegacyUserInput::absent",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub access_role: Option<Option<String>>,
    /// Makes a user who can do nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

impl LegacyUserInput {
    fn absent() -> Option<Option<String>> {
        None
    }
}

/// Tells a null from an absent field.
fn given<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(reader).map(Some)
}

/// What is to become of a user; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUserUpdate {
    /// Kept in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Disables, or enables again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// That a user was disabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegacyUserDisabled {
    /// A sentence.
    pub message: String,
}
