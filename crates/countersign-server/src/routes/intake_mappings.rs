//! Intake mappings: which AWS principals may have the managed API key. They are made and removed, never changed.

use auth_model::{IntakeMapping, MappingId, MappingKind};
use axum::{
    extract::{OriginalUri, State},
    http::StatusCode,
};
use jsonapi_model::{
    Document, ListDocument,
    resources::{IntakeMappingInput, Prefix},
};

use super::patterns;
use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, PathId},
    wire,
};

/// `GET …/intake_mapping`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: OriginalUri,
) -> Result<Reply, ApiError> {
    let mappings = app.store().intake_mappings(caller.org()).await?;
    let prefix = Prefix::of_path(uri.path());
    let data = mappings.iter().map(|mapping| wire::intake_mapping(mapping, prefix)).collect();
    Reply::ok(&ListDocument::<_>::new(data))
}

/// `POST …/intake_mapping`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    uri: OriginalUri,
    JsonBody(request): JsonBody<Document<IntakeMappingInput>>,
) -> Result<Reply, ApiError> {
    let prefix = Prefix::of_path(uri.path());
    patterns::check_type(
        &request.data.kind,
        [Prefix::CloudAuth, Prefix::Wif].map(Prefix::intake_type),
    )?;
    let org = caller.org();
    let text = &request.data.attributes.arn_pattern;
    let pattern = patterns::accept(&app, org, text, MappingKind::Intake).await?;
    let mapping = IntakeMapping {
        id: MappingId::random(app.randomness())?,
        org,
        pattern,
        created_by: Some(caller.user()),
        created_at: app.clock().now(),
    };
    let mut event = change.event(&app)?;
    event.mapping = Some(mapping.id);
    event.detail = mapping.pattern.as_str().to_owned();
    app.store().insert_intake_mapping(&mapping, &event).await?;
    let warnings = patterns::warnings(&mapping.pattern);
    let data = wire::intake_mapping(&mapping, prefix);
    Reply::created(&Document::from(data).with_warnings(warnings))
}

/// `GET …/intake_mapping/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    uri: OriginalUri,
    id: PathId,
) -> Result<Reply, ApiError> {
    let org = caller.org();
    let id = id.parse(ApiError::not_found)?;
    let mapping = app.store().intake_mapping(org, id).await?.ok_or_else(ApiError::not_found)?;
    let data = wire::intake_mapping(&mapping, Prefix::of_path(uri.path()));
    Reply::ok(&Document::from(data))
}

/// `DELETE …/intake_mapping/{id}`: its managed keys stop working at once.
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let org = caller.org();
    let id = id.parse(ApiError::not_found)?;
    let mut event = change.event(&app)?;
    event.mapping = Some(id);
    if app.store().delete_intake_mapping(org, id, &event).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}
