//! Users as the first version of the API has them: found by their handle, with one of three roles or none.

use auth_model::{Role, User, UserChange, UserId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::resources::{
    LegacyUserDisabled, LegacyUserDocument, LegacyUserInput, LegacyUserList, LegacyUserUpdate,
};
use mapping_store::{RoleQuery, Slice, StoreError, UserQuery};

use crate::{
    App,
    bootstrap::MANAGED_ROLES,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, PathId},
    text, wire,
};

/// `GET /api/v1/user`: unpaged, so at most so many.
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Reply, ApiError> {
    let slice = Slice { offset: 0, limit: MAX_LISTED };
    let wanted = UserQuery { slice, ..UserQuery::default() };
    let listed = app.store().users(caller.org(), &wanted).await?;
    let managed = managed(&app, &caller).await?;
    let users = listed.rows.iter().map(|user| shown(user, &managed)).collect();
    Reply::ok(&LegacyUserList { users })
}

/// `POST /api/v1/user`
///
/// A user without a role can do nothing, so one who is given none on purpose (`"access_role": null`) is disabled until they are. Who
/// is there and disabled is answered with as they are.
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<LegacyUserInput>,
) -> Result<Reply, ApiError> {
    let given = request.email.as_deref().or(request.handle.as_deref()).unwrap_or_default();
    let email = text::email(given, "/email")?;
    let managed = managed(&app, &caller).await?;
    if let Some(there) = person(&app, &caller, &email).await? {
        if there.disabled {
            return answer(&there, &managed);
        }
        return Err(ApiError::new(StatusCode::CONFLICT, format!("User {email} already exists")));
    }
    let role = match &request.access_role {
        Some(None) => None,
        Some(Some(word)) => Some(role(word, &managed)?),
        None => Some(role("st", &managed)?),
    };
    if let Some(role) = role {
        caller.may_hand_out(app.catalogue(), &role.permissions)?;
    }
    let id = UserId::new(app.clock(), app.randomness())?;
    let event = change.of(&app, format!("user {id}"))?;
    let user = User {
        id,
        org: caller.org(),
        email,
        name: text::line(&request.name.unwrap_or_default(), "a name", "/name")?,
        title: String::new(),
        service_account: false,
        disabled: role.is_none() || request.disabled.unwrap_or(false),
        verified: false,
        roles: role.map(|role| role.id).into_iter().collect(),
        created_at: event.at,
        modified_at: event.at,
    };
    app.store().insert_user(&user, &event).await?;
    answer(&user, &managed)
}

/// `GET /api/v1/user/{handle}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    handle: PathId,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &handle).await?;
    answer(&user, &managed(&app, &caller).await?)
}

/// `PUT /api/v1/user/{handle}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    handle: PathId,
    JsonBody(request): JsonBody<LegacyUserUpdate>,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &handle).await?;
    let event = change.of(&app, format!("user {}", user.id))?;
    let wanted = UserChange {
        email: request.email.map(|email| text::email(&email, "/email")).transpose()?,
        name: request.name.map(|name| text::line(&name, "a name", "/name")).transpose()?,
        title: None,
        disabled: request.disabled,
        modified_at: event.at,
    };
    let changed = app.store().change_user(user.org, user.id, &wanted, &event).await;
    let user = changed.map_err(taken)?.ok_or_else(absent)?;
    answer(&user, &managed(&app, &caller).await?)
}

/// `DELETE /api/v1/user/{handle}` disables.
pub(crate) async fn disable(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    handle: PathId,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &handle).await?;
    if user.disabled {
        return Err(ApiError::bad_request("User is already disabled"));
    }
    let event = change.of(&app, format!("user {}", user.id))?;
    let wanted =
        UserChange { disabled: Some(true), modified_at: event.at, ..UserChange::default() };
    app.store().change_user(user.org, user.id, &wanted, &event).await?.ok_or_else(absent)?;
    Reply::ok(&LegacyUserDisabled { message: format!("User {} disabled", user.handle()) })
}

/// The organization's managed roles.
async fn managed(app: &App, caller: &Caller) -> Result<Vec<Role>, ApiError> {
    let listed = app.store().roles(caller.org(), &RoleQuery::default()).await?;
    Ok(listed.rows.into_iter().map(|row| row.role).filter(|role| role.managed).collect())
}

fn role<'a>(word: &str, managed: &'a [Role]) -> Result<&'a Role, ApiError> {
    let name = MANAGED_ROLES.iter().find(|role| role.legacy == word).map(|role| role.name);
    let role = managed.iter().find(|role| Some(role.name.as_str()) == name);
    role.ok_or_else(|| {
        ApiError::bad_request("an access role is `adm`, `st`, `ro`, or null").at("/access_role")
    })
}

fn shown(user: &User, managed: &[Role]) -> jsonapi_model::resources::LegacyUser {
    let held = managed.iter().filter(|role| user.roles.contains(&role.id));
    let names: Vec<&str> = held.map(|role| role.name.as_str()).collect();
    wire::legacy_user(user, &names)
}

fn answer(user: &User, managed: &[Role]) -> Result<Reply, ApiError> {
    Reply::ok(&LegacyUserDocument { user: shown(user, managed) })
}

/// By e-mail address for people, by id for service accounts.
async fn find(app: &App, caller: &Caller, handle: &PathId) -> Result<User, ApiError> {
    let found = match handle.text().parse::<UserId>() {
        Ok(id) => app.store().user(caller.org(), id).await?.filter(|user| user.service_account),
        Err(_) => person(app, caller, &handle.text().to_lowercase()).await?,
    };
    found.ok_or_else(absent)
}

async fn person(app: &App, caller: &Caller, email: &str) -> Result<Option<User>, ApiError> {
    let users = app.store().users_by_email(caller.org(), email).await?;
    Ok(users.into_iter().find(|user| !user.service_account))
}

fn absent() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "User not found")
}

fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, "another user has this e-mail address")
        }
        error => error.into(),
    }
}

const MAX_LISTED: u64 = 5_000;
