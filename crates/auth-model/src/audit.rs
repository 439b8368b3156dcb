//! Audit events: what was tried, by whom, and what came of it.

use std::{borrow::Cow, net::IpAddr, str::FromStr};

use arn_pattern::AccountId;

use crate::{AuditEventId, MappingId, OrgId, Timestamp, UserId};

/// What an attempt was for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Exchange of a proof for an access token.
    AccessToken,
    /// Exchange of a proof for the managed API key.
    ManagedKey,
    /// A change made through the API or the command line, by its name, such as `persona_mapping.create`.
    Change(Cow<'static, str>),
}

impl Purpose {
    /// `access_token`, `managed_key`, or the name of the change.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AccessToken => "access_token",
            Self::ManagedKey => "managed_key",
            Self::Change(name) => name,
        }
    }
}

impl From<String> for Purpose {
    /// The reverse of [`Purpose::as_str`]: what is no exchange is the name of a change.
    fn from(text: String) -> Self {
        match text.as_str() {
            "access_token" => Self::AccessToken,
            "managed_key" => Self::ManagedKey,
            _ => Self::Change(text.into()),
        }
    }
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// A credential was handed out, or the change was made.
    Granted,
    /// Refused, for the reason recorded beside it.
    Refused,
    /// Could not be decided: STS or the store failed.
    Failed,
}

impl AuditOutcome {
    /// `granted`, `refused` or `failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The text names no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the outcome of an attempt is one of `granted`, `refused`, `failed`")]
pub struct OutcomeError;

impl FromStr for AuditOutcome {
    type Err = OutcomeError;

    fn from_str(text: &str) -> Result<Self, OutcomeError> {
        [Self::Granted, Self::Refused, Self::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(OutcomeError)
    }
}

/// One attempt. Holds no secret: of a proof only its hash, of a key only its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Sorts by time.
    pub id: AuditEventId,
    /// The organization it concerns, whether or not there is one of that id: an attempt on an
    /// unknown one is recorded too. `None` where not even a claim could be read.
    pub org: Option<OrgId>,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Why, in a word such as `no_mapping` or `replayed`; stable, for programs. Empty for `Granted`.
    pub reason: Cow<'static, str>,
    /// More of why, for people, with no secret in it: STS's error code, the name that was wrong. May be empty.
    pub detail: String,
    /// Ties the event to the log lines of its request.
    pub request_id: String,
    /// Where the request came from.
    pub source: Option<IpAddr>,
    /// The STS host that the proof was signed for.
    pub sts_host: Option<String>,
    /// STS's own id of its answer, which AWS support asks for.
    pub sts_request_id: Option<String>,
    /// The AWS access key that signed. An id, not a secret.
    pub access_key_id: Option<String>,
    /// Who STS says it was.
    pub caller_arn: Option<String>,
    /// STS's unique id of the principal.
    pub caller_user_id: Option<String>,
    /// The caller's AWS account.
    pub account: Option<AccountId>,
    /// The mapping that won.
    pub mapping: Option<MappingId>,
    /// Whom the credential acts as, or who made the change.
    pub user: Option<UserId>,
    /// SHA-256 of the proof's signed part.
    pub proof_hash: Option<[u8; 32]>,
    /// The same proof was presented before.
    pub replayed: bool,
    /// How long it took, from the request's arrival, in microseconds.
    pub took_micros: i64,
}

impl AuditEvent {
    /// An event of which nothing more is known than when it was and what it was for. What becomes known is set.
    pub fn new(id: AuditEventId, at: Timestamp, purpose: Purpose, outcome: AuditOutcome) -> Self {
        Self {
            id,
            org: None,
            at,
            purpose,
            outcome,
            reason: Cow::Borrowed(""),
            detail: String::new(),
            request_id: String::new(),
            source: None,
            sts_host: None,
            sts_request_id: None,
            access_key_id: None,
            caller_arn: None,
            caller_user_id: None,
            account: None,
            mapping: None,
            user: None,
            proof_hash: None,
            replayed: false,
            took_micros: 0,
        }
    }

    /// A change of an organization's that was made.
    pub fn change(id: AuditEventId, at: Timestamp, org: OrgId, name: &'static str) -> Self {
        let purpose = Purpose::Change(Cow::Borrowed(name));
        Self { org: Some(org), ..Self::new(id, at, purpose, AuditOutcome::Granted) }
    }
}
