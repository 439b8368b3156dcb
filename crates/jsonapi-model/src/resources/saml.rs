//! Sign-in by SAML: what an organization decides, its preference, and the assertions that are kept.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The type of configurations.
pub const SAML_CONFIGURATIONS: &str = "saml_configurations";
/// The type of kept assertions.
pub const SAML_ASSERTIONS: &str = "saml_assertions";
/// The type of preferences.
pub const ORG_PREFERENCES: &str = "org_preferences";
/// The one preference that there is: whether sign-ins replace roles by what the mappings give.
pub const SAML_AUTHN_MAPPING_ROLES: &str = "saml_authn_mapping_roles";

/// How the people of an organization sign in by SAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlConfigurationAttributes {
    /// Whether they may.
    pub enabled: bool,
    /// Whether they may sign in by nothing else.
    pub strict: bool,
    /// Whether a sign-in may begin at the identity provider.
    pub idp_initiated: bool,
    /// E-mail domains whose people are made users when they first sign in.
    pub autocreate_domains: Vec<String>,
    /// The id of the role that such a user is given while mappings are not enforced.
    pub autocreate_role: Option<String>,
    /// `sign_in` or `refuse`: what becomes of those whom no mapping gives anything, while mappings are enforced.
    pub unmatched_users: String,
    /// Whether accepted assertions are kept with their values for 30 days, for previews.
    pub keep_assertions: bool,
    /// The attribute that holds the e-mail address; without one, the NameID does.
    pub email_attribute: Option<String>,
    /// Whether sign-ins replace roles by what the mappings give. Switched by the org preference.
    pub enforce_mappings: bool,
    /// The identity provider, once its metadata is uploaded.
    pub idp: Option<SamlIdp>,
    /// What the identity provider has to know of us.
    pub sp: SamlSp,
}

/// An identity provider, as its metadata says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlIdp {
    /// Its name.
    pub entity_id: String,
    /// Where requests go by redirect.
    pub redirect_url: Option<String>,
    /// Where requests go by a form.
    pub post_url: Option<String>,
    /// Whether it takes signed requests only.
    pub wants_signed_requests: bool,
    /// When the metadata expires; RFC 3339.
    pub valid_until: Option<String>,
    /// The certificates that it may sign by.
    pub certificates: Vec<SamlCertificate>,
    /// RFC 3339.
    pub uploaded_at: String,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlCertificate {
    /// Its fingerprint, in hexadecimal digits.
    pub sha256: String,
}

/// What an identity provider has to know of us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlSp {
    /// Our name for this organization.
    pub entity_id: String,
    /// Where responses are posted to.
    pub acs_url: String,
    /// Where all of this can be read as metadata.
    pub metadata_url: String,
    /// Where people sign in.
    pub sign_in_url: String,
    /// Whether our requests are signed.
    pub signs_requests: bool,
}

/// What is to become of a configuration; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlConfigurationUpdate {
    /// Whether people may sign in by SAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether they may sign in by nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// Whether a sign-in may begin at the identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_initiated: Option<bool>,
    /// E-mail domains whose people are made users when they first sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocreate_domains: Option<Vec<String>>,
    /// The id of the role that such a user is given; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub autocreate_role: Option<Option<String>>,
    /// `sign_in` or `refuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched_users: Option<String>,
    /// Whether accepted assertions are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assertions: Option<bool>,
    /// The attribute that holds the e-mail address; `null` for the NameID.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub email_attribute: Option<Option<String>>,
}

/// Tells `null` from nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// An assertion that was accepted and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamlAssertionAttributes {
    /// RFC 3339.
    pub received_at: String,
    /// Who signed in with it.
    pub user_id: String,
    /// Their e-mail address now.
    pub email: String,
    /// Who said it.
    pub issuer: String,
    /// Of whom.
    pub name_id: String,
    /// Names, each with its values.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// A preference. The id, unlike other documents', is a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrgPreferenceDocument {
    /// It.
    pub data: OrgPreference,
}

/// A preference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrgPreference {
    /// `org_preferences`.
    #[serde(rename = "type")]
    pub kind: String,
    /// In answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What it says.
    pub attributes: OrgPreferenceAttributes,
}

/// What a preference says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrgPreferenceAttributes {
    /// `saml_authn_mapping_roles`.
    pub preference_type: String,
    /// Whether it is on.
    pub preference_data: bool,
    /// In requests: switch it on although nobody might be left who manages access.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
}
