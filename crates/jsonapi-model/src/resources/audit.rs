//! Audit events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The type of audit events.
pub const AUDIT: &str = "audit";

/// An audit event, in the envelope that the public service puts around its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditAttributes {
    /// RFC 3339.
    pub timestamp: String,
    /// `countersign`.
    pub service: String,
    /// What was tried and what came of it, in one line.
    pub message: String,
    /// None.
    pub tags: Vec<String>,
    /// The event.
    pub attributes: AuditDetails,
}

/// What was tried, by whom, and what came of it. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditDetails {
    /// `access_token`, `managed_key`, or the name of a change such as `role.create`.
    pub action: String,
    /// `granted`, `refused` or `failed`.
    pub outcome: String,
    /// Why, in a word; empty where it was granted, but for `fallback_reported`: whoever got the managed key says that it had used
    /// another until then.
    pub reason: String,
    /// More of why, or of what was changed.
    pub detail: String,
    /// Ties the event to the log lines of its request.
    pub request_id: String,
    /// Where the request came from.
    pub source_ip: Option<String>,
    /// Whom the credential acts as, or who made the change.
    pub user_id: Option<String>,
    /// The mapping that decided.
    pub mapping_id: Option<String>,
    /// The caller's AWS account.
    pub aws_account_id: Option<String>,
    /// Who STS says it was.
    pub caller_arn: Option<String>,
    /// STS's unique id of the principal.
    pub caller_user_id: Option<String>,
    /// The AWS access key that signed; an id, not a secret.
    pub access_key_id: Option<String>,
    /// The STS host that the proof was signed for.
    pub sts_host: Option<String>,
    /// STS's own id of its answer.
    pub sts_request_id: Option<String>,
    /// SHA-256 of the proof's signed part, in hexadecimal digits.
    pub proof_hash: Option<String>,
    /// The same proof was presented before.
    pub replayed: bool,
    /// How long it took, in microseconds.
    pub took_micros: i64,
}

/// What to search for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AuditSearch {
    /// Which events.
    pub filter: Option<AuditSearchFilter>,
    /// `timestamp` or `-timestamp`.
    pub sort: Option<String>,
    /// Which part.
    pub page: Option<AuditSearchPage>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AuditSearchFilter {
    /// Terms, all of which must hold; see the endpoint.
    pub query: Option<String>,
    /// RFC 3339, milliseconds since the Unix epoch, or `now-15m`.
    pub from: Option<String>,
    /// The same.
    pub to: Option<String>,
}

/// Which part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AuditSearchPage {
    /// `meta.page.after` of the part before.
    pub cursor: Option<String>,
    /// At most so many: 1 to 1000, 10 unless told.
    pub limit: Option<u64>,
}
