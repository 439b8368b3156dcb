//! `POST /api/v2/authn_mappings/preview`: what the mappings would make of somebody's attributes, before anything depends on them.

use std::collections::{BTreeMap, BTreeSet};

use auth_model::{AuthnMapping, AuthnMappingId, AuthnTarget, User, UserId};
use axum::extract::State;
use jsonapi_model::{
    Document,
    resources::{
        AUTHN_PREVIEWS, AuthnPreview, AuthnPreviewInput, PreviewedMapping, PreviewedTarget, ROLES,
        TEAM, UnmatchedAttribute,
    },
};
use role_mapping::{Attributes, Difference, Grants, LimitError, MappingIndex, MappingRule};

use crate::{
    App,
    caller::Caller,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, check_type},
};

const ATTRIBUTES: &str = "/data/attributes/attributes";

pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    JsonBody(request): JsonBody<Document<AuthnPreviewInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, AUTHN_PREVIEWS)?;
    let AuthnPreviewInput { attributes: given, user } = request.data.attributes;
    let attributes = read(&given)?;
    let user = match user {
        Some(user) => Some(find(&app, &caller, &user).await?),
        None => None,
    };
    let pairs: Vec<(String, String)> =
        attributes.pairs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mappings = app.store().authn_mappings_of(caller.org(), &pairs).await?;
    let rules = mappings.iter().map(MappingRule::of).collect::<Result<Vec<_>, _>>();
    let index = rules.and_then(MappingIndex::new).map_err(|error| ApiError::internal(&error))?;
    let then = index.evaluate(&attributes);
    let now = match &user {
        Some(user) => held(&app, user).await?,
        None => BTreeSet::new(),
    };
    let difference = Difference::between(&now, &then);
    let names = names(&app, &caller, &now, &then).await?;
    let preview = answer(&difference, &mappings, &names, unmatched(&given, &mappings));
    let id = user.map(|user| user.id.to_string());
    Reply::ok(&Document::<_>::new(AUTHN_PREVIEWS, id, preview))
}

fn read(given: &BTreeMap<String, Vec<String>>) -> Result<Attributes, ApiError> {
    let pairs = given
        .iter()
        .flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())));
    Attributes::collect(pairs)
        .map_err(|error: LimitError| ApiError::bad_request(error.to_string()).at(ATTRIBUTES))
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
            axum::http::StatusCode::NOT_FOUND,
            "no user of the organization has this id or e-mail address",
        )
        .at("/data/attributes/user")
    })
}

/// The roles and teams that a user has.
async fn held(app: &App, user: &User) -> Result<BTreeSet<AuthnTarget>, ApiError> {
    let memberships = app.store().memberships(user.org, user.id).await?;
    let teams = memberships.into_iter().map(|member| AuthnTarget::Team(member.team));
    Ok(user.roles.iter().copied().map(AuthnTarget::Role).chain(teams).collect())
}

async fn names(
    app: &App,
    caller: &Caller,
    now: &BTreeSet<AuthnTarget>,
    then: &Grants,
) -> Result<BTreeMap<AuthnTarget, String>, ApiError> {
    let all: BTreeSet<AuthnTarget> = now.iter().copied().chain(then.targets()).collect();
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

fn answer(
    difference: &Difference,
    mappings: &[AuthnMapping],
    names: &BTreeMap<AuthnTarget, String>,
    unmatched: Vec<UnmatchedAttribute>,
) -> AuthnPreview {
    let shown = |target: AuthnTarget, by: &BTreeSet<AuthnMappingId>| {
        let (kind, id) = match target {
            AuthnTarget::Role(role) => (ROLES, role.to_string()),
            AuthnTarget::Team(team) => (TEAM, team.to_string()),
        };
        let by = mappings.iter().filter(|mapping| by.contains(&mapping.id));
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
    };
    let nobody = BTreeSet::new();
    let then = difference.then();
    let reasons = |target| then.reasons(target).collect::<BTreeSet<_>>();
    AuthnPreview {
        now: difference.now().map(|target| shown(target, &nobody)).collect(),
        then: then.iter().map(|(target, by)| shown(target, by)).collect(),
        gained: difference.gained().map(|(target, by)| shown(target, by)).collect(),
        kept: difference.kept().map(|target| shown(target, &reasons(target))).collect(),
        lost: difference.lost().map(|target| shown(target, &nobody)).collect(),
        unmatched,
    }
}

/// The attributes that no mapping asks for, as they came: what a mapping may have been meant for.
fn unmatched(
    given: &BTreeMap<String, Vec<String>>,
    mappings: &[AuthnMapping],
) -> Vec<UnmatchedAttribute> {
    let asked: BTreeSet<(&str, &str)> =
        mappings.iter().map(|mapping| (mapping.key.as_str(), mapping.value.as_str())).collect();
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
