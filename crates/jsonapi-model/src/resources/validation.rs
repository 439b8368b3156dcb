//! Whether keys are valid.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/validate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Valid {
    /// Always true; an invalid key is an error.
    pub valid: bool,
}

/// The type of [`ValidKey`].
pub const VALIDATE_V2: &str = "validate_v2";

/// `GET /api/v2/validate`; the document's id is the organization's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidKey {
    /// Always true; an invalid key is an error.
    pub valid: bool,
    /// Which key it is.
    pub api_key_id: String,
    /// What the key is narrowed to.
    pub api_key_scopes: Vec<String>,
}

/// `GET /api/v2/validate_keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeysValid {
    /// `ok`.
    pub status: String,
}

/// Whether a token counts, and what it says if it does (RFC 7662 §2.2). Of one that does not, `active` is all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Introspection {
    /// Whether it counts now.
    pub active: bool,
    /// What it says.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub token: Option<IntrospectedToken>,
}

/// What a token says. Times are seconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntrospectedToken {
    /// The permissions that its user holds now, with spaces between.
    pub scope: String,
    /// The persona mapping that it was issued by.
    pub client_id: String,
    /// The user's handle.
    pub username: String,
    /// `Bearer`.
    pub token_type: String,
    /// When it ends.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When it begins.
    pub nbf: i64,
    /// The user's id.
    pub sub: String,
    /// For whom it is.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// Its own id.
    pub jti: String,
    /// The organization's id.
    pub org: String,
}
