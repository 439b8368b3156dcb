//! `/api/v2/authn_mappings/preview`: what the mappings would make of somebody's attributes, before anything depends on them.
//! `POST` for attributes that are given, kept or pasted; `GET` for everybody who was seen.

use std::collections::{BTreeMap, BTreeSet};

use auth_model::{AuthnTarget, KeptAssertionId, User, UserId};
use axum::{
    extract::{Request, State},
    http::StatusCode,
};
use jsonapi_model::{
    Document, ListDocument, Resource,
    resources::{
        AUTHN_PREVIEWS, AuthnPreview, AuthnPreviewInput, PreviewedMapping, PreviewedTarget, ROLES,
        TEAM, UnmatchedAttribute, Verification,
    },
};
use role_mapping::Attributes;
use single_sign_on::{Outlook, Refusal, outlook};

use crate::{
    App,
    caller::Caller,
    error::ApiError,
    list,
    reply::Reply,
    request::{QueryPairs, check_type, json},
    wire,
};

/// Whose attributes are looked at, and how they came.
#[derive(Default)]
struct Asked {
    attributes: BTreeMap<String, Vec<String>>,
    user: Option<User>,
    seen_at: Option<String>,
    verification: Option<Verification>,
}

pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Reply, ApiError> {
    // A response that is pasted may be as long as one that is posted.
    let max = app.config().limits.body_bytes.max(2 * saml_sp::MAX_RESPONSE_BYTES);
    let request: Document<AuthnPreviewInput> = json(request, max).await?;
    check_type(&request.data.kind, AUTHN_PREVIEWS)?;
    let asked = asked(&app, &caller, request.data.attributes).await?;
    let pairs = asked
        .attributes
        .iter()
        .flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())));
    let attributes = Attributes::collect(pairs)
        .map_err(|error| ApiError::bad_request(error.to_string()).at(ATTRIBUTES))?;
    let found = outlook(app.store(), caller.org(), asked.user.as_ref(), &attributes).await?;
    let id = asked.user.as_ref().map(|user| user.id.to_string());
    let preview = shown(&app, &caller, &found, asked).await?;
    Reply::ok(&Document::<_>::new(AUTHN_PREVIEWS, id, preview))
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let slice = list::slice(&query)?;
    let seen = app.single_sign_on().seen(caller.org(), slice).await?;
    let mut rows = Vec::with_capacity(seen.rows.len());
    for one in seen.rows {
        let id = Some(one.user.id.to_string());
        let asked = Asked {
            attributes: one.told.attributes,
            user: Some(one.user),
            seen_at: Some(wire::offset(one.kept.received_at)),
            verification: None,
        };
        let attributes = shown(&app, &caller, &one.outlook, asked).await?;
        let kind = AUTHN_PREVIEWS.to_owned();
        rows.push(Resource::<AuthnPreview> { id, kind, attributes, relationships: None });
    }
    Reply::ok(&ListDocument::<_>::new(rows).with_counts(seen.total, seen.filtered))
}

/// Attributes in one of the three ways.
async fn asked(app: &App, caller: &Caller, given: AuthnPreviewInput) -> Result<Asked, ApiError> {
    let AuthnPreviewInput { attributes, assertion, saml_response, user } = given;
    let mut asked = match (attributes, assertion, saml_response) {
        (Some(attributes), None, None) => Asked { attributes, ..Asked::default() },
        (None, Some(id), None) => kept(app, caller, &id).await?,
        (None, None, Some(text)) => pasted(app, caller, &text).await?,
        _ => {
            return Err(ApiError::bad_request(
                "give one of `attributes`, `assertion` (the id of a kept one) and `saml_response`",
            )
            .at("/data/attributes"));
        }
    };
    if let Some(user) = user {
        asked.user = Some(find(app, caller, &user).await?);
    }
    Ok(asked)
}

async fn kept(app: &App, caller: &Caller, id: &str) -> Result<Asked, ApiError> {
    let absent = || {
        ApiError::new(StatusCode::NOT_FOUND, "no assertion of this id is kept (any more)")
            .at("/data/attributes/assertion")
    };
    // Values of other people's attributes are for those who may see them in the list too.
    if !caller.may(&auth_model::permissions::USER_ACCESS_MANAGE) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "kept assertions are for those who hold `user_access_manage`",
        ));
    }
    let id: KeptAssertionId = id.parse().map_err(|_| absent())?;
    let (org, now) = (caller.org(), app.clock().now());
    let kept = app.store().kept_assertion(org, id, now).await?.ok_or_else(absent)?;
    let told = app.single_sign_on().kept_told(&kept)?;
    Ok(Asked {
        attributes: told.attributes,
        user: app.store().user(org, kept.user).await?,
        seen_at: Some(wire::offset(kept.received_at)),
        verification: None,
    })
}

