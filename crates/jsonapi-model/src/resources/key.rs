//! API keys and application keys. The text of a key is shown once, when it is made.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Relationship, ToOneOrNone};

/// The type of API keys.
pub const API_KEYS: &str = "api_keys";
/// The type of application keys.
pub const APPLICATION_KEYS: &str = "application_keys";

/// An API key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyAttributes {
    /// 32 lower-case hexadecimal digits where the key is made. Where the public service shows it once more, all but the last four
    /// digits are `*`; in lists it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The last four digits.
    pub last4: String,
    /// For people.
    pub name: String,
    /// `default`, or `managed_intake` for a generation of a managed key.
    pub category: String,
    /// Kept and given back.
    pub remote_config_read_enabled: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
    /// RFC 3339, to within a minute; null if never.
    pub date_last_used: Option<String>,
    /// Whether it was used within the last day.
    pub used_in_last_24_hours: bool,
}

impl fmt::Debug for ApiKeyAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyAttributes").field("last4", &self.last4).finish_non_exhaustive()
    }
}

/// What an API key refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyRelationships {
    /// Who made it; null for the installation itself.
    pub created_by: ToOneOrNone,
    /// Who changed it last; null for the installation itself.
    pub modified_by: ToOneOrNone,
    /// Null: nobody looks for leaks.
    pub leak_information: ToOneOrNone,
}

/// An API key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyInput {
    /// For people.
    pub name: String,
    /// Kept and given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_config_read_enabled: Option<bool>,
}

/// What is to become of an API key; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyUpdate {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kept and given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_config_read_enabled: Option<bool>,
}

/// An application key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppKeyAttributes {
    /// 40 lower-case hexadecimal digits where the key is made. Where the public service shows it once more, all but the last four
    /// digits are `*`; elsewhere it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The last four digits.
    pub last4: String,
    /// For people.
    pub name: String,
    /// Names of the permissions that it is narrowed to; null for all that its owner holds.
    pub scopes: Option<Vec<String>>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339, to within a minute; null if never.
    pub last_used_at: Option<String>,
}

impl fmt::Debug for AppKeyAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppKeyAttributes").field("last4", &self.last4).finish_non_exhaustive()
    }
}

/// What an application key refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppKeyRelationships {
    /// Whose permissions it carries.
    pub owned_by: Relationship,
    /// Null: nobody looks for leaks.
    pub leak_information: ToOneOrNone,
}

/// An application key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppKeyInput {
    /// For people.
    pub name: String,
    /// Names of permissions to narrow it to; absent, null or empty: it is not narrowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What is to become of an application key; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppKeyUpdate {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Names of permissions to narrow it to; empty: it is not narrowed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}
