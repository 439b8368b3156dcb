//! Mappings of an identity provider's attributes to roles and teams.

use std::collections::BTreeMap;

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

/// The type of previews.
pub const AUTHN_PREVIEWS: &str = "authn_mapping_previews";

/// Whose attributes to hold against the mappings, in one of three ways.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnPreviewInput {
    /// Names, each with its values, as the identity provider sends them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<BTreeMap<String, Vec<String>>>,
    /// The id of an assertion that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<String>,
    /// A SAML response, as base64 or XML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saml_response: Option<String>,
    /// Id or e-mail address of the user to compare with. Without one, a kept assertion is compared with its user, anything else with nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// What the mappings would give, beside what the user has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthnPreview {
    /// What the user has. Of teams only those that some mapping leads to: no sign-in touches others.
    pub now: Vec<PreviewedTarget>,
    /// What the mappings would give.
    pub then: Vec<PreviewedTarget>,
    /// Not now, but then.
    pub gained: Vec<PreviewedTarget>,
    /// Now and then.
    pub kept: Vec<PreviewedTarget>,
    /// Now, but not then.
    pub lost: Vec<PreviewedTarget>,
    /// Attributes that no mapping asks for.
    pub unmatched: Vec<UnmatchedAttribute>,
    /// The attributes that were looked at.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The user's e-mail address, where the preview is of a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When the attributes arrived, where they did; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<String>,
    /// What would become of a response that was pasted, were it posted now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
}

/// Whether a response would be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Whether it would.
    pub accepted: bool,
    /// Why not, in a word; empty if it would.
    pub reason: String,
    /// Why not, in more words; empty if it would.
    pub detail: String,
}

/// A role or a team, and why it would be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviewedTarget {
    /// `roles` or `team`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The mappings that would give it.
    pub mappings: Vec<PreviewedMapping>,
}

/// A mapping that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviewedMapping {
    /// Its id.
    pub id: String,
    /// The attribute's name.
    pub attribute_key: String,
    /// The value that matches.
    pub attribute_value: String,
}

/// Values of an attribute that no mapping asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnmatchedAttribute {
    /// The attribute's name.
    pub attribute_key: String,
    /// The values.
    pub attribute_values: Vec<String>,
}
