//! Invitations of users. Delivering one is the operator's program's; see the configuration.

use std::time::Duration;

use auth_model::{Invitation, InvitationId, User, UserId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{InvitationInput, InvitationsInput, USER_INVITATIONS, USERS},
};

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

/// `GET /api/v2/user_invitations`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let listed = app.store().invitations(caller.org(), list::slice(&query)?).await?;
    let rows = listed.rows.iter().map(wire::invitation).collect();
    Reply::ok(&ListDocument::new(rows).with_counts(listed.total, listed.filtered))
}

/// `POST /api/v2/user_invitations`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<InvitationsInput>,
) -> Result<Reply, ApiError> {
    if request.data.is_empty() || request.data.len() > MAX_AT_ONCE {
        let detail = format!("`data` lists 1 to {MAX_AT_ONCE} invitations");
        return Err(ApiError::bad_request(detail).at("/data"));
    }
    // All are looked at before the first is made.
    let mut users = Vec::with_capacity(request.data.len());
    for (input, at) in request.data.iter().zip(0..) {
        users.push(invited(&app, &caller, input, at).await?);
    }
    let valid = Duration::from_secs(app.config().invitations.valid_seconds);
    let mut made = Vec::with_capacity(users.len());
    for user in users {
        let event = change.of(&app, format!("user {}", user.id))?;
        let invitation = Invitation {
            id: InvitationId::new(app.clock(), app.randomness())?,
            org: caller.org(),
            user: user.id,
            created_by: Some(caller.user()),
            created_at: event.at,
            expires_at: event.at.plus(valid),
        };
        app.store().insert_invitation(&invitation, &event).await?;
        made.push(wire::invitation(&invitation));
        app.delivery().send(invitation, user, app.config().issuer());
    }
    Reply::created(&ListDocument::new(made))
}

/// `GET /api/v2/user_invitations/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let absent = || ApiError::new(StatusCode::NOT_FOUND, "invitation not found");
    let id: InvitationId = id.parse(absent)?;
    let found = app.store().invitation(caller.org(), id).await?.ok_or_else(absent)?;
    Reply::ok(&Document::from(wire::invitation(&found)))
}

/// A person who has not been disabled.
async fn invited(
    app: &App,
    caller: &Caller,
    input: &InvitationInput,
    at: usize,
) -> Result<User, ApiError> {
    let wrong = |detail: &str| ApiError::bad_request(detail).at(format!("/data/{at}"));
    let link = &input.relationships.user.data;
    if input.kind != USER_INVITATIONS || link.kind != USERS {
        return Err(wrong("an invitation has the type `user_invitations` and names a user"));
    }
    let absent = || ApiError::new(StatusCode::NOT_FOUND, "user not found");
    let id: UserId = link.id.parse().map_err(|_| absent())?;
    let user = app.store().user(caller.org(), id).await?.ok_or_else(absent)?;
    match (user.service_account, user.disabled) {
        (true, _) => Err(wrong("service accounts can't be invited: they do not sign in")),
        (_, true) => Err(wrong("this user is disabled; enable them first")),
        (false, false) => Ok(user),
    }
}

const MAX_AT_ONCE: usize = 100;
