//! The choices an operator has about the grammar of patterns.

/// What `assumed-role/ROLE` without a session means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BareRole {
    /// Any session of exactly that role; a warning says so.
    #[default]
    AnySession,
    /// Only a caller ARN of the same bare form, which real STS never reports.
    Exact,
    /// Refused.
    Reject,
}

/// What happens to `iam … role/NAME`, the ARN of a role itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IamRole {
    /// Refused, with the pattern to use instead.
    #[default]
    Reject,
    /// Accepted with a warning; it never matches.
    Warn,
}

/// How patterns are read. The default suits a new installation.
///
/// ```
/// use arn_pattern::{ArnPattern, BareRole, PatternRules};
///
/// let rules = PatternRules::default().with_bare_role(BareRole::Reject);
/// assert!(ArnPattern::parse("arn:aws:sts::123456789012:assumed-role/ci", &rules).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PatternRules {
    /// What a role without a session means.
    pub bare_role: BareRole,
    /// Whether `assumed-role/ROLE/PREFIX*` is accepted.
    pub session_prefix: bool,
    /// What happens to the ARN of a role itself.
    pub iam_role: IamRole,
}

impl PatternRules {
    /// The same rules with another meaning of a role without a session.
    #[must_use]
    pub const fn with_bare_role(mut self, bare_role: BareRole) -> Self {
        self.bare_role = bare_role;
        self
    }

    /// The same rules with session prefixes on or off.
    #[must_use]
    pub const fn with_session_prefix(mut self, session_prefix: bool) -> Self {
        self.session_prefix = session_prefix;
        self
    }

    /// The same rules with another answer to the ARN of a role itself.
    #[must_use]
    pub const fn with_iam_role(mut self, iam_role: IamRole) -> Self {
        self.iam_role = iam_role;
        self
    }
}

impl Default for PatternRules {
    fn default() -> Self {
        Self { bare_role: BareRole::default(), session_prefix: true, iam_role: IamRole::default() }
    }
}
