//! Times as SAML writes them: `xs:dateTime` with a zone.

use auth_model::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The time that a text says, if it says one with its zone.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text.trim_ascii(), &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000))
        .ok()
        .map(Timestamp::from_unix_micros)
}

/// In whole seconds and UTC.
pub(crate) fn format(time: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(time.unix_seconds()).ok()?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn a_time_has_a_zone() {
        #[rustfmt::skip]
        let cases = [
            ("utc",              "2026-11-26T14:53:09Z",          Some(1_795_704_789_000_000)),
            ("fraction",         "2026-11-26T14:53:09.432Z",      Some(1_795_704_789_432_000)),
            ("other zone",       "2026-11-26T16:53:09+02:00",     Some(1_795_704_789_000_000)),
            ("spaces around",    " 2026-11-26T14:53:09Z\n",       Some(1_795_704_789_000_000)),
            ("no zone",          "2026-11-26T14:53:09",           None),
            ("date only",        "2026-11-26",                    None),
            ("no such day",      "2026-02-30T00:00:00Z",          None),
            ("far year",         "12026-11-26T14:53:09Z",         None),
            ("empty",            "",                              None),
        ];
        for (rule, text, expected) in cases {
            assert_eq!(parse(text).map(auth_model::Timestamp::unix_micros), expected, "{rule}");
        }
        assert_eq!(
            format(parse("2026-11-26T16:53:09.9+02:00").unwrap()).unwrap(),
            "2026-11-26T14:53:09Z"
        );
    }
}
