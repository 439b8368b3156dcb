//! The language that audit events are searched in.
//!
//! Terms stand side by side, and an event must meet all of them. A term is a word or a `"phrase"`, found in any case anywhere in the
//! event's action, reason, detail or caller ARN; or `field:value`, where the value is all of the field, or its beginning if it ends in `*`.
//! A `-` before a term turns it round. Fields: `action`, `outcome`, `reason`, `user`, `mapping`, `account`, `arn`, `access_key`, `ip`,
//! `request`.

use std::time::Duration;

use auth_model::{AuditEvent, Timestamp};

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditTerms(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    negated: bool,
    /// Empty for a word that may stand anywhere.
    field: &'static str,
    value: String,
    prefix: bool,
}

/// What is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("there is no field `{field}`; the fields are `{known}`", field = .0, known = FIELDS.join("`, `"))]
    Field(String),
    #[error("a `\"` is not closed")]
    Quote,
    #[error("a query has at most {MAX_TERMS} terms")]
    TooMany,
}

const FIELDS: &[&str] = &[
    "action",
    "outcome",
    "reason",
    "user",
    "mapping",
    "account",
    "arn",
    "access_key",
    "ip",
    "request",
];
const MAX_TERMS: usize = 20;

impl AuditTerms {
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut terms = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            if terms.len() == MAX_TERMS {
                return Err(QueryError::TooMany);
            }
            let (term, after) = term(rest)?;
            terms.extend(term);
            rest = after.trim_start();
        }
        Ok(Self(terms))
    }

    /// Whether every event meets it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn meet(&self, event: &AuditEvent) -> bool {
        self.0.iter().all(|term| term.holds(event) != term.negated)
    }
}

/// The first term, and what follows it. `*` alone asks for nothing.
fn term(text: &str) -> Result<(Option<Term>, &str), QueryError> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let word_end = text.find([' ', ':', '"']).unwrap_or(text.len());
    let (field, text) = match text.split_at_checked(word_end) {
        Some((name, rest)) if rest.starts_with(':') => {
            let known = FIELDS.iter().find(|known| **known == name);
            let field = known.ok_or_else(|| QueryError::Field(name.chars().take(32).collect()))?;
            (*field, rest.trim_start_matches(':'))
        }
        _ => ("", text),
    };
    let (value, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(QueryError::Quote)?,
        None => text.split_once(' ').unwrap_or((text, "")),
    };
    let (value, prefix) = match value.strip_suffix('*') {
        Some(value) => (value, true),
        None => (value, false),
    };
    let asks = !field.is_empty() || !value.is_empty();
    let term = Term { negated, field, value: value.to_lowercase(), prefix };
    Ok((asks.then_some(term), rest))
}

impl Term {
    fn holds(&self, event: &AuditEvent) -> bool {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match self.field {
            "" => [event.purpose.as_str(), &event.reason, &event.detail]
                .into_iter()
                .chain(event.caller_arn.as_deref())
                .any(|text| text.to_lowercase().contains(&self.value)),
            "action" => self.is(event.purpose.as_str()),
            "outcome" => self.is(event.outcome.as_str()),
            "reason" => self.is(&event.reason),
            "user" => self.is(&id(event.user)),
            "mapping" => self.is(&id(event.mapping)),
            "account" => self.is(&id(event.account)),
            "arn" => self.is(&text(&event.caller_arn)),
            "access_key" => self.is(&text(&event.access_key_id)),
            "ip" => self.is(&id(event.source)),
            _ => self.is(&event.request_id),
        }
    }

    fn is(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        if self.prefix { text.starts_with(&self.value) } else { text == self.value }
    }
}

fn id(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A time: RFC 3339, milliseconds since the Unix epoch, `now`, or `now-15m` (`s`, `m`, `h`, `d`, `w`).
pub(crate) fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(back) = text.strip_prefix("now") {
        if back.is_empty() {
            return Some(now);
        }
        let back = back.strip_prefix('-')?;
        let unit = back.chars().last()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let count: u64 = back.strip_suffix(unit)?.parse().ok()?;
        return Some(now.minus(Duration::from_secs(count.checked_mul(seconds)?)));
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let millis: i64 = text.parse().ok()?;
        return millis.checked_mul(1_000).map(Timestamp::from_unix_micros);
    }
    crate::list::moment(text)
}

#[cfg(test)]
mod tests {
    use auth_model::{AuditEventId, AuditOutcome, Clock, ManualClock, OsRandomness, Purpose};

    use super::*;

    fn event() -> AuditEvent {
        let clock = ManualClock::default();
        let id = AuditEventId::new(&clock, &OsRandomness).unwrap();
        let purpose = Purpose::Change("role.create".into());
        let mut event = AuditEvent::new(id, clock.now(), purpose, AuditOutcome::Refused);
        event.reason = "conflict".into();
        event.detail = "role `Deploy to Prod`".to_owned();
        event.source = Some([192, 0, 2, 1].into());
        event
    }

    #[test]
    fn terms_are_all_met_or_the_event_is_left_out() {
        #[rustfmt::skip]
        let cases = [
            ("",                                      true),
            ("*",                                     true),
            ("deploy",                                true),
            ("DEPLOY prod",                           true),
            ("\"deploy to prod\"",                    true),
            ("\"to deploy\"",                         false),
            ("action:role.create",                    true),
            ("action:role",                           false),
            ("action:role.*",                         true),
            ("action:role.* outcome:refused",         true),
            ("action:role.* -outcome:refused",        false),
            ("-action:user.*",                        true),
            ("ip:192.0.2.1",                          true),
            ("user:*",                                true),
            ("user:\"\"",                             true),
            ("mapping:x",                             false),
            ("-deploy",                               false),
        ];
        for (query, expected) in cases {
            assert_eq!(AuditTerms::parse(query).unwrap().meet(&event()), expected, "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_said_so() {
        assert_eq!(AuditTerms::parse("colour:red"), Err(QueryError::Field("colour".to_owned())));
        assert_eq!(AuditTerms::parse("a \"b"), Err(QueryError::Quote));
        assert_eq!(AuditTerms::parse(&"a ".repeat(21)), Err(QueryError::TooMany));
    }

    #[test]
    fn moments_come_in_three_forms() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        let at = |seconds| Some(Timestamp::from_unix_seconds(seconds));
        #[rustfmt::skip]
        let cases = [
            ("now",                   at(1_000_000)),
            ("now-15m",               at(1_000_000 - 900)),
            ("now-2d",                at(1_000_000 - 172_800)),
            ("1000",                  at(1)),
            ("1970-01-01T00:00:09Z",  at(9)),
            ("now-",                  None),
            ("now-5y",                None),
            ("now-é",                 None),
            ("yesterday",             None),
            ("99999999999999999999",  None),
        ];
        for (text, expected) in cases {
            assert_eq!(moment(text, now), expected, "{text}");
        }
    }
}
