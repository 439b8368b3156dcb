//! Why an ARN is mapped to what it is, or to nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The type of [`Explanation`]; the document's id is the ARN.
pub const ARN_EXPLANATION: &str = "aws_arn_explanation";

/// For one ARN, what each kind of mapping would do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The ARN.
    pub arn: String,
    /// Its account.
    pub aws_account_id: String,
    /// Whether the account is integrated. Without that no mapping counts.
    pub account_integrated: bool,
    /// Access tokens.
    pub persona: KindExplanation,
    /// The managed API key.
    pub intake: KindExplanation,
}

/// What the mappings of one kind would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KindExplanation {
    /// Whether an exchange would be granted.
    pub granted: bool,
    /// Why not, and what to change; null if it would be.
    pub refused: Option<String>,
    /// The mapping that would win; null if none matches.
    pub winner: Option<ExplainedMapping>,
    /// The others that match.
    pub matched: Vec<ExplainedMapping>,
    /// Those that nearly match, nearest first.
    pub near_misses: Vec<ExplainedNearMiss>,
}

/// A mapping that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedMapping {
    /// Its id.
    pub id: String,
    /// Its pattern.
    pub arn_pattern: String,
    /// Whom it leads to; null for an intake mapping.
    pub account_uuid: Option<String>,
    /// Why it wins or loses.
    pub reason: String,
}

/// A mapping that nearly matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedNearMiss {
    /// Its id.
    pub id: String,
    /// Its pattern.
    pub arn_pattern: String,
    /// Whom it leads to; null for an intake mapping.
    pub account_uuid: Option<String>,
    /// The first part that differs.
    pub field: String,
    /// What the pattern has there.
    pub expected: String,
    /// What the ARN has there.
    pub found: String,
    /// The pattern that would match; null if none of this kind can.
    pub edit: Option<String>,
}
