//! When keys were last used: gathered in memory and written many at a time, so that no request waits for it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use auth_model::{OrgId, Timestamp};
use mapping_store::{KeyUse, Store, StoreError, UsedKey};

/// Uses that are not written yet: at most one for each key.
#[derive(Debug, Default)]
pub(crate) struct PendingUses(Mutex<HashMap<(OrgId, UsedKey), Timestamp>>);

impl PendingUses {
    /// Notes that a key was used.
    pub(crate) fn note(&self, org: OrgId, key: UsedKey, at: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((org, key), at);
    }

    /// Writes them. Lists of keys ask for it too, so that a replica shows the uses that it has seen.
    pub(crate) async fn flush(&self, store: &dyn Store) -> Result<(), StoreError> {
        let pending = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.is_empty() {
            return Ok(());
        }
        let uses: Vec<KeyUse> =
            pending.into_iter().map(|((org, key), at)| KeyUse { org, key, at }).collect();
        store.note_key_uses(&uses).await
    }
}
