//! Application keys, on three paths: everybody's, one's own, and a service account's.

use auth_model::{
    AppKey, AppKeyChange, AppKeyId, ExposeSecret, PermissionSet, SecretString, User, UserId,
};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{APPLICATION_KEYS, AppKeyInput, AppKeyUpdate},
};
use mapping_store::{AppKeyQuery, KeyOrder};
use token_issuer::{hash_key, last4, new_app_key_text};

use super::{api_keys::same_id, users};
use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, PathIds, QueryPairs, check_type},
    text,
    wire::{self, Shown},
};

const NAME: &str = "/data/attributes/name";
const SCOPES: &str = "/data/attributes/scopes";

const ORDERS: &[(&str, KeyOrder)] =
    &[("name", KeyOrder::Name), ("created_at", KeyOrder::CreatedAt), ("last4", KeyOrder::Last4)];

/// `GET /api/v2/application_keys`
pub(crate) async fn list_all(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    list(&app, &caller, &query, None).await
}

/// `GET /api/v2/application_keys/{id}`
pub(crate) async fn show_any(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    answer(&app, &find(&app, &caller, &id, None).await?, Shown::Nothing)
}

/// `PATCH /api/v2/application_keys/{id}`
pub(crate) async fn update_any(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<AppKeyUpdate>>,
) -> Result<Reply, ApiError> {
    let key = find(&app, &caller, &id, None).await?;
    answer(&app, &update(&app, &change, &caller, &id, key, request).await?, Shown::Nothing)
}

/// `DELETE /api/v2/application_keys/{id}`
pub(crate) async fn remove_any(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let key = find(&app, &caller, &id, None).await?;
    remove(&app, &change, key).await
}

/// `GET /api/v2/current_user/application_keys`
pub(crate) async fn list_own(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    list(&app, &caller, &query, Some(caller.user())).await
}

/// `POST /api/v2/current_user/application_keys`
pub(crate) async fn create_own(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<AppKeyInput>>,
) -> Result<Reply, ApiError> {
    let owner = caller.authority.user.clone();
    create(&app, &change, &caller, &owner, request).await
}

/// `GET /api/v2/current_user/application_keys/{id}`
pub(crate) async fn show_own(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let key = find(&app, &caller, &id, Some(caller.user())).await?;
    let owner = std::slice::from_ref(&caller.authority.user);
    let mut included = vec![wire::included(&wire::user(&caller.authority.user))?];
    included.extend(users::beside(&app, &caller, owner).await?);
    let data = wire::app_key(&key, Shown::Masked, app.catalogue());
    Reply::ok(&Document { data, meta: None, included })
}

/// `PATCH /api/v2/current_user/application_keys/{id}`
pub(crate) async fn update_own(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<AppKeyUpdate>>,
) -> Result<Reply, ApiError> {
    let key = find(&app, &caller, &id, Some(caller.user())).await?;
    answer(&app, &update(&app, &change, &caller, &id, key, request).await?, Shown::Masked)
}

/// `DELETE /api/v2/current_user/application_keys/{id}`
pub(crate) async fn remove_own(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let key = find(&app, &caller, &id, Some(caller.user())).await?;
    remove(&app, &change, key).await
}

/// `GET /api/v2/service_accounts/{id}/application_keys`
pub(crate) async fn list_of_account(
    State(app): State<App>,
    caller: Caller,
    account: PathId,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let account = service_account(&app, &caller, &account).await?;
    list(&app, &caller, &query, Some(account.id)).await
}

/// `POST /api/v2/service_accounts/{id}/application_keys`
pub(crate) async fn create_of_account(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    account: PathId,
    JsonBody(request): JsonBody<Document<AppKeyInput>>,
) -> Result<Reply, ApiError> {
    let account = service_account(&app, &caller, &account).await?;
    create(&app, &change, &caller, &account, request).await
}

/// `GET /api/v2/service_accounts/{id}/application_keys/{key}`
pub(crate) async fn show_of_account(
    State(app): State<App>,
    caller: Caller,
    PathIds(account, id): PathIds,
) -> Result<Reply, ApiError> {
    let account = service_account(&app, &caller, &account).await?;
    answer(&app, &find(&app, &caller, &id, Some(account.id)).await?, Shown::Nothing)
}

/// `PATCH /api/v2/service_accounts/{id}/application_keys/{key}`
pub(crate) async fn update_of_account(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    PathIds(account, id): PathIds,
    JsonBody(request): JsonBody<Document<AppKeyUpdate>>,
) -> Result<Reply, ApiError> {
    let account = service_account(&app, &caller, &account).await?;
    let key = find(&app, &caller, &id, Some(account.id)).await?;
    answer(&app, &update(&app, &change, &caller, &id, key, request).await?, Shown::Nothing)
}

/// `DELETE /api/v2/service_accounts/{id}/application_keys/{key}`
pub(crate) async fn remove_of_account(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    PathIds(account, id): PathIds,
) -> Result<StatusCode, ApiError> {
    let account = service_account(&app, &caller, &account).await?;
    let key = find(&app, &caller, &id, Some(account.id)).await?;
    remove(&app, &change, key).await
}

