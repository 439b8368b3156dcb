//! Request bodies, as the official clients write them.

use serde_json::{Value, json};

/// A persona mapping to be made, under the first prefix.
pub fn persona_mapping(arn_pattern: &str, account_identifier: &str) -> Value {
    json!({"data": {"type": "aws_cloud_auth_config",
        "attributes": {"account_identifier": account_identifier, "arn_pattern": arn_pattern}}})
}

/// An intake mapping to be made, under the first prefix.
pub fn intake_mapping(arn_pattern: &str) -> Value {
    json!({"data": {"type": "aws_cloud_auth_intake_mapping", "attributes": {"arn_pattern": arn_pattern}}})
}

/// An AWS account to be integrated through a role.
pub fn aws_account(id: &str) -> Value {
    json!({"data": {"type": "account", "attributes": {
        "aws_account_id": id, "aws_partition": "aws", "auth_config": {"role_name": "IntegrationRole"}}}})
}
