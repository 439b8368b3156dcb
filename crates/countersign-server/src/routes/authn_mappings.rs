//! AuthN mappings: which attributes of an identity provider's give which roles and teams.

use auth_model::{AuthnMapping, AuthnMappingChange, AuthnMappingId, AuthnTarget, RoleId, TeamId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{
        AUTHN_MAPPINGS, AuthnMappingInput, AuthnMappingRelationships, AuthnMappingUpdate, ROLES,
        TEAM,
    },
};
use mapping_store::{AuthnMappingOrder, AuthnMappingQuery, StoreError};
use role_mapping::{MAX_KEY_BYTES, MAX_VALUE_BYTES};
use serde_json::Value;

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs, check_type},
    wire,
};

const KEY: &str = "/data/attributes/attribute_key";
const VALUE: &str = "/data/attributes/attribute_value";
const TARGET: &str = "/data/relationships";

const ORDERS: &[(&str, AuthnMappingOrder)] = &[
    ("created_at", AuthnMappingOrder::CreatedAt),
    ("role_id", AuthnMappingOrder::TargetId),
    // The public service numbers its attributes; here they are in the order of their mappings.
    ("saml_assertion_attribute_id", AuthnMappingOrder::CreatedAt),
    ("role.name", AuthnMappingOrder::TargetName),
    ("saml_assertion_attribute.attribute_key", AuthnMappingOrder::Key),
    ("saml_assertion_attribute.attribute_value", AuthnMappingOrder::Value),
];

/// `GET /api/v2/authn_mappings`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(&query, ORDERS)?;
    let wanted = AuthnMappingQuery {
        text: list::text(&query, "filter"),
        teams: teams(&query)?,
        order,
        direction,
        slice: list::slice(&query)?,
    };
    let listed = app.store().authn_mappings(caller.org(), &wanted).await?;
    let included = targets(&app, &caller, &listed.rows).await?;
    let rows = listed.rows.iter().map(wire::authn_mapping).collect();
    let list = ListDocument::new(rows).with_counts(listed.total, listed.filtered);
    Reply::ok(&list.with_included(included))
}

/// `POST /api/v2/authn_mappings`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<AuthnMappingInput, AuthnMappingRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, AUTHN_MAPPINGS)?;
    let AuthnMappingInput { attribute_key, attribute_value } = request.data.attributes;
    let target = target(request.data.relationships.unwrap_or_default())?
        .ok_or_else(|| ApiError::bad_request("say what it gives: a role or a team").at(TARGET))?;
    let id = AuthnMappingId::new(app.clock(), app.randomness())?;
    let event = change.of(&app, format!("authN mapping {id} to {}", name(target)))?;
    let mapping = AuthnMapping {
        id,
        org: caller.org(),
        key: attribute(attribute_key, "an attribute's name", KEY)?,
        value: attribute(attribute_value, "an attribute's value", VALUE)?,
        target,
        created_at: event.at,
        modified_at: event.at,
    };
    app.store().insert_authn_mapping(&mapping, &event).await.map_err(refused)?;
    answer(&app, &caller, &mapping).await
}

/// `GET /api/v2/authn_mappings/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    answer(&app, &caller, &find(&app, &caller, &id).await?).await
}

/// `PATCH /api/v2/authn_mappings/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<AuthnMappingUpdate, AuthnMappingRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, AUTHN_MAPPINGS)?;
    let before = find(&app, &caller, &id).await?;
    match request.data.id.as_deref() {
        Some(given) if given.eq_ignore_ascii_case(id.text()) => {}
        Some(_) => {
            return Err(ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "the id in the body is not that of the path",
            ));
        }
        None => return Err(ApiError::bad_request("say the id in the body too").at("/data/id")),
    }
    let AuthnMappingUpdate { attribute_key, attribute_value } = request.data.attributes;
    let given = |text: Option<String>, what: &str, pointer: &str| {
        text.map(|text| attribute(text, what, pointer)).transpose()
    };
    let event = change.of(&app, format!("authN mapping {}", before.id))?;
    let wanted = AuthnMappingChange {
        key: given(attribute_key, "an attribute's name", KEY)?,
        value: given(attribute_value, "an attribute's value", VALUE)?,
        target: target(request.data.relationships.unwrap_or_default())?,
        modified_at: event.at,
    };
    let changed = app.store().change_authn_mapping(before.org, before.id, &wanted, &event).await;
    let mapping = changed.map_err(refused)?.ok_or_else(|| absent(&id))?;
    answer(&app, &caller, &mapping).await
}

