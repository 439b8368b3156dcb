//! What a proxy asks for: `name=value`, several of them with commas between.

use auth_model::{Catalogue, OrgId, Permission};

/// Who may pass.
#[derive(Debug)]
pub(super) struct Requirements {
    /// All of them.
    pub(super) permissions: Vec<Permission>,
    /// One of them.
    pub(super) kinds: Vec<Kind>,
    /// Of this organization only.
    pub(super) org: Option<OrgId>,
    /// How long the proxy may remember the answer.
    pub(super) cache_seconds: u64,
}

/// What a request proves itself with, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person: by session, key pair or token.
    Person,
    /// A service account: by key pair or token.
    ServiceAccount,
    /// An API key that a person made, alone.
    ApiKey,
    /// A managed key, alone.
    IntakeKey,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Person, Self::ServiceAccount, Self::ApiKey, Self::IntakeKey];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::ServiceAccount => "service_account",
            Self::ApiKey => "api_key",
            Self::IntakeKey => "intake_key",
        }
    }

    /// Whether it stands for somebody who holds permissions.
    pub(super) fn is_user(self) -> bool {
        matches!(self, Self::Person | Self::ServiceAccount)
    }
}

/// Why requirements make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Not `name=value`.
    #[error("`{0}` is not `permission=NAME`, `kind=KIND`, `org=ID` or `cache=SECONDS`")]
    Unknown(String),
    /// No such permission.
    #[error("there is no permission `{0}`")]
    Permission(String),
    /// No such kind.
    #[error("`{0}` is no kind: `person`, `service_account`, `api_key` or `intake_key`")]
    Kind(String),
    /// No id.
    #[error("`{0}` is not the id of an organization")]
    Org(String),
    /// Not so long.
    #[error("`cache` is 0 to {MAX_CACHE_SECONDS} seconds")]
    Cache,
    /// Given twice.
    #[error("`{0}` is given twice")]
    Twice(&'static str),
    /// A key holds no permission.
    #[error("a key alone holds no permission: ask for a permission, or for a key")]
    KeyWithPermission,
}

impl Requirements {
    /// Nothing given: any user may pass.
    pub(super) fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, Problem> {
        let mut required =
            Self { permissions: Vec::new(), kinds: Vec::new(), org: None, cache_seconds: 0 };
        let mut cache = None;
        for part in text.split(',').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("permission", name)) => {
                    let known = catalogue.by_name(name);
                    let known = known.ok_or_else(|| Problem::Permission(shown(name)))?;
                    required.permissions.push(*known);
                }
                Some(("kind", word)) => {
                    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
                    required.kinds.push(kind.ok_or_else(|| Problem::Kind(shown(word)))?);
                }
                Some(("org", id)) => {
                    let org = id.parse().map_err(|_| Problem::Org(shown(id)))?;
                    once(required.org.replace(org), "org")?;
                }
                Some(("cache", seconds)) => {
                    let seconds = seconds.parse().ok().filter(|n| *n <= MAX_CACHE_SECONDS);
                    once(cache.replace(seconds.ok_or(Problem::Cache)?), "cache")?;
                }
                _ => return Err(Problem::Unknown(shown(part))),
            }
        }
        if required.kinds.is_empty() {
            required.kinds = vec![Kind::Person, Kind::ServiceAccount];
        }
        if !required.permissions.is_empty() && required.kinds.iter().any(|kind| !kind.is_user()) {
            return Err(Problem::KeyWithPermission);
        }
        required.cache_seconds = cache.unwrap_or(0);
        Ok(required)
    }
}

fn once<T>(before: Option<T>, name: &'static str) -> Result<(), Problem> {
    before.map_or(Ok(()), |_| Err(Problem::Twice(name)))
}

/// What may be the beginning of a caller's own path, for a log.
fn shown(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(64).collect()
}

/// A revocation is not seen for as long.
const MAX_CACHE_SECONDS: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_lets_nobody_pass() {
        let catalogue = Catalogue::default();
        #[rustfmt::skip]
        let cases = [
            ("nothing",             "",                                          true),
            ("a permission",        "permission=teams_read",                     true),
            ("two",                 "permission=teams_read,permission=teams_manage", true),
            ("kinds",               "kind=person,kind=intake_key",               true),
            ("all",                 "kind=person,permission=teams_read,cache=60,org=3fa85f64-5717-4562-b3fc-2c963f66afa6", true),
            ("unknown permission",  "permission=teams_reed",                     false),
            ("unknown kind",        "kind=anybody",                              false),
            ("unknown name",        "role=admin",                                false),
            ("a path",              "index.html",                                false),
            ("too long",            "cache=61",                                  false),
            ("no number",           "cache=soon",                                false),
            ("two organizations",   "org=3fa85f64-5717-4562-b3fc-2c963f66afa6,org=3fa85f64-5717-4562-b3fc-2c963f66afa7", false),
            ("no id",               "org=acme",                                  false),
            ("a key's permission",  "kind=intake_key,permission=teams_read",     false),
        ];
        for (rule, text, fine) in cases {
            let parsed = Requirements::parse(text, &catalogue);
            assert_eq!(parsed.is_ok(), fine, "{rule}: {parsed:?}");
        }
    }
}
