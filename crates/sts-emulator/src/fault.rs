//! Faults on demand: what an STS, a proxy or a network may do wrong, as data.

mod active;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use active::{FaultSet, Subject};

/// A fault, whom it strikes, and how often.
///
/// In JSON the fields of the kind stand beside the others:
/// `{"kind": "latency", "millis": 200, "account": "123456789012", "count": 3}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many requests it strikes before it is gone; every one if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Strikes only requests signed with a key of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Strikes only requests that name this access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Strikes only this action, such as `GetCallerIdentity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

/// What goes wrong. Several faults that strike one request all take effect, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer comes late.
    Latency {
        /// Milliseconds.
        millis: u64,
        /// Up to so many milliseconds more, differently each time.
        #[serde(default)]
        jitter_millis: u64,
    },
    /// The connection is reset (TCP RST) instead of an answer.
    Reset {},
    /// The body ends early, though `Content-Length` promised all of it.
    Truncate {
        /// How much of it is sent.
        after_bytes: usize,
    },
    /// The body comes in small pieces.
    Drip {
        /// Milliseconds before each piece.
        pause_millis: u64,
        /// Bytes in a piece.
        #[serde(default = "one")]
        bytes: usize,
    },
    /// Another place to ask.
    Redirect {
        /// The `Location` header.
        location: String,
        /// Such as 302 or 307.
        #[serde(default = "found")]
        status: u16,
    },
    /// The right body under a wrong content type.
    ContentType {
        /// The `Content-Type` header.
        value: String,
    },
    /// A web page, as a proxy or a captive portal sends.
    Html {
        /// The status with it.
        #[serde(default = "ok")]
        status: u16,
    },
    /// The right body and white space after it: still well formed, and long.
    Oversized {
        /// Length of the whole body, at most 64 MiB.
        bytes: usize,
    },
    /// Every field of the result stands twice.
    DuplicateFields {},
    /// Another XML namespace.
    WrongNamespace {
        /// Which.
        #[serde(default = "wrong_namespace")]
        namespace: String,
    },
    /// The body in gzip with `Content-Encoding: gzip`, asked for or not.
    Gzip {},
    /// `Throttling`: always, or beyond a rate.
    Throttle {
        /// How many requests pass each second; none if left out.
        #[serde(default)]
        per_second: Option<u32>,
        /// Whether each account has that rate for itself.
        #[serde(default)]
        per_account: bool,
    },
    /// An error of the service: 500 `InternalFailure`, or 503 `ServiceUnavailable`.
    ServerError {
        /// From 500 to 599.
        #[serde(default = "unavailable")]
        status: u16,
    },
    /// Any error, in STS's form.
    Error {
        /// HTTP status.
        status: u16,
        /// Such as `ExpiredToken`.
        code: String,
        /// The text.
        #[serde(default)]
        message: String,
    },
    /// The last good answer again, whoever it was for, as a broken cache sends.
    Stale {},
    /// GetCallerIdentity names another principal.
    OtherPrincipal {
        /// The `Arn` field.
        arn: String,
        /// The `UserId` field.
        user_id: String,
        /// The `Account` field.
        account_id: String,
    },
    /// An answer of your own making.
    Answer {
        /// HTTP status.
        status: u16,
        /// The `Content-Type` header.
        content_type: String,
        /// The body.
        body: String,
    },
}

impl Fault {
    /// Strikes every request.
    #[must_use]
    pub fn always(kind: FaultKind) -> Self {
        Self { kind, count: None, account: None, access_key_id: None, action: None }
    }

    /// Strikes the next `count` requests.
    #[must_use]
    pub fn times(count: u64, kind: FaultKind) -> Self {
        Self { count: Some(count), ..Self::always(kind) }
    }

    /// The same, only for keys of this account.
    #[must_use]
    pub fn for_account(self, account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    /// The same, only for this access key.
    #[must_use]
    pub fn for_access_key(self, access_key_id: impl Into<String>) -> Self {
        Self { access_key_id: Some(access_key_id.into()), ..self }
    }

    fn check(self) -> Result<Self, String> {
        let status = match &self.kind {
            FaultKind::Redirect { status, .. }
            | FaultKind::Html { status }
            | FaultKind::Error { status, .. }
            | FaultKind::Answer { status, .. } => Some(*status),
            FaultKind::ServerError { status } if !(500..=599).contains(status) => {
                return Err(format!("`status` {status} is not a server error: use 500 to 599"));
            }
            FaultKind::Oversized { bytes } if *bytes > MAX_OVERSIZED => {
                return Err(format!("`bytes` is at most {MAX_OVERSIZED}"));
            }
            _ => None,
        };
        match status {
            Some(status) if !(200..=599).contains(&status) => {
                Err(format!("`status` {status} cannot be sent: use 200 to 599"))
            }
            _ if self.count == Some(0) => {
                Err("`count` 0 strikes nothing: leave the fault out".to_owned())
            }
            _ => Ok(self),
        }
    }
}

/// Takes the filters out and leaves the rest to the kind, so that an unknown field is an error
/// (flattening alone would ignore it).
impl TryFrom<Map<String, Value>> for Fault {
    type Error = String;

    fn try_from(mut fields: Map<String, Value>) -> Result<Self, String> {
        let count = match fields.remove("count") {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.as_u64().ok_or("`count` must be a whole number")?),
        };
        let mut text = |name: &str| match fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` must be a string")),
        };
        let account = text("account")?;
        let (access_key_id, action) = (text("access_key_id")?, text("action")?);
        let kind =
            serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
        Self { kind, count, account, access_key_id, action }.check()
    }
}

const fn one() -> usize {
    1
}

const fn ok() -> u16 {
    200
}

const fn found() -> u16 {
    302
}

const fn unavailable() -> u16 {
    503
}

fn wrong_namespace() -> String {
    "https://sts.example.com/doc/2011-06-15/".to_owned()
}

/// Longest body that a fault makes.
const MAX_OVERSIZED: usize = 64 * 1024 * 1024;
