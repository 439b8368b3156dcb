//! From the domain's types to the wire's. Both are foreign here, so these are plain functions.

mod audit;
mod authn;
mod identity;
mod keys;
mod saml;
mod teams;

pub(crate) use audit::audit_event;
pub(crate) use authn::authn_mapping;
pub(crate) use identity::{
    invitation, legacy_user, organization, permission, role, role_in_list, user, user_attributes,
};
pub(crate) use keys::{Shown, api_key, app_key};
pub(crate) use saml::saml_configuration;
pub(crate) use teams::{member, membership, team};

use auth_model::{AwsAccount, AwsAuth, IntakeMapping, PersonaMapping, Timestamp};
use exchange::{Explained, Explanation, KindExplanation, NearMiss};
use jsonapi_model::{
    Resource,
    resources::{self as wire, Prefix},
    time::{offset_micros, zulu_micros},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::ApiError;

pub(crate) fn persona_mapping(
    mapping: &PersonaMapping,
    handle: String,
    prefix: Prefix,
) -> Resource<wire::PersonaMapping> {
    let attributes = wire::PersonaMapping {
        account_identifier: handle,
        account_uuid: mapping.target.to_string(),
        arn_pattern: mapping.pattern.as_str().to_owned(),
    };
    resource(prefix.persona_type(), mapping.id.to_string(), attributes)
}

pub(crate) fn intake_mapping(
    mapping: &IntakeMapping,
    prefix: Prefix,
) -> Resource<wire::IntakeMapping> {
    let attributes = wire::IntakeMapping { arn_pattern: mapping.pattern.as_str().to_owned() };
    resource(prefix.intake_type(), mapping.id.to_string(), attributes)
}

pub(crate) fn aws_account(account: &AwsAccount) -> Resource<wire::AwsAccountAttributes> {
    let auth_config = match &account.auth {
        AwsAuth::Role { role_name, external_id } => wire::AuthConfig {
            role_name: Some(role_name.clone()),
            external_id: Some(external_id.clone()),
            ..wire::AuthConfig::default()
        },
        AwsAuth::Keys { access_key_id, .. } => wire::AuthConfig {
            access_key_id: Some(access_key_id.clone()),
            ..wire::AuthConfig::default()
        },
    };
    let settings: Map<String, Value> = serde_json::from_str(&account.settings).unwrap_or_default();
    let attributes = wire::AwsAccountAttributes {
        aws_account_id: account.account.to_string(),
        aws_partition: account.partition.to_string(),
        auth_config,
        created_at: zulu(account.created_at),
        modified_at: zulu(account.modified_at),
        settings,
    };
    resource(wire::AWS_ACCOUNT, account.id.to_string(), attributes)
}

pub(crate) fn explanation(
    arn: &arn_pattern::CallerArn,
    explanation: Explanation,
) -> wire::Explanation {
    wire::Explanation {
        arn: arn.as_str().to_owned(),
        aws_account_id: arn.account().to_string(),
        account_integrated: explanation.account_integrated,
        persona: kind(explanation.persona),
        intake: kind(explanation.intake),
    }
}

fn kind(kind: KindExplanation) -> wire::KindExplanation {
    wire::KindExplanation {
        granted: kind.refused.is_none(),
        refused: kind.refused,
        winner: kind.winner.map(explained),
        matched: kind.matched.into_iter().map(explained).collect(),
        near_misses: kind.near.into_iter().map(near_miss).collect(),
    }
}

fn explained(explained: Explained) -> wire::ExplainedMapping {
    wire::ExplainedMapping {
        id: explained.mapping.to_string(),
        arn_pattern: explained.pattern,
        account_uuid: explained.target.map(|id| id.to_string()),
        reason: explained.reason,
    }
}

fn near_miss(miss: NearMiss) -> wire::ExplainedNearMiss {
    wire::ExplainedNearMiss {
        id: miss.mapping.to_string(),
        arn_pattern: miss.pattern,
        account_uuid: miss.target.map(|id| id.to_string()),
        field: miss.mismatch.field.to_string(),
        expected: miss.mismatch.expected,
        found: miss.mismatch.found,
        edit: miss.mismatch.edit,
    }
}

fn resource<A>(kind: &str, id: String, attributes: A) -> Resource<A> {
    Resource { id: Some(id), kind: kind.to_owned(), attributes, relationships: None }
}

/// A resource as it is included beside others.
pub(crate) fn included<A: Serialize, R: Serialize>(
    resource: &Resource<A, R>,
) -> Result<Value, ApiError> {
    serde_json::to_value(resource).map_err(|error| ApiError::internal(&error))
}

fn zulu(time: Timestamp) -> String {
    zulu_micros(time.unix_micros())
}

pub(crate) fn offset(time: Timestamp) -> String {
    offset_micros(time.unix_micros())
}