async fn list(
    app: &App,
    caller: &Caller,
    query: &QueryPairs,
    owner: Option<UserId>,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(query, ORDERS)?;
    let wanted = AppKeyQuery {
        owner,
        text: list::text(query, "filter"),
        created: list::range(query, "filter[created_at]")?,
        order,
        direction,
        slice: list::slice(query)?,
    };
    app.uses().flush(app.store()).await?;
    let listed = app.store().app_keys(caller.org(), &wanted).await?;
    let rows = listed.rows.iter().map(|key| wire::app_key(key, Shown::Nothing, app.catalogue()));
    let list = ListDocument::new(rows.collect());
    let mut list = list.with_counts(listed.total, listed.filtered);
    let meta = list.meta.get_or_insert_default();
    meta.max_allowed_per_user = Some(app.config().limits.app_keys_per_user);
    Reply::ok(&list)
}

async fn create(
    app: &App,
    change: &Change,
    caller: &Caller,
    owner: &User,
    request: Document<AppKeyInput>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, APPLICATION_KEYS)?;
    let AppKeyInput { name, scopes } = request.data.attributes;
    let scopes = scopes.as_deref().map(|names| read_scopes(app, names)).transpose()?.flatten();
    check_strength(app, caller, owner, scopes.as_ref()).await?;
    let secret = new_app_key_text(app.randomness())?;
    let id = AppKeyId::random(app.randomness())?;
    let event = change.of(app, format!("application key {id} of user {}", owner.id))?;
    let key = AppKey {
        id,
        org: owner.org,
        owner: owner.id,
        name: text::name(&name, "a key's name", NAME)?,
        hash: hash_key(secret.expose_secret()),
        last4: last4(secret.expose_secret()),
        scopes,
        created_at: event.at,
        last_used_at: None,
    };
    app.store().insert_app_key(&key, app.config().limits.app_keys_per_user, &event).await?;
    created(app, &key, &secret)
}

fn created(app: &App, key: &AppKey, secret: &SecretString) -> Result<Reply, ApiError> {
    Reply::created(&Document::from(wire::app_key(key, Shown::Once(secret), app.catalogue())))
}

async fn update(
    app: &App,
    change: &Change,
    caller: &Caller,
    id: &PathId,
    before: AppKey,
    request: Document<AppKeyUpdate>,
) -> Result<AppKey, ApiError> {
    check_type(&request.data.kind, APPLICATION_KEYS)?;
    same_id(request.data.id.as_deref(), id)?;
    let AppKeyUpdate { name, scopes } = request.data.attributes;
    let scopes = scopes.as_deref().map(|names| read_scopes(app, names)).transpose()?;
    if let Some(scopes) = &scopes {
        let owner = app.store().user(before.org, before.owner).await?.ok_or_else(absent)?;
        check_strength(app, caller, &owner, scopes.as_ref()).await?;
    }
    let name = name.map(|name| text::name(&name, "a key's name", NAME)).transpose()?;
    let event = change.of(app, format!("application key {}", before.id))?;
    let wanted = AppKeyChange { name, scopes };
    let changed = app.store().change_app_key(before.org, before.id, &wanted, &event).await?;
    changed.ok_or_else(absent)
}

async fn remove(app: &App, change: &Change, key: AppKey) -> Result<StatusCode, ApiError> {
    let event = change.of(app, format!("application key {} of user {}", key.id, key.owner))?;
    match app.store().delete_app_key(key.org, key.id, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent()),
    }
}

/// Nobody makes or widens a key that can do more than they can: what its owner holds, within the key's scopes.
async fn check_strength(
    app: &App,
    caller: &Caller,
    owner: &User,
    scopes: Option<&PermissionSet>,
) -> Result<(), ApiError> {
    let held = users::permissions_of(app, &owner.roles, owner).await?;
    let within = |id: &auth_model::PermissionId| scopes.is_none_or(|scopes| scopes.contains(id));
    caller.may_hand_out(app.catalogue(), &held.into_iter().filter(within).collect())
}

/// Scopes by their permissions' names; none at all means that the key is not narrowed.
fn read_scopes(app: &App, names: &[String]) -> Result<Option<PermissionSet>, ApiError> {
    let mut scopes = PermissionSet::new();
    for (name, at) in names.iter().zip(0..) {
        let known = app.catalogue().by_name(name).ok_or_else(|| {
            ApiError::bad_request(format!(
                "there is no permission `{}`; GET /api/v2/permissions lists them",
                name.chars().take(64).collect::<String>()
            ))
            .at(format!("{SCOPES}/{at}"))
        })?;
        scopes.insert(known.id);
    }
    Ok((!scopes.is_empty()).then_some(scopes))
}

/// The key of this id, if it is `owner`'s where one is named.
async fn find(
    app: &App,
    caller: &Caller,
    id: &PathId,
    owner: Option<UserId>,
) -> Result<AppKey, ApiError> {
    let id: AppKeyId = id.parse(absent)?;
    app.uses().flush(app.store()).await?;
    let found = app.store().app_key(caller.org(), id).await?;
    found.filter(|key| owner.is_none_or(|owner| owner == key.owner)).ok_or_else(absent)
}

async fn service_account(app: &App, caller: &Caller, id: &PathId) -> Result<User, ApiError> {
    let absent = || ApiError::new(StatusCode::NOT_FOUND, "service account not found");
    let id: UserId = id.parse(absent)?;
    let user = app.store().user(caller.org(), id).await?;
    user.filter(|user| user.service_account).ok_or_else(absent)
}

fn answer(app: &App, key: &AppKey, shown: Shown<'_>) -> Result<Reply, ApiError> {
    Reply::ok(&Document::from(wire::app_key(key, shown, app.catalogue())))
}

fn absent() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "Application key not found")
}
