//! API keys and application keys.

use std::time::Duration;

use auth_model::{
    ApiKey, AppKey, Catalogue, ExposeSecret, PermissionSet, SecretString, Timestamp, UserId,
};
use jsonapi_model::{
    Linkage, Relationship, Resource, ToOneOrNone,
    resources::{self as wire, API_KEYS, APPLICATION_KEYS, USERS},
};

use super::offset;

/// What is shown of a key's text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'a> {
    /// All of it: the key was made by this very request, and can't be shown again.
    Once(&'a SecretString),
    /// Stars and the last four digits, where the public service shows the text once more.
    Masked,
    /// Nothing.
    Nothing,
}

impl Shown<'_> {
    fn text(self, digits: usize, last4: &str) -> Option<String> {
        match self {
            Self::Once(text) => Some(text.expose_secret().to_owned()),
            Self::Masked => Some(format!("{}{last4}", "*".repeat(digits.saturating_sub(4)))),
            Self::Nothing => None,
        }
    }
}

pub(crate) fn api_key(
    key: &ApiKey,
    shown: Shown<'_>,
    now: Timestamp,
) -> Resource<wire::ApiKeyAttributes, wire::ApiKeyRelationships> {
    let day = Duration::from_secs(86_400);
    Resource {
        id: Some(key.id.to_string()),
        kind: API_KEYS.to_owned(),
        attributes: wire::ApiKeyAttributes {
            key: shown.text(32, &key.last4),
            last4: key.last4.clone(),
            name: key.name.clone(),
            category: key.category.as_str().to_owned(),
            remote_config_read_enabled: key.remote_config_read_enabled,
            created_at: offset(key.created_at),
            modified_at: offset(key.modified_at),
            date_last_used: key.last_used_at.map(offset),
            used_in_last_24_hours: key.last_used_at.is_some_and(|used| now.since(used) < day),
        },
        relationships: Some(wire::ApiKeyRelationships {
            created_by: to_user(key.created_by),
            modified_by: to_user(key.modified_by),
            leak_information: ToOneOrNone::default(),
        }),
    }
}

pub(crate) fn app_key(
    key: &AppKey,
    shown: Shown<'_>,
    catalogue: &Catalogue,
) -> Resource<wire::AppKeyAttributes, wire::AppKeyRelationships> {
    Resource {
        id: Some(key.id.to_string()),
        kind: APPLICATION_KEYS.to_owned(),
        attributes: wire::AppKeyAttributes {
            key: shown.text(40, &key.last4),
            last4: key.last4.clone(),
            name: key.name.clone(),
            scopes: key.scopes.as_ref().map(|scopes| names(scopes, catalogue)),
            created_at: offset(key.created_at),
            last_used_at: key.last_used_at.map(offset),
        },
        relationships: Some(wire::AppKeyRelationships {
            owned_by: Relationship { data: Linkage::new(USERS, key.owner) },
            leak_information: ToOneOrNone::default(),
        }),
    }
}

fn names(scopes: &PermissionSet, catalogue: &Catalogue) -> Vec<String> {
    let name = |id: &auth_model::PermissionId| match catalogue.get(*id) {
        Some(known) => known.name.to_owned(),
        // Its permission has left the catalogue since.
        None => id.to_string(),
    };
    scopes.iter().map(name).collect()
}

fn to_user(user: Option<UserId>) -> ToOneOrNone {
    ToOneOrNone { data: user.map(|user| Linkage::new(USERS, user)) }
}
