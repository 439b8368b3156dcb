//! Times as text (RFC 3339). Numbers are microseconds since the Unix epoch, UTC.

use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// `2026-09-11T15:53:39.988682Z`: the newer half of the API.
pub fn zulu_micros(unix_micros: i64) -> String {
    let form =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    moment(unix_micros).format(form).unwrap_or_default()
}

/// `2026-09-11T15:53:39.988682+00:00`: the older half.
pub fn offset_micros(unix_micros: i64) -> String {
    let form = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]+00:00"
    );
    moment(unix_micros).format(form).unwrap_or_default()
}

/// Reads a time of either form, or of any other that RFC 3339 allows.
pub fn parse_micros(text: &str) -> Option<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000).ok()
}

/// The nearest moment that a calendar of four-digit years has.
fn moment(unix_micros: i64) -> OffsetDateTime {
    let nanos = i128::from(unix_micros) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
