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
    /// Why, in a word such as `no_mapping` or `replayed`; stable, for programs. Empty for `Granted`, but for
    /// `fallback_reported`: whoever got the managed key says that it had used another until then.
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

    /// The event as bytes that say all of it and nothing else, the same for the same event: what the chain of the log is
    /// made of (`mapping_store::backend::chain_hash`). Each field in order, as its length in 8 bytes (big-endian) and its bytes;
    /// an absent one as the length 2^64 - 1.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Canonical(b"countersign audit event 1".to_vec());
        bytes.field(self.id.0.as_bytes());
        bytes.optional(self.org.as_ref().map(|org| org.0.as_bytes().as_slice()));
        bytes.field(&self.at.unix_micros().to_be_bytes());
        bytes.field(self.purpose.as_str().as_bytes());
        bytes.field(self.outcome.as_str().as_bytes());
        bytes.field(self.reason.as_bytes());
        bytes.field(self.detail.as_bytes());
        bytes.field(self.request_id.as_bytes());
        let source = self.source.map(|source| source.to_string());
        for text in
            [&source, &self.sts_host, &self.sts_request_id, &self.access_key_id, &self.caller_arn]
        {
            bytes.optional(text.as_ref().map(String::as_bytes));
        }
        bytes.optional(self.caller_user_id.as_ref().map(String::as_bytes));
        bytes.optional(self.account.as_ref().map(|account| account.as_str().as_bytes()));
        bytes.optional(self.mapping.as_ref().map(|mapping| mapping.0.as_bytes().as_slice()));
        bytes.optional(self.user.as_ref().map(|user| user.0.as_bytes().as_slice()));
        bytes.optional(self.proof_hash.as_ref().map(<[u8; 32]>::as_slice));
        bytes.field(&[u8::from(self.replayed)]);
        bytes.field(&self.took_micros.to_be_bytes());
        bytes.0
    }

    /// A change of an organization's that was made.
    pub fn change(id: AuditEventId, at: Timestamp, org: OrgId, name: &'static str) -> Self {
        let purpose = Purpose::Change(Cow::Borrowed(name));
        Self { org: Some(org), ..Self::new(id, at, purpose, AuditOutcome::Granted) }
    }
}

/// Fields that can't run into each other.
struct Canonical(Vec<u8>);

impl Canonical {
    fn field(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.field(bytes),
            None => self.0.extend_from_slice(&u64::MAX.to_be_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut AuditEvent);

    #[test]
    fn every_field_is_part_of_the_canonical_form() {
        let uuid = uuid::Uuid::from_bytes([7; 16]);
        let plain = AuditEvent::new(
            AuditEventId(uuid),
            Timestamp::from_unix_seconds(1),
            Purpose::AccessToken,
            AuditOutcome::Granted,
        );
        let changes: [(&str, Change); 20] = [
            ("id", |e| e.id = AuditEventId(uuid::Uuid::nil())),
            ("org", |e| e.org = Some(OrgId(uuid::Uuid::nil()))),
            ("at", |e| e.at = Timestamp::from_unix_seconds(2)),
            ("purpose", |e| e.purpose = Purpose::ManagedKey),
            ("outcome", |e| e.outcome = AuditOutcome::Failed),
            ("reason", |e| e.reason = "r".into()),
            ("detail", |e| e.detail = "d".to_owned()),
            ("request id", |e| e.request_id = "q".to_owned()),
            ("source", |e| e.source = Some([1, 2, 3, 4].into())),
            ("host", |e| e.sts_host = Some("h".to_owned())),
            ("STS request id", |e| e.sts_request_id = Some("h".to_owned())),
            ("access key id", |e| e.access_key_id = Some("h".to_owned())),
            ("caller ARN", |e| e.caller_arn = Some("h".to_owned())),
            ("caller user id", |e| e.caller_user_id = Some("h".to_owned())),
            ("account", |e| e.account = Some("123456789012".parse().unwrap())),
            ("mapping", |e| e.mapping = Some(MappingId(uuid::Uuid::nil()))),
            ("user", |e| e.user = Some(UserId(uuid::Uuid::nil()))),
            ("proof hash", |e| e.proof_hash = Some([0; 32])),
            ("replayed", |e| e.replayed = true),
            ("took", |e| e.took_micros = 1),
        ];
        let mut seen = std::collections::BTreeSet::from([plain.canonical()]);
        for (field, change) in changes {
            let mut event = plain.clone();
            change(&mut event);
            assert!(seen.insert(event.canonical()), "{field}");
        }
    }
}
