//! Why a pattern does not cover a caller, and what would.

use std::fmt;

use crate::anatomy::{ResourceType, any_session};
use crate::caller::{CallerArn, Principal};
use crate::error::Field;
use crate::pattern::{ArnPattern, PatternKind};

/// The first difference between a pattern and a caller, in the order of the fields of an ARN.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub struct Mismatch {
    /// The field that differs.
    pub field: Field,
    /// What the pattern asks for there.
    pub expected: String,
    /// What the caller has there; empty if it has nothing.
    pub found: String,
    /// The pattern, changed as little as makes it match by the default rules, if any does.
    pub edit: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, expected, found, edit } = self;
        let (expected, found) = (Quoted(expected), Quoted(found));
        write!(f, "{field} differs: the pattern asks for {expected}, the caller has {found}")?;
        match edit {
            Some(edit) => write!(f, "; `{edit}` would match"),
            None => Ok(()),
        }
    }
}

/// A text in backticks, or the word for its absence.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { write!(f, "`{}`", self.0) }
    }
}

/// Describes a mismatch. Call it only when the pattern does not match.
pub(crate) fn mismatch(pattern: &ArnPattern, caller: &CallerArn) -> Mismatch {
    let (field, expected, found) = difference(pattern, caller);
    Mismatch { field, expected, found, edit: edit(pattern, caller) }
}

type Difference = (Field, String, String);

fn difference(pattern: &ArnPattern, caller: &CallerArn) -> Difference {
    let (wanted, actual) = (pattern.resource_type(), caller.anatomy().resource);
    let fields = [
        (Field::Partition, pattern.partition().as_str(), caller.partition().as_str()),
        (Field::Service, wanted.service().as_str(), actual.service().as_str()),
    ];
    for (field, expected, found) in fields {
        if expected != found {
            return (field, expected.to_owned(), found.to_owned());
        }
    }
    if pattern.account() != caller.account() {
        let (expected, found) = (pattern.account(), caller.account());
        return (Field::Account, expected.to_string(), found.to_string());
    }
    if wanted != actual {
        return (Field::ResourceType, wanted.as_str().to_owned(), actual.as_str().to_owned());
    }
    names_difference(pattern, caller)
}

/// The difference behind the resource type, which is the same on both sides.
fn names_difference(pattern: &ArnPattern, caller: &CallerArn) -> Difference {
    let (base, last) = split(pattern);
    let own = |text: &str| text.to_owned();
    match caller.principal() {
        Principal::AssumedRole { role, session } => {
            let (wanted, tail) = if base.is_empty() { (last, "") } else { (base, last) };
            if wanted != role {
                return (Field::Role, own(wanted), own(role));
            }
            (Field::Session, own(tail), own(session.unwrap_or_default()))
        }
        Principal::FederatedUser { name } => (Field::FederatedUser, own(last), own(name)),
        Principal::User { path, name } => {
            let wanted = if pattern.kind() == PatternKind::UserPath {
                pattern.anatomy().names(pattern.as_str())
            } else {
                base
            };
            if wanted != path {
                (Field::UserPath, own(wanted), own(path))
            } else {
                (Field::User, own(last), own(name))
            }
        }
    }
}

/// All segments but the last, and the last with its `*`.
fn split(pattern: &ArnPattern) -> (&str, &str) {
    let anatomy = pattern.anatomy();
    (anatomy.base(pattern.as_str()), anatomy.last(pattern.as_str()))
}

/// The pattern aimed at the caller: it keeps the part after the role or path where that already fits.
fn edit(pattern: &ArnPattern, caller: &CallerArn) -> Option<String> {
    let head = head(caller);
    let texts = match caller.principal() {
        Principal::AssumedRole { role, session: Some(_) } => {
            let (_, tail) = split(pattern);
            let kept = (pattern.resource_type() == ResourceType::AssumedRole
                && pattern.kind() != PatternKind::BareRole)
                .then(|| format!("{head}assumed-role/{role}/{tail}"));
            let any = match pattern.kind() {
                PatternKind::BareRole if pattern.is_open() => format!("{head}assumed-role/{role}"),
                _ => any_session(caller.partition(), caller.account(), role),
            };
            [kept, Some(any)]
        }
        Principal::User { path, .. } if pattern.kind() == PatternKind::UserPath => {
            let kept = format!("{head}user/{}", pattern.anatomy().names(pattern.as_str()));
            let own = (!path.is_empty()).then(|| format!("{head}user/{path}/*"));
            [Some(kept), own.or_else(|| Some(caller.as_str().to_owned()))]
        }
        _ => [Some(caller.as_str().to_owned()), None],
    };
    texts
        .into_iter()
        .flatten()
        .find(|text| text.parse::<ArnPattern>().is_ok_and(|edited| edited.matches(caller)))
}

/// A caller's ARN as far as its resource.
fn head(caller: &CallerArn) -> String {
    let service = caller.anatomy().resource.service().as_str();
    format!("arn:{}:{service}::{}:", caller.partition(), caller.account())
}
