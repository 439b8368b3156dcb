//! `GET /api/v2/current_user`: whom the caller acts as; with a token, the mapping's target.

use auth_model::permissions;
use axum::extract::State;
use jsonapi_model::{
    Document, Relationship, Resource, ToMany,
    resources::{self as wire, CurrentUserRelationships, UserAttributes},
};

use crate::{
    App,
    caller::Caller,
    error::ApiError,
    reply::Reply,
    wire::{link, organization, permission, role, user},
};

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Reply, ApiError> {
    let authority = &caller.authority;
    let mut roles = app.store().roles(authority.organization.id).await?;
    roles.retain(|role| authority.user.roles.contains(&role.id));

    let mut included = Vec::new();
    let mut include = |resource: Result<serde_json::Value, serde_json::Error>| {
        resource.map(|value| included.push(value)).map_err(|e| ApiError::internal(&e))
    };
    for held in &roles {
        include(serde_json::to_value(role(held)))?;
    }
    for known in permissions::ALL.iter().filter(|known| caller.may(known)) {
        include(serde_json::to_value(permission(known)))?;
    }
    include(serde_json::to_value(organization(&authority.organization)))?;

    let org = authority.organization.id.to_string();
    let document: Document<UserAttributes, CurrentUserRelationships> = Document {
        data: Resource {
            id: Some(authority.user.id.to_string()),
            kind: wire::USERS.to_owned(),
            attributes: user(&authority.user),
            relationships: Some(CurrentUserRelationships {
                roles: ToMany {
                    data: roles.iter().map(|r| link(wire::ROLES, r.id.to_string())).collect(),
                },
                org: Relationship { data: link(wire::ORGS, org) },
                team_roles: ToMany::default(),
            }),
        },
        meta: None,
        included,
    };
    Reply::ok(&document)
}
