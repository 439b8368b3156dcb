//! Mappings of an identity provider's attributes to roles and teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Relationship;

/// The type of them.
pub const AUTHN_MAPPINGS: &str = "authn_mappings";

/// A mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnMappingAttributes {
    /// The attribute's name, byte for byte.
    pub attribute_key: String,
    /// One of its values, byte for byte.
    pub attribute_value: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
}

/// What a mapping gives: a role or a team, in an answer and in a request that makes one exactly one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnMappingRelationships {
    /// A role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Relationship>,
    /// A team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Relationship>,
}

/// A mapping to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnMappingInput {
    /// The attribute's name.
    pub attribute_key: String,
    /// One of its values.
    pub attribute_value: String,
}

/// What is to become of a mapping; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnMappingUpdate {
    /// The attribute's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_key: Option<String>,
    /// One of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_value: Option<String>,
}
