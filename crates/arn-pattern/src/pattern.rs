//! Patterns that an operator writes, parsed once and compared byte by byte.

use std::fmt;
use std::str::FromStr;

use crate::account::AccountId;
use crate::anatomy::{Anatomy, Head, ResourceType, any_session, offset, sharpen};
use crate::caller::CallerArn;
use crate::error::ParseError;
use crate::explain::{self, Mismatch};
use crate::partition::Partition;
use crate::rules::PatternRules;
use crate::specificity::{Rank, Specificity};
use crate::warning::Warning;

mod resource;

/// A pattern over caller ARNs: one caller, one role's sessions, a part of them, or a path of users.
///
/// At most one `*`, always the last byte, and only after a complete specific resource. Everything
/// else is literal and compared byte by byte, so a pattern never reaches into a second account.
///
/// * **Errors**: [`ParseError`] from parsing; matching cannot fail.
/// * **Cost**: parsing allocates the text once; [`matches`](Self::matches) compares at most
///   the pattern's length and allocates nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnPattern {
    text: Box<str>,
    anatomy: Anatomy,
    /// Bytes of `text` that a caller must begin with: all but the `*`.
    literal_len: u16,
    kind: PatternKind,
    /// For a bare role: whether any session matches.
    open: bool,
    partition: Partition,
    account: AccountId,
}

/// The shape of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PatternKind {
    /// One caller: a role session, a federated user or a user.
    Exact,
    /// `assumed-role/ROLE`.
    BareRole,
    /// `assumed-role/ROLE/*`.
    AnySession,
    /// `assumed-role/ROLE/PREFIX*`.
    SessionPrefix,
    /// `user/PATH/*`.
    UserPath,
    /// `role/[PATH/]NAME`, the role itself: never matches.
    IamRole,
}

impl PatternKind {
    /// A short name for listings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::BareRole => "bare-role",
            Self::AnySession => "any-session",
            Self::SessionPrefix => "session-prefix",
            Self::UserPath => "user-path",
            Self::IamRole => "iam-role",
        }
    }
}

impl ArnPattern {
    /// Reads a pattern by the given rules. [`str::parse`] uses the default rules.
    ///
    /// # Errors
    /// Says which field is wrong, why, and what to write instead. Nothing is trimmed or decoded.
    pub fn parse(text: &str, rules: &PatternRules) -> Result<Self, ParseError> {
        Self::read(text, rules).map_err(|error| sharpen(text, error))
    }

    fn read(text: &str, rules: &PatternRules) -> Result<Self, ParseError> {
        let head = Head::parse(text)?;
        let shape = resource::read(text, &head, rules)?;
        let last = shape.names.rsplit('/').next().unwrap_or_default();
        let literal = if shape.wildcard { text.len() - 1 } else { text.len() };
        Ok(Self {
            anatomy: Anatomy::new(&head, shape.resource, text.len(), (shape.names, last)),
            literal_len: offset(literal),
            kind: shape.kind,
            open: shape.open,
            partition: head.partition,
            account: head.account,
            text: text.into(),
        })
    }

    /// The text as given, which is also the normal form: two patterns are the same if their texts are.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition that callers must be in.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that callers must belong to.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The shape of the pattern.
    #[must_use]
    pub const fn kind(&self) -> PatternKind {
        self.kind
    }

    /// True if the pattern covers this caller.
    ///
    /// A [`CallerArn`] is well formed, so a prefix that ends in a slash leaves exactly the parts that
    /// the grammar allows after it: one session, or the rest of a user's path and name.
    #[inline]
    #[must_use]
    pub fn matches(&self, caller: &CallerArn) -> bool {
        let (literal, caller) = (self.literal_bytes(), caller.as_str().as_bytes());
        match self.kind {
            PatternKind::Exact => literal == caller,
            PatternKind::AnySession | PatternKind::SessionPrefix | PatternKind::UserPath => {
                caller.starts_with(literal)
            }
            PatternKind::BareRole => match caller.strip_prefix(literal) {
                Some([]) => true,
                Some([b'/', ..]) => self.open,
                _ => false,
            },
            PatternKind::IamRole => false,
        }
    }

    /// How narrow the pattern is; of several that match, the greatest wins.
    #[must_use]
    pub const fn specificity(&self) -> Specificity {
        let rank = match self.kind {
            PatternKind::Exact | PatternKind::IamRole => Rank::Exact,
            PatternKind::BareRole => Rank::BareRole,
            PatternKind::AnySession | PatternKind::SessionPrefix | PatternKind::UserPath => {
                Rank::Wildcard
            }
        };
        Specificity::new(rank, self.literal_len)
    }

    /// What its author should be told. Usually nothing.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let sessions = || {
            let role = self.anatomy.last(&self.text);
            any_session(self.partition, self.account, role)
        };
        match self.kind {
            PatternKind::BareRole if self.open => {
                vec![Warning::SessionOmitted { same_as: sessions() }]
            }
            PatternKind::BareRole => vec![Warning::SessionNeverOmitted { instead: sessions() }],
            PatternKind::IamRole => vec![Warning::IamRole { instead: sessions() }],
            _ => Vec::new(),
        }
    }

    /// Why the pattern does not cover this caller, and the edit that would make it.
    ///
    /// # Errors
    /// The first field that differs, unless the pattern matches.
    pub fn explain(&self, caller: &CallerArn) -> Result<(), Mismatch> {
        if self.matches(caller) { Ok(()) } else { Err(explain::mismatch(self, caller)) }
    }

    pub(crate) const fn anatomy(&self) -> &Anatomy {
        &self.anatomy
    }

    /// True for a bare role that stands for any session.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// The pattern without its `*`.
    pub(crate) fn literal(&self) -> &str {
        self.text.get(..usize::from(self.literal_len)).unwrap_or_default()
    }

    #[inline]
    fn literal_bytes(&self) -> &[u8] {
        self.text.as_bytes().get(..usize::from(self.literal_len)).unwrap_or_default()
    }

    pub(crate) const fn resource_type(&self) -> ResourceType {
        self.anatomy.resource
    }
}

impl FromStr for ArnPattern {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text, &PatternRules::default())
    }
}

impl fmt::Display for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArnPattern({})", self.text)
    }
}
