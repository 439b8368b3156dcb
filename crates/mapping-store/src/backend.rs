//! What the adapters of all databases have in common: which rows can be kept, and how stored text becomes a value again.

pub mod lists;
mod storable;

use std::{collections::BTreeSet, error::Error, str::FromStr};

use arn_pattern::{ArnPattern, BareRole, IamRole, PatternRules};
use auth_model::{
    AuditEvent, AuthnTarget, ManagedKey, OrgId, RoleId, SamlConfiguration, SignInMethod, TeamId,
    User,
};
use aws_lc_rs::digest;
use uuid::Uuid;

use crate::StoreError;

pub use storable::{Storable, nul_free};

/// Turns a stored text back into its value.
///
/// # Errors
/// [`StoreError::Broken`] if it is not one: the row was written by a newer version, or by hand.
pub fn stored<T>(context: &'static str, text: &str) -> Result<T, StoreError>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    text.parse().map_err(|source| broken(context, source))
}

/// Turns a stored pattern back into its value by the most permissive rules, so that a stricter setting
/// never makes a row unreadable that an earlier one let in.
///
/// # Errors
/// [`StoreError::Broken`] if it is no pattern by any rules.
pub fn stored_pattern(text: &str) -> Result<ArnPattern, StoreError> {
    let rules = PatternRules::default()
        .with_bare_role(BareRole::AnySession)
        .with_session_prefix(true)
        .with_iam_role(IamRole::Warn);
    ArnPattern::parse(text, &rules).map_err(|source| broken("reading a stored pattern", source))
}

/// [`StoreError::Broken`] with its cause.
pub fn broken(
    context: &'static str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    StoreError::Broken { context, source: source.into() }
}

/// The hash of an audit event in its chain: SHA-256 of the hash of the event before it (32 zero bytes before the first) and the
/// event's [canonical bytes](auth_model::AuditEvent::canonical).
pub fn chain_hash(before: &[u8; 32], event: &AuditEvent) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before);
    context.update(&event.canonical());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The chain that an event belongs to. An organization's id is never nil, so what claims that one concerns none.
pub fn chain_of(event: &AuditEvent) -> Option<OrgId> {
    event.org.filter(|org| !org.0.is_nil())
}

/// Roles as they are kept: in the order given, each once.
pub fn distinct(roles: &[RoleId]) -> Vec<RoleId> {
    let mut kept = Vec::with_capacity(roles.len());
    for role in roles {
        if !kept.contains(role) {
            kept.push(*role);
        }
    }
    kept
}

/// The columns of a target: a role, or a team.
pub fn target_ids(target: AuthnTarget) -> (Option<Uuid>, Option<Uuid>) {
    match target {
        AuthnTarget::Role(role) => (Some(role.0), None),
        AuthnTarget::Team(team) => (None, Some(team.0)),
    }
}

/// Turns the columns of a target back into it.
///
/// # Errors
/// [`StoreError::Broken`] unless it is one of the two.
pub fn stored_target(role: Option<Uuid>, team: Option<Uuid>) -> Result<AuthnTarget, StoreError> {
    match (role, team) {
        (Some(role), None) => Ok(AuthnTarget::Role(RoleId(role))),
        (None, Some(team)) => Ok(AuthnTarget::Team(TeamId(team))),
        _ => Err(broken("reading the target of an authN mapping", "it is not one role or team")),
    }
}

/// Whether a user is still as they were when a sign-in was decided on, so that what it gives and takes is what its audit event says.
pub fn is_as_read(now: &User, read: &User) -> bool {
    !now.disabled && now.email == read.email && now.roles == read.roles
}

/// Whether an organization that has decided this has sessions that began in this way.
pub fn allows_sessions(configuration: &SamlConfiguration, method: SignInMethod) -> bool {
    match method {
        SignInMethod::Saml => configuration.enabled,
        SignInMethod::Keys => !configuration.strict,
    }
}

/// E-mail domains as they are kept: one text, with spaces between them. No domain holds a space or is empty; whatever does or is,
/// because nothing above the store has looked, is written so that it comes back.
pub fn domains_to_text(domains: &[String]) -> String {
    let word = |domain: &String| match domain.as_str() {
        "" => "%".to_owned(),
        domain => domain.replace('%', "%25").replace(' ', "%20"),
    };
    domains.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Turns the text back into the domains.
pub fn stored_domains(text: &str) -> Vec<String> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    let domain = |word: &str| match word {
        "%" => String::new(),
        word => word.replace("%20", " ").replace("%25", "%"),
    };
    words.map(domain).collect()
}

/// Keys and values that a row may have, each pair once; one with U+0000 in it is left out, as no row has it.
pub fn distinct_pairs(pairs: &[(String, String)]) -> BTreeSet<(&str, &str)> {
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    pairs.filter(|(key, value)| !key.contains('\0') && !value.contains('\0')).collect()
}

/// What lists of users look in.
pub fn folded_user(user: &User) -> String {
    folded(&[&user.name, &user.email, &user.handle()])
}

/// The text that lists look in: all of it in lower case, the parts apart.
pub fn folded(parts: &[&str]) -> String {
    parts.join("\n").to_lowercase()
}

/// The text to look for, in the same form.
pub fn wanted(text: &str) -> String {
    text.to_lowercase()
}

/// The name under which a generation of a managed key is listed.
pub fn managed_key_name(key: &ManagedKey) -> String {
    format!("managed intake key {} of mapping {}", key.generation, key.mapping)
}

/// Whether a change took place, so that its audit event is due.
pub trait Happened {
    /// `false` only for the `false` or `None` that stands for "there is none of this id", or "it was so already".
    fn happened(&self) -> bool;
}

impl Happened for () {
    fn happened(&self) -> bool {
        true
    }
}

impl Happened for SamlConfiguration {
    fn happened(&self) -> bool {
        true
    }
}

impl<T> Happened for Option<T> {
    fn happened(&self) -> bool {
        self.is_some()
    }
}

impl Happened for bool {
    fn happened(&self) -> bool {
        *self
    }
}
