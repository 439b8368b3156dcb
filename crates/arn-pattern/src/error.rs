//! Why a text is refused: which field, why, and what to write instead.

use std::fmt;

use crate::partition::Partition;

/// A part of a caller ARN or of a pattern, for messages and explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The whole text.
    Arn,
    /// `aws`, `aws-cn`, …
    Partition,
    /// `sts` or `iam`.
    Service,
    /// Always empty for principals.
    Region,
    /// Twelve digits.
    Account,
    /// `assumed-role`, `federated-user` or `user`.
    ResourceType,
    /// The role's name, without its path.
    Role,
    /// The role session name.
    Session,
    /// The name of a federated user.
    FederatedUser,
    /// The IAM path of a user, without its first and last slash.
    UserPath,
    /// The name of an IAM user.
    User,
}

impl Field {
    /// The words that messages use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arn => "arn",
            Self::Partition => "partition",
            Self::Service => "service",
            Self::Region => "region",
            Self::Account => "account",
            Self::ResourceType => "resource type",
            Self::Role => "role name",
            Self::Session => "session name",
            Self::FederatedUser => "federated user name",
            Self::UserPath => "user path",
            Self::User => "user name",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not a caller ARN, or not a pattern. Every message names the field and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Longer than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("arn is {len} bytes long; at most {} are read", crate::MAX_BYTES)]
    TooLong {
        /// Length of the text, in bytes.
        len: usize,
    },
    /// A byte outside `!` to `~`: a space, a line break, a letter that only looks like ASCII.
    #[error(
        "arn has {found:?} at byte {at}; only printable ASCII without spaces is allowed, and nothing is trimmed"
    )]
    Unprintable {
        /// The offending character.
        found: char,
        /// Where it starts, counted in bytes from 0.
        at: usize,
    },
    /// Fewer than six fields, or another first field.
    #[error(
        "`{found}` is not an arn; write `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`, such as `arn:aws:sts::123456789012:assumed-role/ROLE/*`"
    )]
    NotArn {
        /// The text as given.
        found: String,
    },
    /// Not one of [`Partition::ALL`].
    #[error("partition `{found}` is not known; use one of {}", partitions())]
    Partition {
        /// The field as given.
        found: String,
    },
    /// Not `sts` or `iam`.
    #[error(
        "service `{found}` has no callers; use `sts` (assumed-role, federated-user) or `iam` (user)"
    )]
    Service {
        /// The field as given.
        found: String,
    },
    /// Something stands between service and account.
    #[error("region `{found}` must be left empty; write `::` between the service and the account")]
    Region {
        /// The field as given.
        found: String,
    },
    /// Not twelve ASCII digits.
    #[error("account `{found}` is not an account id; write its 12 digits, leading zeros included")]
    Account {
        /// The field as given.
        found: String,
    },
    /// The service has no callers of this type.
    #[error("resource `{found}` is not a caller of `{service}`; use {}", resources(service))]
    ResourceType {
        /// The service before it.
        service: &'static str,
        /// The resource as given.
        found: String,
    },
    /// Nothing stands where a name must.
    #[error("{field} has an empty part; remove the extra `/` or write the name")]
    EmptySegment {
        /// Which name.
        field: Field,
    },
    /// A byte that IAM or STS does not allow there.
    #[error(
        "{field} `{name}` has {byte:?}, which is not allowed there; names use `A-Z a-z 0-9 _ + = , . @ -`"
    )]
    Name {
        /// Which name.
        field: Field,
        /// The name as given.
        name: String,
        /// The first offending byte.
        byte: char,
    },
    /// Longer than IAM or STS allow.
    #[error("{field} is {len} bytes long; at most {max} are allowed")]
    NameTooLong {
        /// Which name.
        field: Field,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// A `*` before the resource.
    #[error(
        "{field} `{found}` has a wildcard; wildcards may only be used as `/*` (or `PREFIX*`) at the end of the resource, so write the {field} in full"
    )]
    WildcardField {
        /// The field that has it.
        field: Field,
        /// The field as given.
        found: String,
    },
    /// A `*` inside the resource, or more than one.
    #[error(
        "resource `{found}` has a misplaced wildcard; wildcards may only be used as `/*` (or `PREFIX*` in a session name) at the end of the resource"
    )]
    WildcardPosition {
        /// The resource as given.
        found: String,
    },
    /// `assumed-role/*`, `user/*`, `federated-user/*`.
    #[error(
        "resource `{found}` is too broad; a specific resource must stand before the wildcard, such as `{instead}`"
    )]
    WildcardTooBroad {
        /// The resource as given.
        found: String,
        /// The shape to use.
        instead: &'static str,
    },
    /// `?` is no wildcard here.
    #[error(
        "`?` in `{found}` is not supported; write the characters out, or use `*` at the end of the resource"
    )]
    QuestionMark {
        /// The field as given.
        found: String,
    },
    /// `R/PREFIX*` while the rules turn it off.
    #[error(
        "session prefix `{found}` is turned off here; wildcards may only be used as `/*` at the end of the resource, so write `{instead}`"
    )]
    SessionPrefixOff {
        /// The prefix as given.
        found: String,
        /// The pattern for every session of the role.
        instead: String,
    },
    /// A role without a session while the rules demand one.
    #[error("session name is missing; write `{instead}` for every session of the role")]
    SessionMissing {
        /// The pattern for every session of the role.
        instead: String,
    },
    /// The ARN of the role itself, not of its sessions.
    #[error(
        "`{found}` is the arn of an iam role, which callers never have; {}",
        role_remedy(instead)
    )]
    IamRole {
        /// The text as given.
        found: String,
        /// The pattern that covers the role's sessions, where the name is whole.
        instead: Option<String>,
    },
    /// The account's root user.
    #[error("the root user of an account is never mapped; use a role or a user of the account")]
    Root,
}

