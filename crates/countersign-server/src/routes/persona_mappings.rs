//! Persona mappings: which AWS principals act as which user. They are made and removed, never changed.

use std::collections::HashMap;

use auth_model::{MappingId, MappingKind, PersonaMapping, User, UserId};
use axum::{
    extract::{OriginalUri, State},
    http::StatusCode,
};
use jsonapi_model::{
    Document, ListDocument,
    resources::{PersonaMappingInput, Prefix},
};

use super::{patterns, users};
use crate::{
    App,
    caller::Caller,
    caller::Credential,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, PathId},
    wire,
};

/// `GET …/persona_mapping`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: OriginalUri,
) -> Result<Reply, ApiError> {
    let org = caller.org();
    let prefix = Prefix::of_path(uri.path());
    let mappings = app.store().persona_mappings(org).await?;
    let targets: Vec<UserId> = mappings.iter().map(|mapping| mapping.target).collect();
    let users = app.store().users_by_ids(org, &targets).await?;
    let handles: HashMap<UserId, String> = users.iter().map(|u| (u.id, u.handle())).collect();
    let data = mappings.iter().map(|mapping| {
        let handle = handles.get(&mapping.target).cloned();
        wire::persona_mapping(mapping, handle.unwrap_or_else(|| mapping.target.to_string()), prefix)
    });
    Reply::ok(&ListDocument::<_>::new(data.collect()))
}

/// `POST …/persona_mapping`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    uri: OriginalUri,
    JsonBody(request): JsonBody<Document<PersonaMappingInput>>,
) -> Result<Reply, ApiError> {
    let prefix = Prefix::of_path(uri.path());
    patterns::check_type(
        &request.data.kind,
        [Prefix::CloudAuth, Prefix::Wif].map(Prefix::persona_type),
    )?;
    let PersonaMappingInput { account_identifier, arn_pattern } = request.data.attributes;
    let org = caller.org();
    let pattern = patterns::accept(&app, org, &arn_pattern, MappingKind::Persona).await?;
    let target = find_target(&app, &caller, &account_identifier).await?;
    check_authority(&app, &caller, &target).await?;

    let mapping = PersonaMapping {
        id: MappingId::random(app.randomness())?,
        org,
        pattern,
        target: target.id,
        created_by: Some(caller.user()),
        created_at: app.clock().now(),
    };
    let mut event = change.event(&app)?;
    event.mapping = Some(mapping.id);
    event.detail = format!("{} acts as {}", mapping.pattern.as_str(), target.id);
    app.store().insert_persona_mapping(&mapping, &event).await?;
    let warnings = patterns::warnings(&mapping.pattern);
    let data = wire::persona_mapping(&mapping, target.handle(), prefix);
    Reply::created(&Document::from(data).with_warnings(warnings))
}

/// `GET …/persona_mapping/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    uri: OriginalUri,
    id: PathId,
) -> Result<Reply, ApiError> {
    let org = caller.org();
    let id = id.parse(ApiError::not_found)?;
    let mapping = app.store().persona_mapping(org, id).await?.ok_or_else(ApiError::not_found)?;
    let target = app.store().user(org, mapping.target).await?;
    let handle = target.map_or_else(|| mapping.target.to_string(), |user| user.handle());
    Reply::ok(&Document::from(wire::persona_mapping(&mapping, handle, Prefix::of_path(uri.path()))))
}

/// `DELETE …/persona_mapping/{id}`: its tokens stop working at once.
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
    if app.store().delete_persona_mapping(org, id, &event).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

/// The enabled user whom an identifier names: by id, or by an e-mail address that only one has.
async fn find_target(app: &App, caller: &Caller, identifier: &str) -> Result<User, ApiError> {
    let wrong = |detail: String| {
        Err(ApiError::bad_request(detail).at("/data/attributes/account_identifier"))
    };
    let org = caller.org();
    let found = match identifier.parse::<UserId>() {
        Ok(id) => app.store().user(org, id).await?.into_iter().collect(),
        Err(_) => app.store().users_by_email(org, &identifier.to_lowercase()).await?,
    };
    let mut enabled: Vec<User> = found.iter().filter(|user| !user.disabled).cloned().collect();
    match (enabled.pop(), enabled.is_empty()) {
        (Some(user), true) => Ok(user),
        (Some(_), false) => {
            let ids: Vec<String> = found.iter().map(|user| format!("`{}`", user.id)).collect();
            wrong(format!(
                "several accounts have this address; use the id of one: {}",
                ids.join(", ")
            ))
        }
        (None, _) if found.is_empty() => wrong(
            "no user or service account of the organization has this id or e-mail address"
                .to_owned(),
        ),
        (None, _) => wrong("this account is disabled; enable it first".to_owned()),
    }
}

/// Whoever writes mappings could map themselves to an admin; so nobody may map to more than they hold.
async fn check_authority(app: &App, caller: &Caller, target: &User) -> Result<(), ApiError> {
    let forbidden = |detail: String| Err(ApiError::new(StatusCode::FORBIDDEN, detail));
    let held = users::permissions_of(app, &target.roles, target).await?;
    if held.is_empty() {
        return forbidden("the target holds no permission: give it a role first".to_owned());
    }
    if caller.credential == Credential::Token && caller.user() == target.id {
        return forbidden(
            "a token that came of a mapping can't make mappings to its own account; use keys, or another account".to_owned(),
        );
    }
    let lacking = caller.lacking(app.catalogue(), &held);
    if lacking.is_empty() {
        return Ok(());
    }
    forbidden(format!(
        "a mapping can lead only to what its maker may do; you lack of the target's permissions {}",
        lacking.join(", ")
    ))
}
