//! Who the signer is, in the words of STS.

use arn_pattern::{AccountId, CallerArn, ParseError, Partition, Principal};
use auth_model::{OrgId, Timestamp};

use crate::{StsAnswer, StsRefusal, StsRequest, answer};

/// A principal that STS has vouched for, and the organization that its proof was signed for.
///
/// There is no way to make one but [`CallerIdentity::read`], so whoever holds one need not ask whether it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    arn: CallerArn,
    user_id: String,
    org: OrgId,
    sts_request_id: Option<String>,
}

impl CallerIdentity {
    /// Judges what STS answered to a request. `now` serves only to measure whose clock is wrong.
    ///
    /// Source: "GetCallerIdentity", AWS STS API Reference.
    pub fn read(
        request: &StsRequest,
        answer: &StsAnswer,
        now: Timestamp,
    ) -> Result<Self, StsRefusal> {
        let fields = answer::read(request, answer, now)?;
        let arn: CallerArn = fields.arn.parse().map_err(|error| match error {
            ParseError::Root => StsRefusal::Unsupported { what: "the account's root user" },
            _ => StsRefusal::Unsupported { what: "a principal of unknown form" },
        })?;
        let account: AccountId = fields
            .account
            .parse()
            .map_err(|_| StsRefusal::Inconsistent { what: "the account is not 12 digits" })?;
        check_consistent(request, &arn, account, &fields.user_id)?;
        Ok(Self {
            arn,
            user_id: fields.user_id,
            org: request.org(),
            sts_request_id: answer.clean_request_id().map(str::to_owned),
        })
    }

    /// As STS gave it.
    pub fn arn(&self) -> &CallerArn {
        &self.arn
    }

    /// `AROA…:session`, `AIDA…` or `account:name`. Its first part outlives renaming and is never reused.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The 12-digit AWS account.
    pub fn account(&self) -> AccountId {
        self.arn.account()
    }

    /// The partition, which is also that of the host asked.
    pub fn partition(&self) -> Partition {
        self.arn.partition()
    }

    /// The organization whose id the signature covers.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// What AWS support asks for.
    pub fn sts_request_id(&self) -> Option<&str> {
        self.sts_request_id.as_deref()
    }
}

/// The parts of an answer must fit each other and the host asked. A misfit means that something other than
/// STS answered, or that it was read wrongly.
fn check_consistent(
    request: &StsRequest,
    arn: &CallerArn,
    account: AccountId,
    user_id: &str,
) -> Result<(), StsRefusal> {
    let misfit = |what| Err(StsRefusal::Inconsistent { what });
    if account != arn.account() {
        return misfit("the account is not the arn's");
    }
    if request.host().partition() != arn.partition() {
        return misfit("the arn is of another partition than the host asked");
    }
    let fits = match arn.principal() {
        Principal::AssumedRole { session: None, .. } => {
            return misfit("the arn of an assumed role has no session");
        }
        Principal::AssumedRole { session: Some(session), .. } => user_id
            .split_once(':')
            .is_some_and(|(id, name)| is_unique_id(id, "AROA") && name == session),
        Principal::User { .. } => is_unique_id(user_id, "AIDA"),
        Principal::FederatedUser { name } => {
            user_id.split_once(':') == Some((account.as_str(), name))
        }
    };
    if fits { Ok(()) } else { misfit("the user id does not fit the arn") }
}

/// IAM's unique ids: a prefix that says what it is of, 16 to 128 characters in all.
fn is_unique_id(text: &str, prefix: &str) -> bool {
    text.starts_with(prefix)
        && (16..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
