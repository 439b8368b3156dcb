//! API keys of either category: those that people made, and the generations of managed ones.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyChange, ApiKeyId, AuditEvent, KeyCategory, ManagedKey, ManagedKeyId, MappingId,
    OrgId, Timestamp, UserId,
};
use mapping_store::{
    ApiKeyQuery, ApiKeys, Listed, ManagedKeys, StoreError,
    backend::{Storable, folded, lists, managed_key_name},
};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::{Columns, must_exist, one, run},
    fault::{Fault, duplicate},
    lists::listed,
    organizations,
};

#[async_trait]
impl ApiKeys for SqliteStore {
    async fn insert_api_key(
        &self,
        key: &ApiKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        key.storable()?;
        let row = key.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.name,
                row.hash.0,
                row.last4,
                row.remote_config_read_enabled,
                row.created_by.map(|user| user.0),
                row.modified_by.map(|user| user.0),
                row.created_at.unix_micros(),
                row.modified_at.unix_micros(),
                row.last_used_at.map(Timestamp::unix_micros),
                folded(&[&row.name])
            ];
            run(connection, INSERT, values).map_err(duplicate("an API key"))?;
            let there =
                one(connection, COUNT, [row.org.0], |columns| columns.count())?.unwrap_or_default();
            full_above(at_most, there, "API keys")
        })
        .await
    }

    async fn api_key(&self, org: OrgId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], api_key)).await
    }

    async fn api_keys(
        &self,
        org: OrgId,
        query: &ApiKeyQuery,
    ) -> Result<Listed<ApiKey>, StoreError> {
        let list = lists::api_keys(org, query);
        self.read(move |connection| listed(connection, COLUMNS, &list, api_key)).await
    }

    async fn change_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        change: &ApiKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<ApiKey>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = one(connection, MADE, [org.0, id.0], api_key)? else {
                return Ok(None);
            };
            change.apply(&mut row);
            let values = params![
                org.0,
                id.0,
                row.name,
                row.remote_config_read_enabled,
                row.modified_by.map(|user| user.0),
                row.modified_at.unix_micros(),
                folded(&[&row.name])
            ];
            run(connection, UPDATE, values)?;
            Ok(Some(row))
        })
        .await
    }

    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }
}

#[async_trait]
impl ManagedKeys for SqliteStore {
    async fn managed_key(
        &self,
        org: OrgId,
        mapping: MappingId,
    ) -> Result<Option<ManagedKey>, StoreError> {
        self.read(move |connection| one(connection, MANAGED, [org.0, mapping.0], managed_key)).await
    }

    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError> {
        key.storable()?;
        let row = key.clone();
        self.write(move |connection| {
            let mapping = [row.org.0, row.mapping.0];
            must_exist(connection, "intake mapping", MAPPING_EXISTS, mapping)?;
            let name = managed_key_name(&row);
            let values = params![
                row.org.0,
                row.id.0,
                name,
                row.hash.0,
                row.last4,
                row.mapping.0,
                row.generation,
                row.sealed,
                row.rotate_at.unix_micros(),
                row.expires_at.unix_micros(),
                row.created_at.unix_micros(),
                folded(&[&name])
            ];
            run(connection, INSERT_MANAGED, values).map_err(duplicate("a managed key"))?;
            Ok(())
        })
        .await
    }

    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Ok(run(connection, SWEEP, [expired_before.unix_micros()])? as u64)
        })
        .await
    }
}

/// [`StoreError::Full`] if a row that was just added is one too many.
pub(crate) fn full_above(at_most: u64, there: u64, what: &'static str) -> Result<(), Fault> {
    if there > at_most { Err(StoreError::Full { what, at_most }.into()) } else { Ok(()) }
}

fn api_key(columns: &mut Columns<'_, '_>) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        org: OrgId(columns.take()?),
        id: ApiKeyId(columns.take()?),
        name: columns.take()?,
        hash: columns.hash()?,
        last4: columns.take()?,
        category: match columns.id(MappingId)? {
            None => KeyCategory::Made,
            Some(mapping) => KeyCategory::ManagedIntake { mapping },
        },
        remote_config_read_enabled: columns.take()?,
        created_by: columns.id(UserId)?,
        modified_by: columns.id(UserId)?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
        last_used_at: columns.time_option()?,
    })
}

fn managed_key(columns: &mut Columns<'_, '_>) -> Result<ManagedKey, Fault> {
    Ok(ManagedKey {
        org: OrgId(columns.take()?),
        id: ManagedKeyId(columns.take()?),
        mapping: MappingId(columns.take()?),
        generation: columns.take()?,
        hash: columns.hash()?,
        sealed: columns.take()?,
        last4: columns.take()?,
        created_at: columns.time()?,
        rotate_at: columns.time()?,
        expires_at: columns.time()?,
    })
}

macro_rules! key_columns {
    () => {
        "k.org_id, k.id, k.name, k.hash, k.last4, k.mapping_id, k.remote_config_read_enabled, k.created_by,
        k.modified_by, k.created_at, k.modified_at, k.last_used_at"
    };
}

pub(crate) const COLUMNS: &str = key_columns!();

const INSERT: &str = "
    INSERT INTO api_keys (org_id, id, name, hash, last4, remote_config_read_enabled, created_by, modified_by,
        created_at, modified_at, last_used_at, folded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const COUNT: &str = "SELECT n FROM row_counts WHERE org_id = ?1 AND kind = 'api_keys'";

const BY_ID: &str =
    concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE k.org_id = ?1 AND k.id = ?2");

const MADE: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM api_keys k WHERE k.org_id = ?1 AND k.id = ?2 AND k.mapping_id IS NULL"
);

const UPDATE: &str = "
    UPDATE api_keys SET name = ?3, remote_config_read_enabled = ?4, modified_by = ?5, modified_at = ?6, folded = ?7
    WHERE org_id = ?1 AND id = ?2";

const DELETE: &str = "DELETE FROM api_keys WHERE org_id = ?1 AND id = ?2";

const INSERT_MANAGED: &str = "
    INSERT INTO api_keys (org_id, id, name, hash, last4, mapping_id, generation, sealed, rotate_at, expires_at,
        remote_config_read_enabled, created_at, modified_at, folded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?11, ?12)";

pub(crate) const MANAGED: &str = "
    SELECT org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at
    FROM api_keys WHERE org_id = ?1 AND mapping_id = ?2 ORDER BY generation DESC LIMIT 1";

const MAPPING_EXISTS: &str = "SELECT 1 FROM intake_mappings WHERE org_id = ?1 AND id = ?2";

pub(crate) const SWEEP: &str = "DELETE FROM api_keys WHERE expires_at < ?1";
