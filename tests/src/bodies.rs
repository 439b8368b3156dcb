//! Request bodies, as the official clients write them.

use auth_model::{Permission, RoleId};
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

/// A role to be made, with permissions beside those that come with every role.
pub fn role(name: &str, holds: &[Permission]) -> Value {
    let links = holds.iter().map(|held| json!({"type": "permissions", "id": held.id.to_string()}));
    json!({"data": {"type": "roles", "attributes": {"name": name},
        "relationships": {"permissions": {"data": links.collect::<Vec<_>>()}}}})
}

/// A person to be made.
pub fn user(email: &str, roles: &[RoleId]) -> Value {
    json!({"data": {"type": "users", "attributes": {"email": email, "name": "Person"},
        "relationships": {"roles": {"data": role_links(roles)}}}})
}

/// A service account to be made.
pub fn service_account(email: &str, roles: &[RoleId]) -> Value {
    json!({"data": {"type": "users",
        "attributes": {"email": email, "name": "Account", "service_account": true},
        "relationships": {"roles": {"data": role_links(roles)}}}})
}

fn role_links(roles: &[RoleId]) -> Vec<Value> {
    roles.iter().map(|role| json!({"type": "roles", "id": role.to_string()})).collect()
}

/// Something of which only the name is said: an API key, say.
pub fn named(kind: &str, name: &str) -> Value {
    json!({"data": {"type": kind, "attributes": {"name": name}}})
}

/// An application key to be made, narrowed to these permissions if any are given.
pub fn app_key(name: &str, scopes: Option<&[Permission]>) -> Value {
    let mut body = named("application_keys", name);
    if let Some(scopes) = scopes {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.name).collect();
        body["data"]["attributes"]["scopes"] = names.into();
    }
    body
}

/// A team to be made; its handle is its name.
pub fn team(name: &str) -> Value {
    json!({"data": {"type": "team", "attributes": {"name": name, "handle": name}}})
}

/// A place in a team: `admin`, or a plain member's.
pub fn member(user: &str, role: Option<&str>) -> Value {
    json!({"data": {"type": "team_memberships", "attributes": {"role": role},
        "relationships": {"user": {"data": {"type": "users", "id": user}}}}})
}

/// Invitations of these users.
pub fn invitations(users: &[&str]) -> Value {
    let of = |user: &&str| {
        json!({"type": "user_invitations",
        "relationships": {"user": {"data": {"type": "users", "id": user}}}})
    };
    json!({"data": users.iter().map(of).collect::<Vec<_>>()})
}

/// A mapping of an attribute to a role, to be made.
pub fn authn_mapping(key: &str, value: &str, role: &str) -> Value {
    json!({"data": {"type": "authn_mappings",
        "attributes": {"attribute_key": key, "attribute_value": value},
        "relationships": {"role": {"data": {"type": "roles", "id": role}}}}})
}

/// What changes these settings of how people sign in.
pub fn saml_configuration(settings: Value) -> Value {
    json!({ "data": { "type": "saml_configurations", "attributes": settings } })
}

/// What switches the enforcement of mappings.
pub fn enforcement(on: bool, force: bool) -> Value {
    json!({ "data": { "type": "org_preferences", "attributes": {
        "preference_type": "saml_authn_mapping_roles", "preference_data": on, "force": force } } })
}
