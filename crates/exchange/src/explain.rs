//! Why an ARN is mapped to what it is, or to nothing: the same decision as an exchange, with its reasons.

use std::cmp::Reverse;

use arn_pattern::{ArnPattern, CallerArn, Field, Mismatch, PatternRules};
use auth_model::{IntakeMapping, MappingId, OrgId, PersonaMapping, Timestamp, UserId};
use mapping_store::{Store, StoreError};

use crate::choice::in_force;

/// For one ARN, what each kind of mapping would do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the ARN's account and partition are integrated. Without that no mapping counts.
    pub account_integrated: bool,
    /// Access tokens.
    pub persona: KindExplanation,
    /// The managed API key.
    pub intake: KindExplanation,
}

/// What the mappings of one kind would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindExplanation {
    /// The mapping that would win, if any matches. A credential comes of it if `refused` is `None`.
    pub winner: Option<Explained>,
    /// Why an exchange would be refused all the same, or altogether; says what to change.
    pub refused: Option<String>,
    /// The others that match, most specific first.
    pub matched: Vec<Explained>,
    /// Those that nearly match, nearest first; at most [`MAX_NEAR`].
    pub near: Vec<NearMiss>,
}

/// A mapping that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The mapping.
    pub mapping: MappingId,
    /// Its pattern.
    pub pattern: String,
    /// Whom it leads to, for a persona mapping.
    pub target: Option<UserId>,
    /// Why it wins or loses.
    pub reason: String,
}

/// A mapping that does not match, but nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The mapping.
    pub mapping: MappingId,
    /// Its pattern.
    pub pattern: String,
    /// Whom it leads to, for a persona mapping.
    pub target: Option<UserId>,
    /// The first difference, and the edit that would make it match.
    pub mismatch: Mismatch,
}

/// More near misses than anybody reads.
pub const MAX_NEAR: usize = 10;

/// What both kinds of mapping have, as far as this decision goes.
struct Row {
    mapping: MappingId,
    pattern: ArnPattern,
    created_at: Timestamp,
    target: Option<UserId>,
}

impl From<PersonaMapping> for Row {
    fn from(m: PersonaMapping) -> Self {
        let PersonaMapping { id, pattern, target, created_at, .. } = m;
        Self { mapping: id, pattern, created_at, target: Some(target) }
    }
}

impl From<IntakeMapping> for Row {
    fn from(m: IntakeMapping) -> Self {
        let IntakeMapping { id, pattern, created_at, .. } = m;
        Self { mapping: id, pattern, created_at, target: None }
    }
}

/// Explains what an exchange by this caller would come to. Reads all mappings of the organization: a question
/// of a person, not of a workload.
pub async fn explain(
    store: &dyn Store,
    org: OrgId,
    caller: &CallerArn,
    rules: &PatternRules,
) -> Result<Explanation, StoreError> {
    let accounts = store.aws_accounts(org, Some(caller.account())).await?;
    let account_integrated = accounts.iter().any(|a| a.partition == caller.partition());
    let personas = store.persona_mappings(org).await?.into_iter().map(Row::from).collect();
    let intakes = store.intake_mappings(org).await?.into_iter().map(Row::from).collect();
    let mut persona = of_kind(personas, caller, rules);
    let mut intake = of_kind(intakes, caller, rules);
    if let Some(target) = persona.winner.as_ref().and_then(|w| w.target)
        && store.user(org, target).await?.is_none_or(|user| user.disabled)
    {
        persona.refused =
            Some("its target is disabled: enable it, or map the ARN to another".to_owned());
    }
    if !account_integrated {
        let reason = format!(
            "AWS account {} of partition {} is not integrated with the organization: add it first",
            caller.account(),
            caller.partition()
        );
        persona.refused = Some(reason.clone());
        intake.refused = Some(reason);
    }
    Ok(Explanation { account_integrated, persona, intake })
}

fn of_kind(rows: Vec<Row>, caller: &CallerArn, rules: &PatternRules) -> KindExplanation {
    let (mut matching, others): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|row| in_force(&row.pattern, rules, caller));
    matching.sort_by_key(|row| {
        Reverse((row.pattern.specificity(), Reverse(row.created_at), Reverse(row.mapping)))
    });
    let mut matching = matching.into_iter();
    let winner = matching.next();
    let matched = matching
        .map(|row| {
            let reason = winner.as_ref().map_or("", |w| {
                if w.pattern.specificity() > row.pattern.specificity() {
                    "matches, but a more specific pattern wins"
                } else {
                    "matches as specifically, but an older mapping wins"
                }
            });
            explained(row, reason)
        })
        .collect();
    let refused = winner.is_none().then(|| {
        "no mapping matches: create one, or change one of those that nearly match".to_owned()
    });
    KindExplanation {
        winner: winner.map(|row| explained(row, "the most specific pattern that matches")),
        refused,
        matched,
        near: near_misses(others, caller),
    }
}

fn explained(row: Row, reason: &str) -> Explained {
    let Row { mapping, pattern, target, .. } = row;
    Explained { mapping, pattern: pattern.as_str().to_owned(), target, reason: reason.to_owned() }
}

fn near_misses(rows: Vec<Row>, caller: &CallerArn) -> Vec<NearMiss> {
    let mut near: Vec<(u8, NearMiss)> = rows
        .into_iter()
        .filter_map(|row| {
            let mismatch = row.pattern.explain(caller).err()?;
            let distance = distance(&row.pattern, &mismatch)?;
            let Row { mapping, pattern, target, .. } = row;
            let pattern = pattern.as_str().to_owned();
            Some((distance, NearMiss { mapping, pattern, target, mismatch }))
        })
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MAX_NEAR).map(|(_, miss)| miss).collect()
}

/// How far off a pattern is: the session or the user's name only, then the account only, then a name that looks alike.
/// `None` is not near.
fn distance(pattern: &ArnPattern, mismatch: &Mismatch) -> Option<u8> {
    match mismatch.field {
        Field::Session | Field::User => Some(0),
        Field::Account | Field::Partition => {
            let same = mismatch.edit.as_deref().map(resource) == Some(resource(pattern.as_str()));
            same.then_some(1)
        }
        Field::Role | Field::UserPath | Field::FederatedUser => {
            alike(&mismatch.expected, &mismatch.found).then_some(2)
        }
        _ => None,
    }
}

/// What stands behind the fifth colon.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap_or_default()
}

/// Names that a person might have meant to be the same: but for case, by a part left out, or two slips.
fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let holds = |long: &str, short: &str| short.len() >= 3 && long.contains(short);
    a == b || holds(&a, &b) || holds(&b, &a) || slips(a.as_bytes(), b.as_bytes()) <= 2
}

/// The Levenshtein distance. Names are 64 bytes at most, so the square of that bounds the cost.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike() {
        #[rustfmt::skip]
        let cases = [
            ("case",            "TerraformRunner",  "terraformrunner",  true),
            ("one slip",        "teraform-runner",  "terraform-runner", true),
            ("a part",          "terraform",        "terraform-runner", true),
            ("something else",  "admin",            "terraform-runner", false),
        ];
        for (rule, a, b, expected) in cases {
            assert_eq!(alike(a, b), expected, "{rule}");
        }
        assert_eq!(slips(b"kitten", b"sitting"), 3);
        assert_eq!(slips(b"", b"abc"), 3);
    }
}
