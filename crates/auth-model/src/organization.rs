//! Organizations.

use crate::{OrgId, Timestamp};

/// The tenant. Organizations share an installation and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// What a proof is signed for.
    pub id: OrgId,
    /// A small number that some clients read beside the id; unique in the installation.
    pub number: i64,
    /// For people.
    pub name: String,
    /// Nobody signs in to a disabled organization, and its keys and tokens are refused.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}
