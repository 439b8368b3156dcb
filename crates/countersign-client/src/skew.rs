//! How far this machine's clock is from the server's.

use std::time::Duration;

use auth_model::Timestamp;
use reqwest::header::{DATE, HeaderMap};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// This machine's clock minus the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skew {
    pub(crate) by: Duration,
    pub(crate) ahead: bool,
}

impl Skew {
    /// From the `Date` header of an answer that has just arrived (RFC 9110 §6.6.1).
    ///
    /// `None` where there is none, or where the difference is within what seconds and the way here explain.
    pub(crate) fn measure(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let text = headers.get(DATE)?.to_str().ok()?;
        let there = OffsetDateTime::parse(text, &Rfc2822).ok()?.unix_timestamp();
        let there = Timestamp::from_unix_seconds(there);
        let ahead = now > there;
        let by = if ahead { now.since(there) } else { there.since(now) };
        (by > TOLERANCE).then_some(Self { by, ahead })
    }

    /// A time of the server's clock, told by this machine's.
    pub(crate) fn to_local(self, there: Timestamp) -> Timestamp {
        if self.ahead { there.plus(self.by) } else { there.minus(self.by) }
    }

    /// Whether it explains that a server refused a date.
    pub(crate) fn explains(self, messages: &[String]) -> bool {
        self.by >= WORTH_NAMING
            && messages.iter().any(|message| {
                let message = message.to_ascii_lowercase();
                FRESHNESS.iter().any(|word| message.contains(word))
            })
    }
}

const TOLERANCE: Duration = Duration::from_secs(2);

/// No server refuses less.
const WORTH_NAMING: Duration = Duration::from_secs(30);

/// Words of errors about a proof's date: ours, and those of STS.
const FRESHNESS: &[&str] = &["clock", "signature expired", "not yet current", "too old", "s ago"];
