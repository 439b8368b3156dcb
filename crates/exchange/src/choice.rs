//! The decision: which of the candidate mappings wins, or why none does.

use std::cmp::Reverse;

use arn_pattern::{ArnPattern, CallerArn, PatternRules};
use mapping_store::{Candidate, Resolution};

/// Why a verified caller gets nothing. For the audit; strangers are not told which it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMapping {
    /// There is no organization of the id that the proof was signed for.
    UnknownOrganization,
    /// The organization is disabled.
    DisabledOrganization,
    /// The caller's AWS account is not integrated with the organization.
    AccountNotIntegrated,
    /// No mapping matches.
    Unmapped,
    /// The most specific mapping leads to a user who is disabled.
    DisabledTarget,
}

impl NoMapping {
    /// A stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownOrganization => "unknown_organization",
            Self::DisabledOrganization => "disabled_organization",
            Self::AccountNotIntegrated => "account_not_integrated",
            Self::Unmapped => "no_mapping",
            Self::DisabledTarget => "disabled_target",
        }
    }
}

/// The mapping that decides for this caller: the most specific of those that match; of equals the oldest, then the lower id.
///
/// A disabled target is refused rather than passed over, so that disabling a user never hands its callers to somebody else.
/// Patterns are read by the rules in force: one that they would refuse today leads nowhere, whenever it was written.
pub fn choose(
    resolution: Resolution,
    caller: &CallerArn,
    rules: &PatternRules,
) -> Result<Candidate, NoMapping> {
    match &resolution.organization {
        None => return Err(NoMapping::UnknownOrganization),
        Some(organization) if organization.disabled => {
            return Err(NoMapping::DisabledOrganization);
        }
        Some(_) => {}
    }
    if !resolution.account_integrated {
        return Err(NoMapping::AccountNotIntegrated);
    }
    let matching =
        resolution.candidates.into_iter().filter(|c| in_force(&c.pattern, rules, caller));
    let winner = matching
        .max_by_key(|c| (c.pattern.specificity(), Reverse(c.created_at), Reverse(c.mapping)))
        .ok_or(NoMapping::Unmapped)?;
    match winner.target {
        Some(target) if target.disabled => Err(NoMapping::DisabledTarget),
        _ => Ok(winner),
    }
}

/// Whether the pattern, as these rules read it, matches.
pub(crate) fn in_force(pattern: &ArnPattern, rules: &PatternRules, caller: &CallerArn) -> bool {
    ArnPattern::parse(pattern.as_str(), rules).is_ok_and(|pattern| pattern.matches(caller))
}
