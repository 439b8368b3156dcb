//! Roles.

use auth_model::{PermissionId, PermissionSet, Role, RoleChange, RoleId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, Linkage, ListDocument, ToMany,
    resources::{ROLES, RoleInput, RoleInputRelationships, RoleUpdate},
};
use mapping_store::{RoleOrder, RoleQuery, StoreError};

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs, check_type},
    text, wire,
};

const NAME: &str = "/data/attributes/name";
const PERMISSIONS: &str = "/data/relationships/permissions/data";

const ORDERS: &[(&str, RoleOrder)] = &[
    ("name", RoleOrder::Name),
    ("modified_at", RoleOrder::ModifiedAt),
    ("user_count", RoleOrder::UserCount),
];

/// `GET /api/v2/roles`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(&query, ORDERS)?;
    let slice = list::slice(&query)?;
    let Some(ids) = list::ids::<RoleId>(&query, "filter[id]") else {
        return Reply::ok(&ListDocument::<(), ()>::new(Vec::new()).with_counts(0, 0));
    };
    let text = list::text(&query, "filter");
    let wanted = RoleQuery { text, ids, order, direction, slice };
    let listed = app.store().roles(caller.org(), &wanted).await?;
    let rows = listed.rows.iter().map(wire::role_in_list).collect();
    Reply::ok(&ListDocument::new(rows).with_counts(listed.total, listed.filtered))
}

/// `POST /api/v2/roles`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<RoleInput, RoleInputRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, ROLES)?;
    let given = request.data.relationships.and_then(|given| given.permissions);
    let permissions = permissions(&app, given)?.unwrap_or_default();
    add(&app, &change, &caller, &request.data.attributes.name, permissions).await
}

/// `POST /api/v2/roles/{id}/clone`: another role that holds the same.
pub(crate) async fn clone(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<RoleInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, ROLES)?;
    let original = find(&app, &caller, &id).await?;
    add(&app, &change, &caller, &request.data.attributes.name, original.permissions).await
}

/// `GET /api/v2/roles/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let role: RoleId = id.parse(|| absent(&id))?;
    let wanted = RoleQuery { ids: vec![role], ..RoleQuery::default() };
    let found = app.store().roles(caller.org(), &wanted).await?.rows.pop();
    let found = found.ok_or_else(|| absent(&id))?;
    Reply::ok(&Document::from(wire::role_in_list(&found)))
}

/// `PATCH /api/v2/roles/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<RoleUpdate, RoleInputRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, ROLES)?;
    let before = find(&app, &caller, &id).await?;
    same_id(request.data.id.as_deref(), &id)?;
    changeable(&before)?;
    let name = request.data.attributes.name.map(|name| role_name(&name)).transpose()?;
    let given = request.data.relationships.and_then(|given| given.permissions);
    let permissions = permissions(&app, given)?;
    let event = change.of(&app, format!("role {}", before.id))?;
    let wanted = RoleChange { name, permissions, modified_at: event.at };
    let changed = app.store().change_role(caller.org(), before.id, &wanted, &event).await;
    let role = changed.map_err(taken)?.ok_or_else(|| absent(&id))?;
    Reply::ok(&Document::from(wire::role(&role)))
}

/// `DELETE /api/v2/roles/{id}`: its holders lose it.
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let role = find(&app, &caller, &id).await?;
    changeable(&role)?;
    let event = change.of(&app, format!("role {} `{}`", role.id, role.name))?;
    match app.store().delete_role(caller.org(), role.id, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent(&id)),
    }
}

async fn add(
    app: &App,
    change: &Change,
    caller: &Caller,
    name: &str,
    mut permissions: PermissionSet,
) -> Result<Reply, ApiError> {
    let name = role_name(name)?;
    permissions.extend(app.catalogue().restricted().map(|permission| permission.id));
    let id = RoleId::new(app.clock(), app.randomness())?;
    let event = change.of(app, format!("role {id} `{name}`"))?;
    let (created_at, modified_at) = (event.at, event.at);
    let org = caller.org();
    let role = Role { id, org, name, managed: false, permissions, created_at, modified_at };
    app.store().insert_role(&role, &event).await.map_err(taken)?;
    Reply::ok(&Document::from(wire::role(&role)))
}

/// The role of this id, or the answer that there is none.
pub(super) async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<Role, ApiError> {
    let role: RoleId = id.parse(|| absent(id))?;
    app.store().role(caller.org(), role).await?.ok_or_else(|| absent(id))
}

/// In the words of the public service.
pub(super) fn absent(id: &PathId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("{} not found", id.text()))
}

/// The managed roles stay what their names say.
pub(super) fn changeable(role: &Role) -> Result<(), ApiError> {
    if !role.managed {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "`{}` is a managed role, which can be neither changed nor deleted; clone it, and change the clone",
        role.name
    )))
}

fn role_name(name: &str) -> Result<String, ApiError> {
    if name.trim().is_empty() {
        return Err(ApiError::bad_request("Role names cannot be only whitespace"));
    }
    text::name(name, "a role's name", NAME)
}

fn same_id(given: Option<&str>, id: &PathId) -> Result<(), ApiError> {
    match given {
        Some(given) if given.eq_ignore_ascii_case(id.text()) => Ok(()),
        Some(_) => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The id attribute in the request body does not match the role_id in the URL",
        )),
        None => Err(ApiError::bad_request("say the id in the body too").at("/data/id")),
    }
}

fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, "A role with the same name already exists")
        }
        error => error.into(),
    }
}

/// The permissions that a request lists, beside those that come with every role.
fn permissions(app: &App, given: Option<ToMany>) -> Result<Option<PermissionSet>, ApiError> {
    let Some(ToMany { data }) = given else { return Ok(None) };
    let mut all: PermissionSet = app.catalogue().restricted().map(|known| known.id).collect();
    for (link, at) in data.iter().zip(0..) {
        all.insert(permission(app, link, &format!("{PERMISSIONS}/{at}"))?);
    }
    Ok(Some(all))
}

/// A permission of the catalogue.
pub(super) fn permission(
    app: &App,
    link: &Linkage,
    pointer: &str,
) -> Result<PermissionId, ApiError> {
    let id = link.id.parse::<PermissionId>().ok();
    let known = id.filter(|_| link.kind == jsonapi_model::resources::PERMISSIONS);
    known.filter(|id| app.catalogue().get(*id).is_some()).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Invalid input: there is no permission `{}`; GET /api/v2/permissions lists them",
            link.id.chars().take(64).collect::<String>()
        ))
        .at(pointer)
    })
}
