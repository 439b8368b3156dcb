//! AWS's rules for names and ids, each with the words that a caller is told.

use arn_pattern::{AccountId, Partition};
use auth_model::Timestamp;

use crate::{fixture::FixtureError, instant};

pub(super) fn account(text: &str) -> Result<AccountId, FixtureError> {
    text.parse().map_err(|_| invalid("account", text, "twelve digits, such as `123456789012`"))
}

pub(super) fn partition(text: &str) -> Result<Partition, FixtureError> {
    text.parse().map_err(|_| {
        invalid("partition", text, "one of AWS's partitions, such as `aws` or `aws-us-gov`")
    })
}

pub(super) fn path(text: Option<&str>) -> Result<String, FixtureError> {
    let text = text.unwrap_or("/");
    let fits = text.starts_with('/')
        && text.ends_with('/')
        && text.len() <= 512
        && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    fits.then(|| text.to_owned()).ok_or_else(|| {
        invalid("path", text, "begin and end it with `/`, at most 512 visible ASCII characters")
    })
}

/// A user's or a role's name.
pub(super) fn name(field: &'static str, text: &str) -> Result<(), FixtureError> {
    let rule = "1 to 64 of letters, digits and `_+=,.@-`";
    named(text, 1, 64).then_some(()).ok_or_else(|| invalid(field, text, rule))
}

pub(super) fn session(text: &str) -> Result<(), FixtureError> {
    let rule = "2 to 64 of letters, digits and `_+=,.@-`";
    named(text, 2, 64).then_some(()).ok_or_else(|| invalid("session name", text, rule))
}

pub(super) fn federated(text: &str) -> Result<(), FixtureError> {
    let rule = "2 to 32 of letters, digits and `_+=,.@-`";
    named(text, 2, 32).then_some(()).ok_or_else(|| invalid("federated user name", text, rule))
}

pub(super) fn access_key_id(text: &str) -> Result<(), FixtureError> {
    let fits = (16..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then_some(()).ok_or_else(|| {
        invalid("access_key_id", text, "16 to 128 letters, digits and `_`, such as `AKIA…`")
    })
}

pub(super) fn session_seconds(seconds: Option<u32>) -> Result<u32, FixtureError> {
    let seconds = seconds.unwrap_or(3600);
    (3600..=43200).contains(&seconds).then_some(seconds).ok_or_else(|| {
        invalid("max_session_seconds", &seconds.to_string(), "between 3600 and 43200")
    })
}

pub(super) fn expiry(text: Option<&str>) -> Result<Option<Timestamp>, FixtureError> {
    let Some(text) = text else { return Ok(None) };
    let rule = "RFC 3339, such as `2026-08-05T12:34:56Z`";
    instant::parse_rfc3339(text).map(Some).ok_or_else(|| invalid("expires", text, rule))
}

fn named(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && is_name(text)
}

/// Whether all characters are in `[\w+=,.@-]`.
pub(crate) fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn invalid(field: &'static str, value: &str, rule: &'static str) -> FixtureError {
    FixtureError::Invalid { field, value: value.to_owned(), rule }
}
