//! Users: people and service accounts.

use auth_model::{
    Permission, PermissionSet, RoleId, User, UserChange, UserId, UserStatus, permissions as p,
};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument, ToMany,
    resources::{ROLES, USERS, UserInput, UserInputRelationships, UserUpdate},
};
use mapping_store::{Direction, StoreError, UserOrder, UserQuery};
use serde_json::Value;

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

const EMAIL: &str = "/data/attributes/email";

/// What lists of users are ordered by.
pub(super) const ORDERS: &[(&str, UserOrder)] = &[
    ("name", UserOrder::Name),
    ("email", UserOrder::Email),
    ("created_at", UserOrder::CreatedAt),
    ("modified_at", UserOrder::ModifiedAt),
];

/// `GET /api/v2/users`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(&query, ORDERS)?;
    let wanted = UserQuery {
        text: list::text(&query, "filter"),
        statuses: statuses(&query)?,
        role: None,
        order,
        direction: sort_dir(&query, direction)?,
        slice: list::slice(&query)?,
    };
    let listed = app.store().users(caller.org(), &wanted).await?;
    let included = beside(&app, &caller, &listed.rows).await?;
    let rows = listed.rows.iter().map(wire::user).collect();
    let list = ListDocument::new(rows).with_counts(listed.total, listed.filtered);
    Reply::ok(&list.with_included(included))
}

/// `POST /api/v2/users`: a person, who is pending until they have signed in.
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<UserInput, UserInputRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, USERS)?;
    let roles = request.data.relationships.and_then(|given| given.roles);
    add(&app, &change, &caller, request.data.attributes, roles, false).await
}

/// `POST /api/v2/service_accounts`
pub(crate) async fn create_service_account(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<UserInput, UserInputRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, USERS)?;
    if request.data.attributes.service_account != Some(true) {
        return Err(ApiError::bad_request("say `true`: this makes service accounts")
            .at("/data/attributes/service_account"));
    }
    let roles = request.data.relationships.and_then(|given| given.roles);
    add(&app, &change, &caller, request.data.attributes, roles, true).await
}

/// `GET /api/v2/users/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &id).await?;
    let included = beside(&app, &caller, std::slice::from_ref(&user)).await?;
    Reply::ok(&Document { data: wire::user(&user), meta: None, included })
}

/// `PATCH /api/v2/users/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<UserUpdate>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, USERS)?;
    same_id(request.data.id.as_deref(), &id)?;
    let before = changeable(&app, &caller, &id).await?;
    let given = request.data.attributes;
    if before.disabled && given.disabled == Some(false) {
        caller
            .may_hand_out(app.catalogue(), &permissions_of(&app, &before.roles, &before).await?)?;
    }
    let line = |text: Option<String>, what: &str, pointer: &str| {
        text.map(|text| text::line(&text, what, pointer)).transpose()
    };
    let event = change.of(&app, format!("user {}", before.id))?;
    let wanted = UserChange {
        email: given.email.map(|email| text::email(&email, EMAIL)).transpose()?,
        name: line(given.name, "a name", "/data/attributes/name")?,
        title: line(given.title, "a title", "/data/attributes/title")?,
        disabled: given.disabled,
        modified_at: event.at,
    };
    let email = wanted.email.clone().unwrap_or_default();
    let changed = app.store().change_user(caller.org(), before.id, &wanted, &event).await;
    let user = changed.map_err(|error| taken(error, &email))?.ok_or_else(|| absent(&id))?;
    Reply::ok(&Document::from(wire::user(&user)))
}

/// `DELETE /api/v2/users/{id}` disables: whatever keys, tokens and mappings the user has stop working at once.
pub(crate) async fn disable(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let user = changeable(&app, &caller, &id).await?;
    if user.disabled {
        return Err(absent(&id));
    }
    let event = change.of(&app, format!("user {}", user.id))?;
    let wanted =
        UserChange { disabled: Some(true), modified_at: event.at, ..UserChange::default() };
    match app.store().change_user(caller.org(), user.id, &wanted, &event).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(absent(&id)),
    }
}

/// `GET /api/v2/users/{id}/permissions`
pub(crate) async fn permissions(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &id).await?;
    let held = permissions_of(&app, &user.roles, &user).await?;
    let known = app.catalogue().all().iter().filter(|known| held.contains(&known.id));
    Reply::ok(&ListDocument::<_>::new(known.map(wire::permission).collect()))
}

/// `GET /api/v2/users/{id}/orgs`
pub(crate) async fn organizations(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let user = find(&app, &caller, &id).await?;
    let included = vec![wire::included(&wire::organization(&caller.authority.organization))?];
    Reply::ok(&Document { data: wire::user(&user), meta: None, included })
}

