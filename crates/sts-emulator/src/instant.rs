//! The three ways in which STS writes a point in time.

use auth_model::Timestamp;
use time::{
    OffsetDateTime, PrimitiveDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

/// `20220127T001427Z`, as in `X-Amz-Date` and in error messages.
pub(crate) fn basic(time: Timestamp) -> String {
    format(time, BASIC)
}

/// `2022-01-27T00:14:27Z`, as in an expiration.
pub(crate) fn extended(time: Timestamp) -> String {
    format(time, EXTENDED)
}

/// `Thu, 27 Jan 2022 00:14:27 GMT`, as in the `Date` header.
pub(crate) fn http_date(time: Timestamp) -> String {
    format(time, HTTP)
}

/// Reads the basic form: sixteen bytes, digits where digits belong, a date that exists.
pub(crate) fn parse_basic(text: &str) -> Option<Timestamp> {
    let shape = text.len() == 16
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    let parsed = PrimitiveDateTime::parse(text, BASIC).ok()?;
    Some(Timestamp::from_unix_seconds(parsed.assume_utc().unix_timestamp()))
}

/// Reads RFC 3339, any offset.
pub(crate) fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let parsed = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(Timestamp::from_unix_seconds(parsed.unix_timestamp()))
}

fn format(time: Timestamp, form: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(time.unix_seconds())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(form)
        .unwrap_or_default()
}

const BASIC: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
const EXTENDED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const HTTP: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
