//! `DELETE /api/v2/users/{id}/sessions`: ends every session of a user, on every replica at once.

use axum::{extract::State, http::StatusCode};

use super::users;
use crate::{App, caller::Caller, change::Change, error::ApiError, request::PathId};

pub(crate) async fn end_all(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let user = users::find(&app, &caller, &id).await?;
    let event = change.of(&app, format!("user {}", user.id))?;
    if !app.store().end_sessions_of(caller.org(), user.id, &event).await? {
        // That somebody made sure is worth knowing too.
        app.store().record(&event).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