async fn pasted(app: &App, caller: &Caller, text: &str) -> Result<Asked, ApiError> {
    let pasted = app.single_sign_on().pasted(caller.org(), text).await;
    let pasted = pasted.map_err(|refusal| match refusal {
        Refusal::Response(error) => {
            ApiError::bad_request(format!("the response can't be read: {error}"))
                .at("/data/attributes/saml_response")
        }
        other => other.into(),
    })?;
    let refusal = pasted.refusal.as_ref();
    let verification = Verification {
        accepted: refusal.is_none(),
        reason: refusal.map_or("", Refusal::code).to_owned(),
        detail: refusal.map(ToString::to_string).unwrap_or_default(),
    };
    Ok(Asked {
        attributes: pasted.attributes,
        verification: Some(verification),
        ..Asked::default()
    })
}

/// By id, or by e-mail address for people.
async fn find(app: &App, caller: &Caller, user: &str) -> Result<User, ApiError> {
    let found = match user.parse::<UserId>() {
        Ok(id) => app.store().user(caller.org(), id).await?,
        Err(_) => {
            let users = app.store().users_by_email(caller.org(), &user.to_lowercase()).await?;
            users.into_iter().find(|user| !user.service_account)
        }
    };
    found.ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "no user of the organization has this id or e-mail address",
        )
        .at("/data/attributes/user")
    })
}

async fn names(
    app: &App,
    caller: &Caller,
    outlook: &Outlook,
) -> Result<BTreeMap<AuthnTarget, String>, ApiError> {
    let Outlook { difference, .. } = outlook;
    let all: BTreeSet<AuthnTarget> = difference.now().chain(difference.then().targets()).collect();
    let mut names = BTreeMap::new();
    let mut roles = Vec::new();
    for target in all {
        match target {
            AuthnTarget::Role(role) => roles.push(role),
            AuthnTarget::Team(team) => {
                if let Some(found) = app.store().team(caller.org(), team).await? {
                    names.insert(target, found.team.name);
                }
            }
        }
    }
    for role in app.store().roles_by_ids(caller.org(), &roles).await? {
        names.insert(AuthnTarget::Role(role.id), role.name);
    }
    Ok(names)
}

async fn shown(
    app: &App,
    caller: &Caller,
    outlook: &Outlook,
    asked: Asked,
) -> Result<AuthnPreview, ApiError> {
    let names = names(app, caller, outlook).await?;
    let Outlook { difference, .. } = outlook;
    let then = difference.then();
    let plain = |target| previewed(outlook, &names, target, false);
    let with_reasons = |target| previewed(outlook, &names, target, true);
    let unmatched = unmatched(&asked.attributes, outlook);
    Ok(AuthnPreview {
        now: difference.now().map(plain).collect(),
        then: then.targets().map(with_reasons).collect(),
        gained: difference.gained().map(|(target, _)| with_reasons(target)).collect(),
        kept: difference.kept().map(with_reasons).collect(),
        lost: difference.lost().map(plain).collect(),
        unmatched,
        attributes: asked.attributes,
        email: asked.user.map(|user| user.email),
        seen_at: asked.seen_at,
        verification: asked.verification,
    })
}

fn previewed(
    outlook: &Outlook,
    names: &BTreeMap<AuthnTarget, String>,
    target: AuthnTarget,
    with_reasons: bool,
) -> PreviewedTarget {
    let (kind, id) = match target {
        AuthnTarget::Role(role) => (ROLES, role.to_string()),
        AuthnTarget::Team(team) => (TEAM, team.to_string()),
    };
    let by: BTreeSet<_> = match with_reasons {
        true => outlook.difference.then().reasons(target).collect(),
        false => BTreeSet::new(),
    };
    let by = outlook.mappings.iter().filter(|mapping| by.contains(&mapping.id));
    PreviewedTarget {
        kind: kind.to_owned(),
        id,
        name: names.get(&target).cloned().unwrap_or_default(),
        mappings: by
            .map(|mapping| PreviewedMapping {
                id: mapping.id.to_string(),
                attribute_key: mapping.key.clone(),
                attribute_value: mapping.value.clone(),
            })
            .collect(),
    }
}

/// The attributes that no mapping asks for, as they came: what a mapping may have been meant for.
fn unmatched(given: &BTreeMap<String, Vec<String>>, outlook: &Outlook) -> Vec<UnmatchedAttribute> {
    let mappings = outlook.mappings.iter();
    let asked: BTreeSet<(&str, &str)> =
        mappings.map(|mapping| (mapping.key.as_str(), mapping.value.as_str())).collect();
    let left = given.iter().map(|(key, values)| UnmatchedAttribute {
        attribute_key: key.clone(),
        attribute_values: values
            .iter()
            .filter(|value| !asked.contains(&(key.as_str(), value.as_str())))
            .cloned()
            .collect(),
    });
    left.filter(|attribute| !attribute.attribute_values.is_empty()).collect()
}

const ATTRIBUTES: &str = "/data/attributes/attributes";
