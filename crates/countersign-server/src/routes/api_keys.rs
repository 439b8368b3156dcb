//! API keys: those that people made, and the generations of managed ones, which can be listed and revoked here too.

use auth_model::{ApiKey, ApiKeyChange, ApiKeyId, KeyCategory};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{API_KEYS, ApiKeyInput, ApiKeyUpdate},
};
use mapping_store::{ApiKeyQuery, KeyOrder};
use token_issuer::{hash_key, last4, new_api_key_text};

use auth_model::ExposeSecret;

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs, check_type},
    text,
    wire::{self, Shown},
};

const NAME: &str = "/data/attributes/name";

const ORDERS: &[(&str, KeyOrder)] = &[
    ("name", KeyOrder::Name),
    ("created_at", KeyOrder::CreatedAt),
    ("modified_at", KeyOrder::ModifiedAt),
    ("last4", KeyOrder::Last4),
];

/// `GET /api/v2/api_keys`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(&query, ORDERS)?;
    let wanted = ApiKeyQuery {
        text: list::text(&query, "filter"),
        managed: category(&query)?,
        created: list::range(&query, "filter[created_at]")?,
        modified: list::range(&query, "filter[modified_at]")?,
        remote_config_read_enabled: list::flag(&query, "filter[remote_config_read_enabled]")?,
        order,
        direction,
        slice: list::slice(&query)?,
    };
    app.uses().flush(app.store()).await?;
    let listed = app.store().api_keys(caller.org(), &wanted).await?;
    let now = app.clock().now();
    let rows = listed.rows.iter().map(|key| wire::api_key(key, Shown::Nothing, now)).collect();
    let mut list = ListDocument::new(rows).with_counts(listed.total, listed.filtered);
    let meta = list.meta.get_or_insert_default();
    meta.max_allowed = Some(app.config().limits.api_keys_per_organization);
    Reply::ok(&list)
}

/// `POST /api/v2/api_keys`: the only answer that shows the key.
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<ApiKeyInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, API_KEYS)?;
    let ApiKeyInput { name, remote_config_read_enabled } = request.data.attributes;
    let secret = new_api_key_text(app.randomness())?;
    let id = ApiKeyId::random(app.randomness())?;
    let event = change.of(&app, format!("API key {id}"))?;
    let key = ApiKey {
        id,
        org: caller.org(),
        name: text::name(&name, "a key's name", NAME)?,
        hash: hash_key(secret.expose_secret()),
        last4: last4(secret.expose_secret()),
        category: KeyCategory::Made,
        remote_config_read_enabled: remote_config_read_enabled.unwrap_or(false),
        created_by: Some(caller.user()),
        modified_by: Some(caller.user()),
        created_at: event.at,
        modified_at: event.at,
        last_used_at: None,
    };
    let at_most = app.config().limits.api_keys_per_organization;
    app.store().insert_api_key(&key, at_most, &event).await?;
    Reply::created(&Document::from(wire::api_key(&key, Shown::Once(&secret), event.at)))
}

/// `GET /api/v2/api_keys/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    app.uses().flush(app.store()).await?;
    answer(&app, &find(&app, &caller, &id).await?)
}

/// `PATCH /api/v2/api_keys/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<ApiKeyUpdate>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, API_KEYS)?;
    same_id(request.data.id.as_deref(), &id)?;
    let before = find(&app, &caller, &id).await?;
    if before.category != KeyCategory::Made {
        return Err(ApiError::bad_request(
            "a managed key can be revoked, not changed: its mapping makes the next one",
        ));
    }
    let ApiKeyUpdate { name, remote_config_read_enabled } = request.data.attributes;
    let event = change.of(&app, format!("API key {}", before.id))?;
    let wanted = ApiKeyChange {
        name: name.map(|name| text::name(&name, "a key's name", NAME)).transpose()?,
        remote_config_read_enabled,
        modified_by: Some(caller.user()),
        modified_at: event.at,
    };
    let changed = app.store().change_api_key(before.org, before.id, &wanted, &event).await?;
    answer(&app, &changed.ok_or_else(absent)?)
}

/// `DELETE /api/v2/api_keys/{id}`: it is refused from the next request on, on every replica.
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let id: ApiKeyId = id.parse(absent)?;
    let event = change.of(&app, format!("API key {id}"))?;
    match app.store().delete_api_key(caller.org(), id, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent()),
    }
}

fn answer(app: &App, key: &ApiKey) -> Result<Reply, ApiError> {
    Reply::ok(&Document::from(wire::api_key(key, Shown::Masked, app.clock().now())))
}

async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<ApiKey, ApiError> {
    let id: ApiKeyId = id.parse(absent)?;
    app.store().api_key(caller.org(), id).await?.ok_or_else(absent)
}

fn absent() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "API key not found")
}

/// Keys and application keys are changed by a body that names them once more.
pub(super) fn same_id(given: Option<&str>, id: &PathId) -> Result<(), ApiError> {
    match given {
        None => Ok(()),
        Some(given) if given.eq_ignore_ascii_case(id.text()) => Ok(()),
        Some(_) => Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the id in the body is not that of the path",
        )),
    }
}

/// Whether managed keys are asked for, others, or both.
fn category(query: &QueryPairs) -> Result<Option<bool>, ApiError> {
    match query.get("filter[category]") {
        None | Some("") => Ok(None),
        Some("default") => Ok(Some(false)),
        Some("managed_intake") => Ok(Some(true)),
        Some(_) => Err(ApiError::bad_request("a category is `default` or `managed_intake`")
            .parameter("filter[category]")),
    }
}
