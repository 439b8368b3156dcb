//! What a caller says of itself beside its proof. Nothing vouches for it, and nothing is decided by it.

use std::time::Duration;

use auth_model::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Since when the caller had used a fallback key, for want of a managed one: its own word, read strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallbackReport(Timestamp);

impl FallbackReport {
    /// Reads whole seconds since the Unix epoch: digits and nothing else, no more than 400 days before `now`, and no more than
    /// `leeway` after it. Anything else is `None`, for a key is worth more than a report.
    pub fn read(text: &[u8], now: Timestamp, leeway: Duration) -> Option<Self> {
        if !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let since = Timestamp::from_unix_seconds(str::from_utf8(text).ok()?.parse().ok()?);
        (now.minus(OLDEST)..=now.plus(leeway)).contains(&since).then_some(Self(since))
    }

    /// Since when.
    pub fn since(self) -> Timestamp {
        self.0
    }

    /// For the people who read the audit log.
    pub(crate) fn detail(self) -> String {
        let since = OffsetDateTime::from_unix_timestamp(self.0.unix_seconds()).ok();
        let since = since.and_then(|since| since.format(&Rfc3339).ok()).unwrap_or_default();
        format!("a fallback key was in use since {since}, as reported by the caller")
    }
}

/// The reason's word in the audit log.
pub(crate) const FALLBACK_REPORTED: &str = "fallback_reported";
const OLDEST: Duration = Duration::from_secs(400 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_784_894_400;

    #[test]
    fn reports_are_read_strictly() {
        #[rustfmt::skip]
        let cases = [
            ("now",                  "1784894400",           Some(0)),
            ("an hour ago",          "1784890800",           Some(-3_600)),
            ("within the leeway",    "1784894460",           Some(60)),
            ("beyond the leeway",    "1784894461",           None),
            ("400 days ago",         "1750334400",           Some(-400 * 86_400)),
            ("longer ago",           "1750334399",           None),
            ("the epoch",            "0",                    None),
            ("nothing",              "",                     None),
            ("a sign",               "+1784894400",          None),
            ("negative",             "-1784894400",          None),
            ("a fraction",           "1784894400.5",         None),
            ("a space",              " 1784894400",          None),
            ("two values",           "1784894400, 1",        None),
            ("hexadecimal",          "0x6a635480",           None),
            ("a date",               "2026-07-24T12:00:00Z", None),
            ("digits not of ASCII",  "１784894400",          None),
            ("milliseconds",         "1784894400000",        None),
            ("more than fits",       "99999999999999999999", None),
        ];
        let now = Timestamp::from_unix_seconds(NOW);
        for (rule, text, expected) in cases {
            let read = FallbackReport::read(text.as_bytes(), now, Duration::from_secs(60));
            let since = read.map(|report| report.since().unix_seconds() - NOW);
            assert_eq!(since, expected, "{rule}");
        }
    }

    #[test]
    fn the_detail_says_when_and_whose_word_it_is() {
        let report = FallbackReport(Timestamp::from_unix_seconds(NOW));
        let expected =
            "a fallback key was in use since 2026-07-24T12:00:00Z, as reported by the caller";
        assert_eq!(report.detail(), expected);
    }
}
