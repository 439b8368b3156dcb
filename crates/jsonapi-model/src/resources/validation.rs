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
