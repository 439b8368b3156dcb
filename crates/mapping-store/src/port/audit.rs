//! What has happened: proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Timestamp};

use crate::StoreError;

/// What the ledger knows of a proof that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// When it was presented first; the time of this presentation if it is the first.
    pub first_at: Timestamp,
    /// Whether it was presented before.
    pub replayed: bool,
}

/// Remembers verified proofs while they are fresh, for all replicas.
#[async_trait]
pub trait ReplayLedger: Send + Sync {
    /// Notes that the proof of this hash was presented at `at`, to be remembered until `keep_until`, and says whether it was before.
    /// Of several calls at once exactly one is the first.
    async fn present_proof(
        &self,
        org: OrgId,
        proof_hash: [u8; 32],
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Presentation, StoreError>;

    /// Forgets all that need not be remembered any more at `now`; how many.
    async fn sweep_proofs(&self, now: Timestamp) -> Result<u64, StoreError>;
}

/// Which audit events to read.
#[derive(Clone, Copy, Debug)]
pub struct AuditFilter {
    /// Not before this.
    pub from: Timestamp,
    /// Before this.
    pub to: Timestamp,
    /// At most so many, the newest first.
    pub limit: u32,
}

/// The audit log. Rows are added, never changed.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds an event that no other change brings along.
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError>;

    /// The organization's events, newest first.
    async fn events(&self, org: OrgId, filter: AuditFilter) -> Result<Vec<AuditEvent>, StoreError>;
}
