//! The ARN of a caller, as STS reports it.

use std::fmt;
use std::str::FromStr;

use crate::account::AccountId;
use crate::alphabet::{check_name, check_path, split_at_slash};
use crate::anatomy::{Anatomy, Head, ResourceType, Service, iam_role, sharpen};
use crate::candidates::Candidates;
use crate::error::{Field, ParseError};
use crate::partition::Partition;

/// A caller ARN: a principal that can have signed a request. Holding one is the proof of the check.
///
/// * **Source**: `GetCallerIdentity`, AWS STS API Reference; "IAM identifiers", IAM User Guide.
/// * **Errors**: the root user and the ARN of a role itself are refused, beside malformed text.
/// * **Cost**: one allocation of the text's length.
///
/// ```
/// use arn_pattern::{CallerArn, Principal};
///
/// let caller: CallerArn = "arn:aws:sts::123456789012:assumed-role/ci/build-7".parse()?;
/// assert_eq!(caller.account().as_str(), "123456789012");
/// assert_eq!(
///     caller.principal(),
///     Principal::AssumedRole { role: "ci", session: Some("build-7") }
/// );
/// # Ok::<(), arn_pattern::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerArn {
    text: Box<str>,
    anatomy: Anatomy,
    partition: Partition,
    account: AccountId,
}

/// Who a caller is, within its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal<'a> {
    /// A session of a role.
    AssumedRole {
        /// The role's name; its IAM path is not part of the ARN.
        role: &'a str,
        /// The role session name. STS always reports one; `None` is the bare form that stand-ins for it use.
        session: Option<&'a str>,
    },
    /// A session that `GetFederationToken` made.
    FederatedUser {
        /// Chosen by whoever made the session.
        name: &'a str,
    },
    /// An IAM user.
    User {
        /// The IAM path without its first and last slash: empty, or like `div/sub`.
        path: &'a str,
        /// The user's name.
        name: &'a str,
    },
}

impl CallerArn {
    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition of the account.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that the caller belongs to.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Who the caller is.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        let (base, last) = (self.anatomy.base(&self.text), self.anatomy.last(&self.text));
        match self.anatomy.resource {
            ResourceType::AssumedRole if base.is_empty() => {
                Principal::AssumedRole { role: last, session: None }
            }
            ResourceType::AssumedRole => Principal::AssumedRole { role: base, session: Some(last) },
            ResourceType::FederatedUser => Principal::FederatedUser { name: last },
            // A caller is never of type `Role`.
            ResourceType::User | ResourceType::Role => Principal::User { path: base, name: last },
        }
    }

    /// The texts of every pattern that could match this caller, most specific first.
    ///
    /// A store that keeps patterns as text can look for these by equality, and needs no scan. A pattern
    /// that is found must still be asked with [`ArnPattern::matches`](crate::ArnPattern::matches):
    /// rules may give a bare role another meaning.
    ///
    /// **Cost**: one string for each, at most 67 for a role session, 1 + segments of the path for a user.
    #[must_use]
    pub fn candidates(&self) -> Candidates<'_> {
        Candidates::new(self)
    }

    pub(crate) const fn anatomy(&self) -> &Anatomy {
        &self.anatomy
    }

    fn parse(text: &str) -> Result<Self, ParseError> {
        let head = Head::parse(text)?;
        let (resource, names, last) = read_resource(text, &head)?;
        Ok(Self {
            anatomy: Anatomy::new(&head, resource, text.len(), (names, last)),
            partition: head.partition,
            account: head.account,
            text: text.into(),
        })
    }
}

/// Reads the sixth field: its type, the names after the type, and the last of them.
fn read_resource<'a>(
    text: &str,
    head: &Head<'a>,
) -> Result<(ResourceType, &'a str, &'a str), ParseError> {
    match head.service {
        Service::Sts => {
            if let Some(names) = head.resource.strip_prefix("assumed-role/") {
                return Ok((ResourceType::AssumedRole, names, check_session(names)?));
            }
            if let Some(name) = head.resource.strip_prefix("federated-user/") {
                check_name(name.as_bytes(), Field::FederatedUser)?;
                return Ok((ResourceType::FederatedUser, name, name));
            }
        }
        Service::Iam => {
            if let Some(names) = head.resource.strip_prefix("user/") {
                return Ok((ResourceType::User, names, check_user(names)?));
            }
            if head.resource == "root" {
                return Err(ParseError::Root);
            }
            if let Some(names) = head.resource.strip_prefix("role/") {
                return Err(iam_role(text, head, names));
            }
        }
    }
    let service = head.service.as_str();
    Err(ParseError::ResourceType { service, found: head.resource.to_owned() })
}

/// `ROLE` or `ROLE/SESSION`; a second slash is not legal in a session name. Returns the last part.
fn check_session(names: &str) -> Result<&str, ParseError> {
    let Some((role, session)) = split_at_slash(names) else {
        check_name(names.as_bytes(), Field::Role)?;
        return Ok(names);
    };
    check_name(role.as_bytes(), Field::Role)?;
    check_name(session.as_bytes(), Field::Session)?;
    Ok(session)
}

/// `NAME` or `PATH/NAME`. Returns the name.
pub(crate) fn check_user(names: &str) -> Result<&str, ParseError> {
    let Some((path, name)) = names.rsplit_once('/') else {
        check_name(names.as_bytes(), Field::User)?;
        return Ok(names);
    };
    if path.is_empty() {
        return Err(ParseError::EmptySegment { field: Field::UserPath });
    }
    check_path(path.as_bytes())?;
    check_name(name.as_bytes(), Field::User)?;
    Ok(name)
}

impl FromStr for CallerArn {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text).map_err(|error| sharpen(text, error))
    }
}

impl fmt::Display for CallerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CallerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallerArn({})", self.text)
    }
}
