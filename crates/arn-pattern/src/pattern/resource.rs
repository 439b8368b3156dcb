//! Reads the sixth field of a pattern: the only place that knows where a `*` may stand.

use crate::alphabet::check_name;
use crate::anatomy::{Head, ResourceType, Service, any_session, iam_role};
use crate::caller::check_user;
use crate::error::{Field, ParseError};
use crate::pattern::PatternKind;
use crate::rules::{BareRole, IamRole, PatternRules};

/// What the resource of a pattern turned out to be.
pub(super) struct Shape<'a> {
    pub(super) resource: ResourceType,
    pub(super) kind: PatternKind,
    /// What follows the type and its slash, the `*` included.
    pub(super) names: &'a str,
    pub(super) wildcard: bool,
    pub(super) open: bool,
}

impl<'a> Shape<'a> {
    fn literal(resource: ResourceType, kind: PatternKind, names: &'a str) -> Self {
        Self { resource, kind, names, wildcard: false, open: false }
    }

    fn wildcard(resource: ResourceType, kind: PatternKind, names: &'a str) -> Self {
        Self { resource, kind, names, wildcard: true, open: false }
    }
}

pub(super) fn read<'a>(
    text: &str,
    head: &Head<'a>,
    rules: &PatternRules,
) -> Result<Shape<'a>, ParseError> {
    let resource = head.resource;
    if resource.contains('?') {
        return Err(ParseError::QuestionMark { found: resource.to_owned() });
    }
    if head.service == Service::Iam
        && let Some(names) = resource.strip_prefix("role/")
    {
        return read_iam_role(text, head, names, rules);
    }
    match resource.strip_suffix('*') {
        Some(literal) => read_wildcard(head, literal, rules),
        None => read_literal(head, rules),
    }
}

/// A resource without a `*` at its end.
fn read_literal<'a>(head: &Head<'a>, rules: &PatternRules) -> Result<Shape<'a>, ParseError> {
    let resource = head.resource;
    if resource.contains('*') {
        return Err(misplaced(resource));
    }
    match head.service {
        Service::Sts => {
            if let Some(names) = resource.strip_prefix("assumed-role/") {
                return read_role(head, names, rules);
            }
            if let Some(name) = resource.strip_prefix("federated-user/") {
                check_name(name.as_bytes(), Field::FederatedUser)?;
                return Ok(Shape::literal(ResourceType::FederatedUser, PatternKind::Exact, name));
            }
        }
        Service::Iam => {
            if let Some(names) = resource.strip_prefix("user/") {
                check_user(names)?;
                return Ok(Shape::literal(ResourceType::User, PatternKind::Exact, names));
            }
        }
    }
    Err(other_type(head))
}

/// `ROLE` or `ROLE/SESSION`.
fn read_role<'a>(
    head: &Head<'a>,
    names: &'a str,
    rules: &PatternRules,
) -> Result<Shape<'a>, ParseError> {
    let shape = |kind| Shape::literal(ResourceType::AssumedRole, kind, names);
    if let Some((role, session)) = names.split_once('/') {
        check_name(role.as_bytes(), Field::Role)?;
        check_name(session.as_bytes(), Field::Session)?;
        return Ok(shape(PatternKind::Exact));
    }
    check_name(names.as_bytes(), Field::Role)?;
    match rules.bare_role {
        BareRole::AnySession => Ok(Shape { open: true, ..shape(PatternKind::BareRole) }),
        BareRole::Exact => Ok(shape(PatternKind::BareRole)),
        BareRole::Reject => Err(ParseError::SessionMissing {
            instead: any_session(head.partition, head.account, names),
        }),
    }
}

/// A resource that ends in `*`; `literal` is what stands before it.
fn read_wildcard<'a>(
    head: &Head<'a>,
    literal: &str,
    rules: &PatternRules,
) -> Result<Shape<'a>, ParseError> {
    let resource = head.resource;
    if literal.contains('*') {
        return Err(misplaced(resource));
    }
    let too_broad = |instead| ParseError::WildcardTooBroad { found: resource.to_owned(), instead };
    match head.service {
        Service::Sts => {
            if let Some(names) = resource.strip_prefix("assumed-role/") {
                return match names {
                    "*" => Err(too_broad("assumed-role/ROLE/*")),
                    _ => read_sessions(head, names, rules),
                };
            }
            if resource.starts_with("federated-user/") {
                return Err(too_broad("federated-user/NAME"));
            }
        }
        Service::Iam => {
            if let Some(names) = resource.strip_prefix("user/") {
                return match names {
                    "*" => Err(too_broad("user/PATH/*")),
                    _ => read_user_path(resource, names),
                };
            }
        }
    }
    if literal.is_empty() || literal == "/" {
        return Err(misplaced(resource));
    }
    Err(other_type(head))
}

/// `ROLE/*` or `ROLE/PREFIX*`.
fn read_sessions<'a>(
    head: &Head<'a>,
    names: &'a str,
    rules: &PatternRules,
) -> Result<Shape<'a>, ParseError> {
    let Some((role, session)) = names.split_once('/') else {
        return Err(misplaced(head.resource));
    };
    check_name(role.as_bytes(), Field::Role)?;
    let prefix = session.strip_suffix('*').unwrap_or(session);
    let shape = |kind| Shape::wildcard(ResourceType::AssumedRole, kind, names);
    if prefix.is_empty() {
        return Ok(shape(PatternKind::AnySession));
    }
    check_name(prefix.as_bytes(), Field::Session)?;
    if !rules.session_prefix {
        return Err(ParseError::SessionPrefixOff {
            found: session.to_owned(),
            instead: any_session(head.partition, head.account, role),
        });
    }
    Ok(shape(PatternKind::SessionPrefix))
}

/// `PATH/*`.
fn read_user_path<'a>(resource: &str, names: &'a str) -> Result<Shape<'a>, ParseError> {
    let Some(path) = names.strip_suffix("/*") else {
        return Err(misplaced(resource));
    };
    if path.is_empty() {
        return Err(ParseError::EmptySegment { field: Field::UserPath });
    }
    crate::alphabet::check_path(path.as_bytes())?;
    Ok(Shape::wildcard(ResourceType::User, PatternKind::UserPath, names))
}

/// The ARN of a role itself; `names` is its path and name.
fn read_iam_role<'a>(
    text: &str,
    head: &Head<'a>,
    names: &'a str,
    rules: &PatternRules,
) -> Result<Shape<'a>, ParseError> {
    if rules.iam_role == IamRole::Reject || names.contains('*') {
        return Err(iam_role(text, head, names));
    }
    let (path, name) =
        names.rsplit_once('/').map_or((None, names), |(path, name)| (Some(path), name));
    if path == Some("") {
        return Err(ParseError::EmptySegment { field: Field::Role });
    }
    crate::alphabet::check_path(path.unwrap_or_default().as_bytes())?;
    check_name(name.as_bytes(), Field::Role)?;
    Ok(Shape::literal(ResourceType::Role, PatternKind::IamRole, names))
}

fn misplaced(resource: &str) -> ParseError {
    ParseError::WildcardPosition { found: resource.to_owned() }
}

/// A resource of a type that never calls.
fn other_type(head: &Head<'_>) -> ParseError {
    let (kind, _) = head.resource.split_once('/').unwrap_or((head.resource, ""));
    if head.service == Service::Iam && kind == "root" {
        return ParseError::Root;
    }
    ParseError::ResourceType { service: head.service.as_str(), found: head.resource.to_owned() }
}
