//! Whether keys are valid. The only routes that a managed key may use besides submitting.

use auth_model::ApiKeyId;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use jsonapi_model::{
    Document,
    resources::{KeysValid, VALIDATE_V2, Valid, ValidKey},
};
use mapping_store::{ApiKeyHolder, HeldKey, UsedKey};

use crate::{
    App,
    caller::{API_KEY, single},
    error::ApiError,
    reply::Reply,
    request::QueryPairs,
};

/// `GET /api/v1/validate`: the key in a header, or in the query, where Agents put it.
pub(crate) async fn v1(
    State(app): State<App>,
    headers: HeaderMap,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    holder(&app, &headers, Some(&query)).await?;
    Reply::ok(&Valid { valid: true })
}

/// `GET /api/v2/validate`
pub(crate) async fn v2(
    State(app): State<App>,
    headers: HeaderMap,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let holder = holder(&app, &headers, Some(&query)).await?;
    let api_key_id = match holder.key {
        HeldKey::Made(id) => id.to_string(),
        HeldKey::Managed { id, .. } => id.to_string(),
    };
    let attributes = ValidKey { valid: true, api_key_id, api_key_scopes: Vec::new() };
    let org = holder.organization.id.to_string();
    Reply::ok(&Document::<_>::new(VALIDATE_V2, Some(org), attributes))
}

/// `GET /api/v2/validate_keys`: whoever gets here has a valid key pair or token.
pub(crate) async fn keys() -> Result<Reply, ApiError> {
    Reply::ok(&KeysValid { status: "ok".to_owned() })
}

/// Who holds the key of a request: in a header or, where it is given, in the query.
pub(super) async fn holder(
    app: &App,
    headers: &HeaderMap,
    query: Option<&QueryPairs>,
) -> Result<ApiKeyHolder, ApiError> {
    let key = match single(headers, API_KEY)? {
        Some(key) => Some(key),
        None => query.and_then(|query| query.get("api_key")),
    };
    let key = key.ok_or_else(|| ApiError::new(StatusCode::FORBIDDEN, "API key required"))?;
    let found = app.store().by_api_key(token_issuer::hash_key(key), app.clock().now()).await?;
    let holder = found.ok_or_else(|| ApiError::new(StatusCode::FORBIDDEN, "Forbidden"))?;
    let id = match holder.key {
        HeldKey::Made(id) => id,
        HeldKey::Managed { id, .. } => ApiKeyId(id.0),
    };
    app.uses().note(holder.organization.id, UsedKey::Api(id), app.clock().now());
    Ok(holder)
}
