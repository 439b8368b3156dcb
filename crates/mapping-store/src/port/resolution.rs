//! The one question of an exchange: may this verified caller have a credential, and through which mapping?

use arn_pattern::{AccountId, ArnPattern, Partition};
use async_trait::async_trait;
use auth_model::{MappingId, MappingKind, OrgId, Organization, Timestamp, UserId};

use crate::StoreError;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Resolve<'a> {
    /// In this organization only.
    pub org: OrgId,
    /// Among mappings of this kind.
    pub kind: MappingKind,
    /// The caller's account.
    pub account: AccountId,
    /// The caller's partition.
    pub partition: Partition,
    /// The texts of all patterns that could match the caller.
    pub patterns: &'a [String],
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The organization, if there is one, disabled or not.
    pub organization: Option<Organization>,
    /// Whether the caller's account and partition are integrated with it.
    pub account_integrated: bool,
    /// Its mappings with one of the patterns, in no particular order.
    pub candidates: Vec<Candidate>,
}

/// A mapping whose pattern was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The mapping.
    pub mapping: MappingId,
    /// Its pattern.
    pub pattern: ArnPattern,
    /// Its age decides between equals.
    pub created_at: Timestamp,
    /// Whom a persona mapping leads to; `None` for an intake mapping.
    pub target: Option<Target>,
}

/// Whom a persona mapping leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The user or service account.
    pub user: UserId,
    /// A disabled one is refused.
    pub disabled: bool,
}

/// Answers the question in one round trip, by index, whatever the number of mappings.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// Organization, account and candidate mappings with their targets.
    async fn resolve(&self, question: Resolve<'_>) -> Result<Resolution, StoreError>;
}
