//! What has happened: proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Timestamp};

use crate::StoreError;

use super::{AuditQuery, ChainHead, ChainPlace, ChainedEvent};

/// What the ledger knows of a proof that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// When it was presented first; the time of this presentation if it is the first.
    pub first_at: Timestamp,
    /// Whether it was presented before.
    pub replayed: bool,
}

/// Remembers verified proofs while they are fresh, for all replicas; of accepted assertions too, by a hash that no proof has.
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

/// The audit log. Rows are added, never changed, and each is chained to the one before it in its lane.
///
/// What concerns an organization is one chain, whether or not there is one of that id; what concerns none is another.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds an event that no other change brings along.
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError>;

    /// The organization's events.
    async fn events(&self, org: OrgId, query: AuditQuery) -> Result<Vec<AuditEvent>, StoreError>;

    /// All chains that there are: each organization's, and `None` for events that concern none.
    async fn chains(&self) -> Result<Vec<Option<OrgId>>, StoreError>;

    /// At most `limit` events of a chain, by lane and number, after a place or from the beginning.
    async fn chained_events(
        &self,
        chain: Option<OrgId>,
        after: Option<ChainPlace>,
        limit: u32,
    ) -> Result<Vec<ChainedEvent>, StoreError>;

    /// Where the lanes of a chain end, as it is noted beside the log, by lane.
    async fn chain_heads(&self, chain: Option<OrgId>) -> Result<Vec<ChainHead>, StoreError>;
}
