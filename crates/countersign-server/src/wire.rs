//! From the domain's types to the wire's. Both are foreign here, so these are plain functions.

use auth_model::{
    Access, AwsAccount, AwsAuth, IntakeMapping, Organization, Permission, PersonaMapping, Role,
    Timestamp, User,
};
use exchange::{Explained, Explanation, KindExplanation, NearMiss};
use jsonapi_model::{
    Linkage, Resource, ToMany,
    resources::{self as wire, Prefix},
    time::{offset_micros, zulu_micros},
};
use serde_json::{Map, Value};

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

pub(crate) fn user(user: &User) -> wire::UserAttributes {
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    wire::UserAttributes {
        uuid: user.id.to_string(),
        name: some(&user.name),
        handle: user.handle(),
        created_at: offset(user.created_at),
        modified_at: offset(user.modified_at),
        email: user.email.clone(),
        icon: String::new(),
        title: some(&user.title),
        verified: true,
        service_account: user.service_account,
        disabled: user.disabled,
        allowed_login_methods: Vec::new(),
        status: if user.disabled { "Disabled" } else { "Active" }.to_owned(),
        last_login_time: None,
    }
}

pub(crate) fn role(role: &Role) -> Resource<wire::RoleAttributes, wire::RoleRelationships> {
    let permissions = role.permissions.iter().map(|id| link(wire::PERMISSIONS, id.to_string()));
    Resource {
        id: Some(role.id.to_string()),
        kind: wire::ROLES.to_owned(),
        attributes: wire::RoleAttributes {
            name: role.name.clone(),
            managed: role.managed,
            created_at: offset(role.created_at),
            modified_at: offset(role.modified_at),
        },
        relationships: Some(wire::RoleRelationships {
            permissions: ToMany { data: permissions.collect() },
        }),
    }
}

pub(crate) fn permission(permission: &Permission) -> Resource<wire::PermissionAttributes> {
    let attributes = wire::PermissionAttributes {
        name: permission.name.to_owned(),
        display_name: permission.display_name.to_owned(),
        description: permission.description.to_owned(),
        created: offset(Timestamp::default()),
        group_name: permission.group.to_owned(),
        display_type: match permission.access {
            Access::Read => "read",
            Access::Write => "write",
            Access::Other => "other",
        }
        .to_owned(),
        restricted: permission.restricted,
    };
    resource(wire::PERMISSIONS, permission.id.to_string(), attributes)
}

pub(crate) fn organization(organization: &Organization) -> Resource<wire::OrgAttributes> {
    let attributes = wire::OrgAttributes {
        public_id: organization.id.to_string(),
        name: organization.name.clone(),
        description: String::new(),
        sharing: "none".to_owned(),
        url: None,
        disabled: organization.disabled,
        created_at: offset(organization.created_at),
        modified_at: offset(organization.modified_at),
    };
    resource(wire::ORGS, organization.id.to_string(), attributes)
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

pub(crate) fn link(kind: &str, id: String) -> Linkage {
    Linkage { kind: kind.to_owned(), id }
}

fn resource<A>(kind: &str, id: String, attributes: A) -> Resource<A> {
    Resource { id: Some(id), kind: kind.to_owned(), attributes, relationships: None }
}

fn zulu(time: Timestamp) -> String {
    zulu_micros(time.unix_micros())
}

fn offset(time: Timestamp) -> String {
    offset_micros(time.unix_micros())
}
