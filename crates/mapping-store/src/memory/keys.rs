//! Keys in memory.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyChange, ApiKeyId, AppKey, AppKeyChange, AppKeyId, AuditEvent, KeyCategory,
    KeyHash, KeyId, KeyState, ManagedKey, ManagedKeyId, MappingId, OrgId, SigningKey, Timestamp,
};

use crate::{
    ApiKeyQuery, ApiKeys, AppKeyQuery, AppKeys, KeyOrder, KeyUse, KeyUses, Listed, ManagedKeys,
    SigningKeys, StoreError, UsedKey,
    backend::{Storable, folded, managed_key_name},
};

use super::{
    MemoryStore, State,
    lists::{count, holds, listed},
    rows::{of, oldest_first},
    unless_duplicate, unless_missing,
};

#[async_trait]
impl ApiKeys for MemoryStore {
    async fn insert_api_key(
        &self,
        key: &ApiKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        key.storable()?;
        self.change(event, |state| {
            state.has_organization(key.org)?;
            unless_duplicate("an API key", state.has_api_key(key.org, key.id, key.hash))?;
            unless_full("API keys", state.all_api_keys(key.org).len(), at_most)?;
            state.api_keys.insert((key.org, key.id), key.clone());
            Ok(())
        })
    }

    async fn api_key(&self, org: OrgId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.state().all_api_keys(org).into_iter().find(|key| key.id == id))
    }

    async fn api_keys(
        &self,
        org: OrgId,
        query: &ApiKeyQuery,
    ) -> Result<Listed<ApiKey>, StoreError> {
        let mut rows = self.state().all_api_keys(org);
        let total = rows.len();
        rows.retain(|key| {
            let managed = key.category != KeyCategory::Made;
            let config = key.remote_config_read_enabled;
            holds(&folded(&[&key.name]), &query.text)
                && query.managed.is_none_or(|wanted| wanted == managed)
                && query.remote_config_read_enabled.is_none_or(|wanted| wanted == config)
                && query.created.contains(key.created_at)
                && query.modified.contains(key.modified_at)
        });
        let order = |a: &ApiKey, b: &ApiKey| {
            let first = match query.order {
                KeyOrder::Name => a.name.cmp(&b.name),
                KeyOrder::CreatedAt => a.created_at.cmp(&b.created_at),
                KeyOrder::ModifiedAt => a.modified_at.cmp(&b.modified_at),
                KeyOrder::Last4 => a.last4.cmp(&b.last4),
            };
            first.then(a.id.cmp(&b.id))
        };
        Ok(listed(total, rows, query.direction, query.slice, order))
    }

    async fn change_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        change: &ApiKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<ApiKey>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let key = state.api_keys.get_mut(&(org, id));
            Ok(key.map(|key| {
                change.apply(key);
                key.clone()
            }))
        })
    }

    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            let made = state.api_keys.remove(&(org, id)).is_some();
            Ok(made || state.managed_keys.remove(&(org, ManagedKeyId(id.0))).is_some())
        })
    }
}

#[async_trait]
impl AppKeys for MemoryStore {
    async fn insert_app_key(
        &self,
        key: &AppKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        key.storable()?;
        self.change(event, |state| {
            state.has_organization(key.org)?;
            state.has_user(key.org, key.owner)?;
            let taken = state.app_keys.contains_key(&(key.org, key.id))
                || state.app_keys.values().any(|other| other.hash == key.hash);
            unless_duplicate("an application key", taken)?;
            let owned = of(&state.app_keys, key.org).filter(|other| other.owner == key.owner);
            unless_full("application keys of this user", owned.count(), at_most)?;
            state.app_keys.insert((key.org, key.id), key.clone());
            Ok(())
        })
    }

    async fn app_key(&self, org: OrgId, id: AppKeyId) -> Result<Option<AppKey>, StoreError> {
        Ok(self.state().app_keys.get(&(org, id)).cloned())
    }

    async fn app_keys(
        &self,
        org: OrgId,
        query: &AppKeyQuery,
    ) -> Result<Listed<AppKey>, StoreError> {
        let state = self.state();
        let owned = |key: &&AppKey| query.owner.is_none_or(|owner| owner == key.owner);
        let mut rows: Vec<AppKey> = of(&state.app_keys, org).filter(owned).cloned().collect();
        let total = rows.len();
        rows.retain(|key| {
            holds(&folded(&[&key.name]), &query.text) && query.created.contains(key.created_at)
        });
        let order = |a: &AppKey, b: &AppKey| {
            let first = match query.order {
                KeyOrder::Name => a.name.cmp(&b.name),
                KeyOrder::CreatedAt | KeyOrder::ModifiedAt => a.created_at.cmp(&b.created_at),
                KeyOrder::Last4 => a.last4.cmp(&b.last4),
            };
            first.then(a.id.cmp(&b.id))
        };
        Ok(listed(total, rows, query.direction, query.slice, order))
    }

    async fn change_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        change: &AppKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<AppKey>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let key = state.app_keys.get_mut(&(org, id));
            Ok(key.map(|key| {
                change.apply(key);
                key.clone()
            }))
        })
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
impl KeyUses for MemoryStore {
    async fn note_key_uses(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        let mut state = self.state();
        for KeyUse { org, key, at } in uses {
            let last = match key {
                UsedKey::App(id) => {
                    state.app_keys.get_mut(&(*org, *id)).map(|key| &mut key.last_used_at)
                }
                UsedKey::Api(id) => {
                    if state.managed_keys.contains_key(&(*org, ManagedKeyId(id.0))) {
                        let last = state.managed_keys_used.entry(ManagedKeyId(id.0)).or_default();
                        *last = (*last).max(*at);
                    }
                    state.api_keys.get_mut(&(*org, *id)).map(|key| &mut key.last_used_at)
                }
            };
            if let Some(last) = last {
                *last = (*last).max(Some(*at));
            }
        }
        Ok(())
    }
}

impl State {
    /// Whether there is one of this id or hash, of either category.
    fn has_api_key(&self, org: OrgId, id: ApiKeyId, hash: KeyHash) -> bool {
        self.api_keys.contains_key(&(org, id))
            || self.managed_keys.contains_key(&(org, ManagedKeyId(id.0)))
            || self.api_keys.values().any(|other| other.hash == hash)
            || self.managed_keys.values().any(|other| other.hash == hash)
    }

    /// Those that people made, and the generations of managed ones.
    fn all_api_keys(&self, org: OrgId) -> Vec<ApiKey> {
        let managed = of(&self.managed_keys, org).map(|key| ApiKey {
            id: ApiKeyId(key.id.0),
            org,
            name: managed_key_name(key),
            hash: key.hash,
            last4: key.last4.clone(),
            category: KeyCategory::ManagedIntake { mapping: key.mapping },
            remote_config_read_enabled: false,
            created_by: None,
            modified_by: None,
            created_at: key.created_at,
            modified_at: key.created_at,
            last_used_at: self.managed_keys_used.get(&key.id).copied(),
        });
        of(&self.api_keys, org).cloned().chain(managed).collect()
    }
}

fn unless_full(what: &'static str, there: usize, at_most: u64) -> Result<(), StoreError> {
    if count(there) < at_most { Ok(()) } else { Err(StoreError::Full { what, at_most }) }
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
        let taken = state.has_api_key(key.org, ApiKeyId(key.id.0), key.hash)
            || state.managed_keys.values().any(same_generation);
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