async fn add(
    app: &App,
    change: &Change,
    caller: &Caller,
    given: UserInput,
    roles: Option<ToMany>,
    service_account: bool,
) -> Result<Reply, ApiError> {
    let email = text::email(&given.email, EMAIL)?;
    let name = text::line(&given.name.unwrap_or_default(), "a name", "/data/attributes/name")?;
    let title = text::line(&given.title.unwrap_or_default(), "a title", "/data/attributes/title")?;
    let id = UserId::new(app.clock(), app.randomness())?;
    let event = change.of(app, format!("user {id}"))?;
    let mut user = User {
        id,
        org: caller.org(),
        email,
        name,
        title,
        service_account,
        disabled: false,
        verified: service_account,
        roles: Vec::new(),
        created_at: event.at,
        modified_at: event.at,
    };
    user.roles = role_ids(roles)?;
    caller.may_hand_out(app.catalogue(), &permissions_of(app, &user.roles, &user).await?)?;
    app.store().insert_user(&user, &event).await.map_err(|error| taken(error, &user.email))?;
    Reply::created(&Document::from(wire::user(&user)))
}

/// The user of this id, or the answer that there is none.
pub(super) async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<User, ApiError> {
    let absent = || ApiError::new(StatusCode::NOT_FOUND, "user not found");
    let user: UserId = id.parse(absent)?;
    app.store().user(caller.org(), user).await?.ok_or_else(absent)
}

/// The user of this id, whom the caller may change: people those who manage access, service accounts also those who write them.
async fn changeable(app: &App, caller: &Caller, id: &PathId) -> Result<User, ApiError> {
    let user: UserId = id.parse(|| absent(id))?;
    let user = app.store().user(caller.org(), user).await?.ok_or_else(|| absent(id))?;
    let needed: &Permission = match user.service_account {
        true => &p::SERVICE_ACCOUNT_WRITE,
        false => &p::USER_ACCESS_MANAGE,
    };
    if caller.may(&p::USER_ACCESS_MANAGE) || caller.may(needed) {
        return Ok(user);
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "changing a person needs the permission `user_access_manage`",
    ))
}

/// The union of what these roles hold.
pub(super) async fn permissions_of(
    app: &App,
    roles: &[RoleId],
    user: &User,
) -> Result<PermissionSet, ApiError> {
    let roles = app.store().roles_by_ids(user.org, roles).await?;
    Ok(roles.into_iter().flat_map(|role| role.permissions).collect())
}

fn absent(id: &PathId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("{} not found", id.text()))
}

fn taken(error: StoreError, email: &str) -> ApiError {
    match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, format!("User {email} already exists"))
        }
        StoreError::Missing { what: "role" } => {
            ApiError::bad_request("there is no such role; GET /api/v2/roles lists them")
                .at("/data/relationships/roles/data")
        }
        error => error.into(),
    }
}

fn same_id(given: Option<&str>, id: &PathId) -> Result<(), ApiError> {
    match given {
        Some(given) if given.eq_ignore_ascii_case(id.text()) => Ok(()),
        Some(_) => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "UUID's in the URL and request body do not match",
        )),
        None => Err(ApiError::bad_request("say the id in the body too").at("/data/id")),
    }
}

fn role_ids(given: Option<ToMany>) -> Result<Vec<RoleId>, ApiError> {
    let links = given.map(|many| many.data).unwrap_or_default();
    let mut ids = Vec::with_capacity(links.len());
    for (link, at) in links.iter().zip(0..) {
        let id = link.id.parse::<RoleId>().ok().filter(|_| link.kind == ROLES);
        let id = id.ok_or_else(|| {
            ApiError::bad_request("each is `{\"type\":\"roles\",\"id\":\"…\"}`")
                .at(format!("/data/relationships/roles/data/{at}"))
        })?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What is shown along with users: their roles and their organization.
pub(super) async fn beside(
    app: &App,
    caller: &Caller,
    users: &[User],
) -> Result<Vec<Value>, ApiError> {
    let mut ids: Vec<RoleId> = users.iter().flat_map(|user| user.roles.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let roles = app.store().roles_by_ids(caller.org(), &ids).await?;
    let mut included = Vec::with_capacity(roles.len() + 1);
    for role in &roles {
        included.push(wire::included(&wire::role(role))?);
    }
    included.push(wire::included(&wire::organization(&caller.authority.organization))?);
    Ok(included)
}

fn statuses(query: &QueryPairs) -> Result<Vec<UserStatus>, ApiError> {
    let given = query.get("filter[status]").unwrap_or_default();
    let words = given.split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let known = UserStatus::ALL.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(word));
            known.ok_or_else(|| {
                ApiError::bad_request("a status is `Active`, `Pending` or `Disabled`")
                    .parameter("filter[status]")
            })
        })
        .collect()
}

/// `sort_dir` turns the order round, as a `-` before the name does.
fn sort_dir(query: &QueryPairs, direction: Direction) -> Result<Direction, ApiError> {
    match query.get("sort_dir") {
        None | Some("") => Ok(direction),
        Some("asc") => Ok(Direction::Ascending),
        Some("desc") => Ok(Direction::Descending),
        Some(_) => {
            Err(ApiError::bad_request("`sort_dir` is `asc` or `desc`").parameter("sort_dir"))
        }
    }
}
