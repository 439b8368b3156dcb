//! Mappings: which AWS principals may act as whom, and which may submit telemetry.

use std::fmt;

use arn_pattern::ArnPattern;

use crate::{MappingId, OrgId, Timestamp, UserId};

/// Which of the two credentials a mapping leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingKind {
    /// To an access token that acts as a user or service account.
    Persona,
    /// To the organization's managed API key, which can only submit telemetry.
    Intake,
}

impl MappingKind {
    /// `persona` or `intake`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Persona => "persona",
            Self::Intake => "intake",
        }
    }
}

impl fmt::Display for MappingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Callers that match the pattern act as the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonaMapping {
    /// Never reused.
    pub id: MappingId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Who.
    pub pattern: ArnPattern,
    /// As whom. An id, never an e-mail address: addresses change hands.
    pub target: UserId,
    /// Who made it; `None` for what the installation itself made.
    pub created_by: Option<UserId>,
    /// When it was made; of two equally specific patterns the older wins.
    pub created_at: Timestamp,
}

/// Callers that match the pattern may have the managed API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeMapping {
    /// Never reused.
    pub id: MappingId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Who.
    pub pattern: ArnPattern,
    /// Who made it; `None` for what the installation itself made.
    pub created_by: Option<UserId>,
    /// When it was made; of two equally specific patterns the older wins.
    pub created_at: Timestamp,
}