/// `DELETE /api/v2/authn_mappings/{id}`
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let mapping: AuthnMappingId = id.parse(|| absent(&id))?;
    let event = change.of(&app, format!("authN mapping {mapping}"))?;
    match app.store().delete_authn_mapping(caller.org(), mapping, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent(&id)),
    }
}

async fn answer(app: &App, caller: &Caller, mapping: &AuthnMapping) -> Result<Reply, ApiError> {
    let included = targets(app, caller, std::slice::from_ref(mapping)).await?;
    Reply::ok(&Document { data: wire::authn_mapping(mapping), meta: None, included })
}

/// The roles and teams that the mappings give, each once.
async fn targets(
    app: &App,
    caller: &Caller,
    mappings: &[AuthnMapping],
) -> Result<Vec<Value>, ApiError> {
    let mut roles = Vec::new();
    let mut teams = Vec::new();
    for mapping in mappings {
        match mapping.target {
            AuthnTarget::Role(role) if !roles.contains(&role) => roles.push(role),
            AuthnTarget::Team(team) if !teams.contains(&team) => teams.push(team),
            _ => {}
        }
    }
    let mut included = Vec::with_capacity(roles.len() + teams.len());
    for role in app.store().roles_by_ids(caller.org(), &roles).await? {
        included.push(wire::included(&wire::role(&role))?);
    }
    for team in teams {
        if let Some(team) = app.store().team(caller.org(), team).await? {
            included.push(wire::included(&wire::team(&team))?);
        }
    }
    Ok(included)
}

async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<AuthnMapping, ApiError> {
    let mapping: AuthnMappingId = id.parse(|| absent(id))?;
    app.store().authn_mapping(caller.org(), mapping).await?.ok_or_else(|| absent(id))
}

/// In the words of the public service.
fn absent(id: &PathId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("Mapping with id {} not found", id.text()))
}

fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, "there is a mapping of this key, value and target")
        }
        StoreError::Missing { what } => {
            ApiError::new(StatusCode::NOT_FOUND, format!("the organization has no such {what}"))
                .at(TARGET)
        }
        error => error.into(),
    }
}

/// An attribute's name or value is what the identity provider sends: it is compared byte for byte, so nothing is taken off it, and
/// what can't be seen is refused, because nobody would find out why it does not match.
fn attribute(text: String, what: &str, pointer: &str) -> Result<String, ApiError> {
    let max = if pointer == KEY { MAX_KEY_BYTES } else { MAX_VALUE_BYTES };
    let wrong = |detail: String| Err(ApiError::bad_request(detail).at(pointer));
    if text.trim().is_empty() {
        return wrong(format!("{what} cannot be empty or only whitespace"));
    }
    if text.len() > max {
        return wrong(format!("{what} is at most {max} bytes long"));
    }
    if text.contains(char::is_control) {
        return wrong(format!("{what} may not hold control characters"));
    }
    Ok(text)
}

/// A role or a team; `None` where neither is given.
fn target(given: AuthnMappingRelationships) -> Result<Option<AuthnTarget>, ApiError> {
    let wrong = |detail: &str| Err(ApiError::bad_request(detail).at(TARGET));
    match (given.role, given.team) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => wrong("a mapping gives a role or a team, not both"),
        (Some(role), None) => match role.data.id.parse::<RoleId>() {
            Ok(id) if role.data.kind == ROLES => Ok(Some(AuthnTarget::Role(id))),
            _ => wrong("a role is `{\"data\":{\"type\":\"roles\",\"id\":\"…\"}}`"),
        },
        (None, Some(team)) => match team.data.id.parse::<TeamId>() {
            Ok(id) if team.data.kind == TEAM => Ok(Some(AuthnTarget::Team(id))),
            _ => wrong("a team is `{\"data\":{\"type\":\"team\",\"id\":\"…\"}}`"),
        },
    }
}

fn name(target: AuthnTarget) -> String {
    match target {
        AuthnTarget::Role(role) => format!("role {role}"),
        AuthnTarget::Team(team) => format!("team {team}"),
    }
}

/// Whether mappings to teams are asked for, or those to roles.
fn teams(query: &QueryPairs) -> Result<Option<bool>, ApiError> {
    match query.get("resource_type") {
        None | Some("") => Ok(None),
        Some("role") => Ok(Some(false)),
        Some("team") => Ok(Some(true)),
        Some(_) => {
            Err(ApiError::bad_request("a resource type is `role` or `team`")
                .parameter("resource_type"))
        }
    }
}
