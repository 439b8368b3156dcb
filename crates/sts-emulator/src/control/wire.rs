//! The JSON of the control API.

use auth_model::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clock::ClockSetting, directory::Credentials, fault::Fault, instant, principal::Principal,
    verify::AccessKey,
};

/// `{"faults": […]}`, or the list alone.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl TryFrom<Value> for Faults {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let list = match value {
            Value::Array(list) => list,
            Value::Object(mut fields) if fields.len() == 1 => match fields.remove("faults") {
                Some(Value::Array(list)) => list,
                _ => return Err("`faults` must be a list".to_owned()),
            },
            _ => return Err("there must be one field, `faults`".to_owned()),
        };
        let read = |(at, fault)| {
            serde_json::from_value(fault).map_err(|error| format!("fault {}: {error}", at + 1))
        };
        list.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// One of the three settings of the clock.
#[derive(Deserialize)]
#[serde(try_from = "ClockFields")]
pub(super) struct Clock(pub(super) ClockSetting);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockFields {
    fixed: Option<String>,
    offset_seconds: Option<i64>,
    real: Option<bool>,
}

impl TryFrom<ClockFields> for Clock {
    type Error = String;

    fn try_from(fields: ClockFields) -> Result<Self, String> {
        match (fields.fixed, fields.offset_seconds, fields.real) {
            (Some(text), None, None) => instant::parse_rfc3339(&text)
                .map(|time| Self(ClockSetting::Fixed(time)))
                .ok_or_else(|| format!("`fixed` is `{text}`, which is not RFC 3339")),
            (None, Some(seconds), None) => Ok(Self(ClockSetting::Offset(seconds))),
            (None, None, Some(true)) => Ok(Self(ClockSetting::Real)),
            _ => Err("there must be one of `fixed`, `offset_seconds` and `real: true`".to_owned()),
        }
    }
}

/// A key without its secrets.
pub(super) fn key((key, owner): &(AccessKey, Principal)) -> Value {
    json!({
        "access_key_id": key.id,
        "active": key.active,
        "temporary": key.session_token.is_some(),
        "expires": key.expires.map(instant::extended),
        "account": owner.account.as_str(),
        "arn": owner.arn(),
        "user_id": owner.user_id(),
    })
}

/// Credentials for their owner: with the secrets.
pub(super) fn credentials(made: &Credentials) -> Value {
    json!({
        "access_key_id": made.access_key_id,
        "secret_access_key": made.secret_access_key.expose_secret(),
        "session_token": made.session_token.as_ref().map(|token| token.expose_secret()),
        "expires": made.expires.map(instant::extended),
        "account": made.principal.account.as_str(),
        "arn": made.principal.arn(),
        "user_id": made.principal.user_id(),
    })
}

pub(super) const FAULTS: &str = r#"`{"faults": [{"kind": "latency", "millis": 200, "count": 3}]}`"#;
pub(super) const CLOCK: &str = r#"`{"fixed": "2026-08-05T12:34:56Z"}`"#;
pub(super) const CREDENTIALS: &str =
    r#"`{"account": "123456789012", "principal": {"session": {"role": "ci", "name": "build-7"}}}`"#;
pub(super) const FIXTURE: &str = r#"`{"accounts": [{"id": "123456789012", "roles": [{"name": "ci", "sessions": [{"name": "build-7"}]}]}]}`"#;
