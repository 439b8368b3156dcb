//! Keys in memory.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, KeyId, KeyState, ManagedKey, MappingId, OrgId,
    SigningKey, Timestamp,
};

use crate::{ApiKeys, AppKeys, ManagedKeys, SigningKeys, StoreError, backend::Storable};

use super::{
    MemoryStore,
    rows::{of, oldest_first},
    unless_duplicate, unless_missing,
};

#[async_trait]
impl ApiKeys for MemoryStore {
    async fn insert_api_key(&self, key: &ApiKey, event: &AuditEvent) -> Result<(), StoreError> {
        key.storable()?;
        self.change(event, |state| {
            state.has_organization(key.org)?;
            let taken = state.api_keys.contains_key(&(key.org, key.id))
                || state.api_keys.values().any(|other| other.hash == key.hash);
            unless_duplicate("an API key", taken)?;
            state.api_keys.insert((key.org, key.id), key.clone());
            Ok(())
        })
    }

    async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>, StoreError> {
        Ok(oldest_first(of(&self.state().api_keys, org)))
    }

    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.api_keys.remove(&(org, id)).is_some()))
    }
}

#[async_trait]
impl AppKeys for MemoryStore {
    async fn insert_app_key(&self, key: &AppKey, event: &AuditEvent) -> Result<(), StoreError> {
        key.storable()?;
        self.change(event, |state| {
            state.has_organization(key.org)?;
            state.has_user(key.org, key.owner)?;
            let taken = state.app_keys.contains_key(&(key.org, key.id))
                || state.app_keys.values().any(|other| other.hash == key.hash);
            unless_duplicate("an application key", taken)?;
            state.app_keys.insert((key.org, key.id), key.clone());
            Ok(())
        })
    }

    async fn app_keys(&self, org: OrgId) -> Result<Vec<AppKey>, StoreError> {
        Ok(oldest_first(of(&self.state().app_keys, org)))
    }

    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.app_keys.remove(&(org, id)).is_some()))
    }
}

#[async_trait]
impl ManagedKeys for MemoryStore {
    async fn managed_key(
        &self,
        org: OrgId,
        mapping: MappingId,
    ) -> Result<Option<ManagedKey>, StoreError> {
        let state = self.state();
        let generations = of(&state.managed_keys, org).filter(|key| key.mapping == mapping);
        Ok(generations.max_by_key(|key| key.generation).cloned())
    }

    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError> {
        key.storable()?;
        let mut state = self.state();
        unless_missing("intake mapping", state.intakes.get(key.org, key.mapping).is_some())?;
        let same_generation = |other: &ManagedKey| {
            other.org == key.org
                && other.mapping == key.mapping
                && other.generation == key.generation
        };
        let taken = state.managed_keys.contains_key(&(key.org, key.id))
            || state.managed_keys.values().any(|k| same_generation(k) || k.hash == key.hash);
        unless_duplicate("a managed key", taken)?;
        state.managed_keys.insert((key.org, key.id), key.clone());
        Ok(())
    }

    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = state.managed_keys.len();
        state.managed_keys.retain(|_, key| key.expires_at >= expired_before);
        Ok(count(before - state.managed_keys.len()))
    }
}

#[async_trait]
impl SigningKeys for MemoryStore {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        Ok(oldest_first(self.state().signing_keys.values()))
    }

    async fn insert_signing_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        let mut state = self.state();
        let same_place =
            |other: &SigningKey| key.state != KeyState::Retired && other.state == key.state;
        let taken = state.signing_keys.contains_key(&key.kid)
            || state.signing_keys.values().any(same_place);
        unless_duplicate("a signing key", taken)?;
        state.signing_keys.insert(key.kid.clone(), key.clone());
        Ok(())
    }

    async fn promote_signing_key(&self, kid: &KeyId, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.signing_keys.get(kid).is_none_or(|key| key.state != KeyState::Next) {
            return Ok(false);
        }
        for key in state.signing_keys.values_mut() {
            let next = match key.state {
                KeyState::Current => KeyState::Retired,
                KeyState::Next if key.kid == *kid => KeyState::Current,
                _ => continue,
            };
            (key.state, key.state_since) = (next, at);
        }
        Ok(true)
    }

    async fn remove_signing_key(&self, kid: &KeyId) -> Result<bool, StoreError> {
        let mut state = self.state();
        let retired = state.signing_keys.get(kid).is_some_and(|k| k.state == KeyState::Retired);
        Ok(retired && state.signing_keys.remove(kid).is_some())
    }
}

/// As many as a port's answer counts.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
