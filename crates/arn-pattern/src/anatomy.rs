//! Where the parts of an ARN lie: shared by caller ARNs and patterns.
//!
//! An ARN is split at its first five colons only, because an IAM path may hold colons.

use crate::MAX_BYTES;
use crate::account::AccountId;
use crate::error::{Field, ParseError};
use crate::partition::Partition;

/// The services that have callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Iam,
}

impl Service {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam => "iam",
        }
    }
}

/// The types of resource that can stand after the account; each belongs to one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ResourceType {
    AssumedRole,
    FederatedUser,
    User,
    /// The role itself: never a caller, only a pattern that never matches.
    Role,
}

impl ResourceType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AssumedRole => "assumed-role",
            Self::FederatedUser => "federated-user",
            Self::User => "user",
            Self::Role => "role",
        }
    }

    pub(crate) const fn service(self) -> Service {
        match self {
            Self::AssumedRole | Self::FederatedUser => Service::Sts,
            Self::User | Self::Role => Service::Iam,
        }
    }
}

/// Partition, resource type and account in one word: what must be equal before names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(u64);

impl Owner {
    pub(crate) fn new(partition: Partition, resource: ResourceType, account: AccountId) -> Self {
        // 40 bits hold 10^12, then 4 bits for the type, then the partition.
        Self(account.number() | (resource as u64) << 40 | (partition as u64) << 44)
    }

    pub(crate) const fn from_word(word: u64) -> Self {
        Self(word)
    }

    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// True if the names under it are those of IAM users.
    pub(crate) const fn is_user(self) -> bool {
        self.0 >> 40 & 0xF == ResourceType::User as u64
    }
}

/// What both a caller ARN and a pattern know about their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Anatomy {
    pub(crate) owner: Owner,
    pub(crate) resource: ResourceType,
    /// Where the name begins: after `assumed-role/`, `federated-user/`, `user/` or `role/`.
    pub(crate) name_at: u16,
    /// Where the last segment begins; equal to `name_at` when there is one segment.
    pub(crate) last_at: u16,
}

impl Anatomy {
    /// `names` is the end of a text of `len` bytes, and `last` is the end of `names` without a slash.
    #[inline]
    pub(crate) fn new(
        head: &Head<'_>,
        resource: ResourceType,
        len: usize,
        (names, last): (&str, &str),
    ) -> Self {
        Self {
            owner: Owner::new(head.partition, resource, head.account),
            resource,
            name_at: offset(len - names.len()),
            last_at: offset(len - last.len()),
        }
    }

    /// The segments before the last one, without the slash after them. Empty for a single segment.
    pub(crate) fn base<'a>(&self, text: &'a str) -> &'a str {
        let end = self.last_at.saturating_sub(1).max(self.name_at);
        text.get(usize::from(self.name_at)..usize::from(end)).unwrap_or_default()
    }

    /// The last segment of `text`.
    pub(crate) fn last<'a>(&self, text: &'a str) -> &'a str {
        text.get(usize::from(self.last_at)..).unwrap_or_default()
    }

    /// All segments of `text`.
    pub(crate) fn names<'a>(&self, text: &'a str) -> &'a str {
        text.get(usize::from(self.name_at)..).unwrap_or_default()
    }
}

/// The first five fields, checked, and the sixth, not yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) partition: Partition,
    pub(crate) service: Service,
    pub(crate) account: AccountId,
    pub(crate) resource: &'a str,
}

impl<'a> Head<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooLong { len: text.len() });
        }
        Self::split(text).ok_or_else(|| diagnose(text))
    }

    /// The short way for texts that are right.
    fn split(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("arn:")?;
        let (partition, rest) = match rest.strip_prefix("aws:") {
            Some(rest) => (Partition::Aws, rest),
            None => {
                let (name, rest) = rest.split_once(':')?;
                (Partition::from_name(name)?, rest)
            }
        };
        let (service, rest) = match rest.strip_prefix("sts::") {
            Some(rest) => (Service::Sts, rest),
            None => (Service::Iam, rest.strip_prefix("iam::")?),
        };
        let account = AccountId::from_bytes(rest.as_bytes().get(..12)?)?;
        let resource = rest.get(12..)?.strip_prefix(':')?;
        Some(Self { partition, service, account, resource })
    }
}

/// Prefers "there is a strange character" to whatever else is wrong with a text.
pub(crate) fn sharpen(text: &str, error: ParseError) -> ParseError {
    if text.len() > MAX_BYTES {
        return error;
    }
    match text.char_indices().find(|(_, found)| !found.is_ascii_graphic()) {
        Some((at, found)) => ParseError::Unprintable { found, at },
        None => error,
    }
}

/// The answer to the ARN of a role itself: `names` is its path and name.
pub(crate) fn iam_role(text: &str, head: &Head<'_>, names: &str) -> ParseError {
    let name = names.rsplit('/').next().unwrap_or_default();
    let whole = crate::alphabet::check_name(name.as_bytes(), Field::Role).is_ok();
    ParseError::IamRole {
        found: text.to_owned(),
        instead: whole.then(|| any_session(head.partition, head.account, name)),
    }
}

/// The pattern for every session of a role.
pub(crate) fn any_session(partition: Partition, account: AccountId, role: &str) -> String {
    format!("arn:{partition}:sts::{account}:assumed-role/{role}/*")
}

/// An offset into a text of at most [`MAX_BYTES`] bytes.
pub(crate) fn offset(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

/// Finds the first of the five fields that is wrong.
fn diagnose(text: &str) -> ParseError {
    let not_arn = || ParseError::NotArn { found: text.to_owned() };
    let mut fields = text.splitn(6, ':');
    let mut next = || fields.next();
    let (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(_)) =
        (next(), next(), next(), next(), next(), next())
    else {
        return not_arn();
    };
    let named = [
        (Field::Partition, partition),
        (Field::Service, service),
        (Field::Region, region),
        (Field::Account, account),
    ];
    for (field, found) in named {
        let found = || found.to_owned();
        if found().contains('*') {
            return ParseError::WildcardField { field, found: found() };
        }
        if found().contains('?') {
            return ParseError::QuestionMark { found: found() };
        }
    }
    if Partition::from_name(partition).is_none() {
        return ParseError::Partition { found: partition.to_owned() };
    }
    if !matches!(service, "sts" | "iam") {
        return ParseError::Service { found: service.to_owned() };
    }
    if !region.is_empty() {
        return ParseError::Region { found: region.to_owned() };
    }
    if AccountId::from_bytes(account.as_bytes()).is_none() {
        return ParseError::Account { found: account.to_owned() };
    }
    not_arn()
}
