//! Proofs presented and the audit log, in memory.

use std::collections::hash_map::Entry;

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Timestamp};

use crate::{AuditFilter, AuditLog, Presentation, ReplayLedger, StoreError};

use super::{MemoryStore, Proof, keys::count};

#[async_trait]
impl ReplayLedger for MemoryStore {
    async fn present_proof(
        &self,
        org: OrgId,
        proof_hash: [u8; 32],
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Presentation, StoreError> {
        match self.state().proofs.entry((org, proof_hash)) {
            Entry::Occupied(known) if known.get().keep_until > at => {
                Ok(Presentation { first_at: known.get().first_at, replayed: true })
            }
            entry => {
                entry.insert_entry(Proof { first_at: at, keep_until });
                Ok(Presentation { first_at: at, replayed: false })
            }
        }
    }

    async fn sweep_proofs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = state.proofs.len();
        state.proofs.retain(|_, proof| proof.keep_until > now);
        Ok(count(before - state.proofs.len()))
    }
}

#[async_trait]
impl AuditLog for MemoryStore {
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        self.change(event, |_| Ok(()))
    }

    async fn events(&self, org: OrgId, filter: AuditFilter) -> Result<Vec<AuditEvent>, StoreError> {
        let state = self.state();
        let wanted = |event: &&AuditEvent| {
            event.org == Some(org) && event.at >= filter.from && event.at < filter.to
        };
        let mut events: Vec<AuditEvent> = state.events.iter().filter(wanted).cloned().collect();
        events.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
        events.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
        Ok(events)
    }
}
