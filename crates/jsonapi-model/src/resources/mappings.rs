//! Persona and intake mappings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The two prefixes under which mappings are served; each has its own names for the types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `/api/v2/cloud_auth/aws/…`
    CloudAuth,
    /// `/api/v2/wif/aws/…`
    Wif,
}

impl Prefix {
    /// The prefix of a request's path.
    pub fn of_path(path: &str) -> Self {
        if path.starts_with("/api/v2/wif/") { Self::Wif } else { Self::CloudAuth }
    }

    /// The type of a persona mapping.
    pub fn persona_type(self) -> &'static str {
        match self {
            Self::CloudAuth => "aws_cloud_auth_config",
            Self::Wif => "aws_wif_config",
        }
    }

    /// The type of an intake mapping.
    pub fn intake_type(self) -> &'static str {
        match self {
            Self::CloudAuth => "aws_cloud_auth_intake_mapping",
            Self::Wif => "aws_wif_intake_mapping",
        }
    }
}

/// A persona mapping to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonaMappingInput {
    /// E-mail address, handle, or id of a service account.
    pub account_identifier: String,
    /// Who.
    pub arn_pattern: String,
}

/// A persona mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonaMapping {
    /// The handle of the user: a person's e-mail address, a service account's id.
    pub account_identifier: String,
    /// The user's id.
    pub account_uuid: String,
    /// Who; as it was given.
    pub arn_pattern: String,
}

/// An intake mapping to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeMappingInput {
    /// Who.
    pub arn_pattern: String,
}

/// An intake mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IntakeMapping {
    /// Who; as it was given.
    pub arn_pattern: String,
}
