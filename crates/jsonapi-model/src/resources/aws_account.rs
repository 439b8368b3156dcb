//! Integrated AWS accounts. Everything that a client sets is given back, known here or not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The type of both.
pub const AWS_ACCOUNT: &str = "account";

/// An account to be added, where all three are needed, or changed, where what is left out stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsAccountInput {
    /// 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_account_id: Option<String>,
    /// `aws`, `aws-cn`, `aws-us-gov` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_partition: Option<String>,
    /// How to sign in to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_config: Option<AuthConfig>,
    /// Everything else.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

impl std::fmt::Debug for AwsAccountInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsAccountInput")
            .field("aws_account_id", &self.aws_account_id)
            .field("aws_partition", &self.aws_partition)
            .finish_non_exhaustive()
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsAccountAttributes {
    /// 12 digits.
    pub aws_account_id: String,
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub aws_partition: String,
    /// How to sign in to it, without secrets.
    pub auth_config: AuthConfig,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub modified_at: String,
    /// Everything else.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// How to sign in to an AWS account: by a role, or by an access key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthConfig {
    /// The role's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// What the role's trust policy asks for; made by the server where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The access key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Its secret; in requests only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<String>,
}

impl std::fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthConfig")
            .field("role_name", &self.role_name)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
