//! What an operator should be told about a pattern that was accepted.

use std::fmt;

/// A remark on a pattern that is valid and may not do what its author expects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// A role without a session stands for every session of it.
    SessionOmitted {
        /// The pattern that says the same in full.
        same_as: String,
    },
    /// A role without a session is compared literally, and STS always reports a session.
    SessionNeverOmitted {
        /// The pattern for every session of the role.
        instead: String,
    },
    /// The ARN of a role itself never matches.
    IamRole {
        /// The pattern for the role's sessions.
        instead: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionOmitted { same_as } => write!(
                f,
                "session omitted: treated as any session of exactly that role, as `{same_as}` would be"
            ),
            Self::SessionNeverOmitted { instead } => write!(
                f,
                "session omitted: callers always have one, so this never matches; write `{instead}`"
            ),
            Self::IamRole { instead } => write!(
                f,
                "the arn of an iam role never matches, because callers have the arn of a session; write `{instead}`"
            ),
        }
    }
}