impl ParseError {
    /// The field that is at fault.
    #[must_use]
    pub const fn field(&self) -> Field {
        match self {
            Self::TooLong { .. } | Self::Unprintable { .. } | Self::NotArn { .. } => Field::Arn,
            Self::Partition { .. } => Field::Partition,
            Self::Service { .. } => Field::Service,
            Self::Region { .. } => Field::Region,
            Self::Account { .. } => Field::Account,
            Self::EmptySegment { field }
            | Self::Name { field, .. }
            | Self::NameTooLong { field, .. }
            | Self::WildcardField { field, .. } => *field,
            Self::SessionPrefixOff { .. } | Self::SessionMissing { .. } => Field::Session,
            Self::ResourceType { .. }
            | Self::WildcardPosition { .. }
            | Self::WildcardTooBroad { .. }
            | Self::QuestionMark { .. }
            | Self::IamRole { .. }
            | Self::Root => Field::ResourceType,
        }
    }

    /// The complete pattern to write instead, where there is one.
    #[must_use]
    pub fn instead(&self) -> Option<&str> {
        match self {
            Self::IamRole { instead, .. } => instead.as_deref(),
            Self::SessionPrefixOff { instead, .. } | Self::SessionMissing { instead } => {
                Some(instead)
            }
            _ => None,
        }
    }
}

/// The known partitions as a list for a sentence.
fn partitions() -> String {
    Partition::ALL.map(|partition| format!("`{partition}`")).join(", ")
}

/// The resources that callers of a service have.
fn resources(service: &str) -> &'static str {
    if service == "iam" {
        "`user/NAME` or `user/PATH/*`; roles sign in as `sts` `assumed-role/ROLE/*`"
    } else {
        "`assumed-role/ROLE/*`, `assumed-role/ROLE/SESSION` or `federated-user/NAME`; users are `iam` `user/NAME`"
    }
}

/// What to write in place of a role's own ARN.
fn role_remedy(instead: &Option<String>) -> String {
    match instead {
        Some(pattern) => format!("write `{pattern}` for its sessions"),
        None => {
            "write `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/*` for its sessions".to_owned()
        }
    }
}
