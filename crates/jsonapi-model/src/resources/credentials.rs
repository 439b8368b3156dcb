//! What the exchanges answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The type of [`DelegatedToken`].
pub const DELEGATED_TOKEN: &str = "delegated_token";

/// An access token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DelegatedToken {
    /// A JWT.
    pub access_token: String,
    /// Unix seconds, as a decimal string: one client ignores a number.
    pub expires: String,
}

impl std::fmt::Debug for DelegatedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DelegatedToken").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// The type of [`IntakeApiKey`].
pub const INTAKE_API_KEY: &str = "intake_api_key";

/// A managed API key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeApiKey {
    /// 32 lower-case hexadecimal digits.
    pub api_key: String,
    /// The organization's small number.
    pub org_id: i64,
}

impl std::fmt::Debug for IntakeApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntakeApiKey").field("org_id", &self.org_id).finish_non_exhaustive()
    }
}
