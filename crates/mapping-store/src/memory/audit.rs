//! Proofs presented and the audit log, in memory.

use std::collections::hash_map::Entry;

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Timestamp};

use crate::{
    AuditLog, AuditQuery, ChainHead, ChainPlace, ChainedEvent, Direction, Presentation,
    ReplayLedger, StoreError,
    backend::{chain_hash, chain_of},
};

use super::{MemoryStore, Proof, State, lists::count};

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

    async fn events(&self, org: OrgId, query: AuditQuery) -> Result<Vec<AuditEvent>, StoreError> {
        let state = self.state();
        let place = |event: &AuditEvent| (event.at, event.id);
        let comes = |event: &AuditEvent| match (query.after, query.direction) {
            (None, _) => true,
            (Some(after), Direction::Ascending) => place(event) > after,
            (Some(after), Direction::Descending) => place(event) < after,
        };
        let events = state.events.iter().map(|chained| &chained.event);
        let mut events: Vec<AuditEvent> = events
            .filter(|event| event.org == Some(org) && query.range.contains(event.at))
            .filter(|event| comes(event))
            .cloned()
            .collect();
        events.sort_by_key(place);
        if query.direction == Direction::Descending {
            events.reverse();
        }
        events.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(events)
    }

    async fn chains(&self) -> Result<Vec<Option<OrgId>>, StoreError> {
        Ok(self.state().heads.keys().copied().collect())
    }

    async fn chained_events(
        &self,
        chain: Option<OrgId>,
        after: Option<ChainPlace>,
        limit: u32,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        let state = self.state();
        let rest = state.events.iter().filter(|chained| chain_of(&chained.event) == chain);
        let rest = rest.filter(|chained| after.is_none_or(|after| chained.place > after));
        // There is one lane, and events are added in its order.
        Ok(rest.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn chain_heads(&self, chain: Option<OrgId>) -> Result<Vec<ChainHead>, StoreError> {
        Ok(self.state().heads.get(&chain).copied().into_iter().collect())
    }
}

impl State {
    /// Adds an event to the end of its chain.
    pub(super) fn chain(&mut self, event: &AuditEvent) {
        let (sequence, before) = match self.heads.get(&chain_of(event)) {
            Some(head) => (head.place.sequence + 1, head.hash),
            None => (1, [0; 32]),
        };
        let head =
            ChainHead { place: ChainPlace { lane: 0, sequence }, hash: chain_hash(&before, event) };
        self.heads.insert(chain_of(event), head);
        let ChainHead { place, hash } = head;
        self.events.push(ChainedEvent { place, hash, event: event.clone() });
    }
}
