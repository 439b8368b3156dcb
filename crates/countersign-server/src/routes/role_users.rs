//! Who holds a role.

use auth_model::{Role, UserId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{ListDocument, Relationship, resources::USERS};
use mapping_store::{StoreError, UserQuery};

use super::{roles::find, users};
use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs},
    wire,
};

/// `GET /api/v2/roles/{id}/users`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let role = find(&app, &caller, &id).await?;
    let (order, direction) = list::order(&query, users::ORDERS)?;
    let wanted = UserQuery {
        text: list::text(&query, "filter"),
        role: Some(role.id),
        order,
        direction,
        slice: list::slice(&query)?,
        ..UserQuery::default()
    };
    let listed = app.store().users(role.org, &wanted).await?;
    let included = wire::included(&wire::role(&role))?;
    let rows = listed.rows.iter().map(wire::user).collect();
    let list = ListDocument::new(rows).with_counts(listed.total, listed.filtered);
    Reply::ok(&list.with_included(vec![included]))
}

/// `POST /api/v2/roles/{id}/users`
pub(crate) async fn add(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    query: QueryPairs,
    JsonBody(request): JsonBody<Relationship>,
) -> Result<Reply, ApiError> {
    let role = find(&app, &caller, &id).await?;
    let user = user(&request)?;
    let event = change.of(&app, format!("role {} for user {user}", role.id))?;
    let added = app.store().add_role_holder(role.org, role.id, user, &event).await;
    added.map_err(|error| missing(error, user))?;
    holders(&app, &role, &query).await
}

/// `DELETE /api/v2/roles/{id}/users`
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    query: QueryPairs,
    JsonBody(request): JsonBody<Relationship>,
) -> Result<Reply, ApiError> {
    let role = find(&app, &caller, &id).await?;
    let user = user(&request)?;
    let event = change.of(&app, format!("role {} of user {user}", role.id))?;
    let removed = app.store().remove_role_holder(role.org, role.id, user, &event).await;
    removed.map_err(|error| missing(error, user))?;
    holders(&app, &role, &query).await
}

/// Who holds it now: a page of them.
async fn holders(app: &App, role: &Role, query: &QueryPairs) -> Result<Reply, ApiError> {
    let slice = list::slice(query)?;
    let wanted = UserQuery { role: Some(role.id), slice, ..UserQuery::default() };
    let listed = app.store().users(role.org, &wanted).await?;
    let rows = listed.rows.iter().map(wire::user).collect();
    Reply::ok(&ListDocument::new(rows).with_counts(listed.total, listed.filtered))
}

fn user(request: &Relationship) -> Result<UserId, ApiError> {
    let id = request.data.id.parse().ok().filter(|_| request.data.kind == USERS);
    id.ok_or_else(|| {
        ApiError::bad_request("say which user: `{\"data\":{\"type\":\"users\",\"id\":\"…\"}}`")
            .at("/data")
    })
}

fn missing(error: StoreError, user: UserId) -> ApiError {
    match error {
        StoreError::Missing { what: "user" } => {
            ApiError::new(StatusCode::NOT_FOUND, format!("{user} not found"))
        }
        error => error.into(),
    }
}
