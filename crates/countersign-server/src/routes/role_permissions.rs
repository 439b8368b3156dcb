//! What a role holds. Each answers with all of it.

use auth_model::{Catalogue, Role};
use axum::extract::State;
use jsonapi_model::{ListDocument, Relationship};

use super::roles::{absent, changeable, find, permission};
use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, PathId},
    wire,
};

/// `GET /api/v2/roles/{id}/permissions`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    answer(&find(&app, &caller, &id).await?, app.catalogue())
}

/// `POST /api/v2/roles/{id}/permissions`
pub(crate) async fn grant(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Relationship>,
) -> Result<Reply, ApiError> {
    let role = find(&app, &caller, &id).await?;
    changeable(&role)?;
    let permission = permission(&app, &request.data, "/data")?;
    let event = change.of(&app, format!("permission {permission} for role {}", role.id))?;
    app.store().grant_permission(role.org, role.id, permission, &event).await?;
    list(State(app), caller, id).await
}

/// `DELETE /api/v2/roles/{id}/permissions`
pub(crate) async fn revoke(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Relationship>,
) -> Result<Reply, ApiError> {
    let role = find(&app, &caller, &id).await?;
    changeable(&role)?;
    let permission = permission(&app, &request.data, "/data")?;
    if let Some(known) = app.catalogue().get(permission).filter(|known| known.restricted) {
        return Err(ApiError::bad_request(format!(
            "`{}` comes with every role and can't be taken away",
            known.name
        )));
    }
    let event = change.of(&app, format!("permission {permission} of role {}", role.id))?;
    app.store().revoke_permission(role.org, role.id, permission, &event).await?;
    let role = app.store().role(role.org, role.id).await?.ok_or_else(|| absent(&id))?;
    answer(&role, app.catalogue())
}

fn answer(role: &Role, catalogue: &Catalogue) -> Result<Reply, ApiError> {
    let held = catalogue.all().iter().filter(|known| role.permissions.contains(&known.id));
    Reply::ok(&ListDocument::<_>::new(held.map(wire::permission).collect()))
}
