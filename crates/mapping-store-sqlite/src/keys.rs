//! API keys, application keys and managed keys.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, ManagedKey, ManagedKeyId, MappingId, OrgId,
    PermissionId, PermissionSet, Timestamp, UserId,
};
use mapping_store::{
    ApiKeys, AppKeys, ManagedKeys, StoreError,
    backend::{Storable, broken},
};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
    organizations, users,
};

#[async_trait]
impl ApiKeys for SqliteStore {
    async fn insert_api_key(&self, key: &ApiKey, event: &AuditEvent) -> Result<(), StoreError> {
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
                row.created_by.map(|user| user.0),
                row.created_at.unix_micros(),
                row.modified_at.unix_micros()
            ];
            run(connection, INSERT_API_KEY, values).map_err(duplicate("an API key"))?;
            Ok(())
        })
        .await
    }

    async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>, StoreError> {
        self.read(move |connection| all(connection, API_KEYS, [org.0], api_key)).await
    }

    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(
            event,
            move |connection| Ok(run(connection, DELETE_API_KEY, [org.0, id.0])? > 0),
        )
        .await
    }
}

#[async_trait]
impl AppKeys for SqliteStore {
    async fn insert_app_key(&self, key: &AppKey, event: &AuditEvent) -> Result<(), StoreError> {
        key.storable()?;
        let row = key.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            users::must_have(connection, row.org, row.owner)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.owner.0,
                row.name,
                row.hash.0,
                row.last4,
                row.scopes.as_ref().map(scopes_to_bytes),
                row.created_at.unix_micros()
            ];
            run(connection, INSERT_APP_KEY, values).map_err(duplicate("an application key"))?;
            Ok(())
        })
        .await
    }

    async fn app_keys(&self, org: OrgId) -> Result<Vec<AppKey>, StoreError> {
        self.read(move |connection| all(connection, APP_KEYS, [org.0], app_key)).await
    }

    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(
            event,
            move |connection| Ok(run(connection, DELETE_APP_KEY, [org.0, id.0])? > 0),
        )
        .await
    }
}

#[async_trait]
impl ManagedKeys for SqliteStore {
    async fn managed_key(
        &self,
        org: OrgId,
        mapping: MappingId,
    ) -> Result<Option<ManagedKey>, StoreError> {
        self.read(move |connection| one(connection, MANAGED_KEY, [org.0, mapping.0], managed_key))
            .await
    }

    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError> {
        key.storable()?;
        let row = key.clone();
        self.write(move |connection| {
            let mapping = [row.org.0, row.mapping.0];
            must_exist(connection, "intake mapping", MAPPING_EXISTS, mapping)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.mapping.0,
                row.generation,
                row.hash.0,
                row.sealed,
                row.last4,
                row.created_at.unix_micros(),
                row.rotate_at.unix_micros(),
                row.expires_at.unix_micros()
            ];
            run(connection, INSERT_MANAGED_KEY, values).map_err(duplicate("a managed key"))?;
            Ok(())
        })
        .await
    }

    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| {
            Ok(run(connection, SWEEP_MANAGED_KEYS, [expired_before.unix_micros()])? as u64)
        })
        .await
    }
}

fn api_key(columns: &mut Columns<'_, '_>) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        org: OrgId(columns.take()?),
        id: ApiKeyId(columns.take()?),
        name: columns.take()?,
        hash: columns.hash()?,
        last4: columns.take()?,
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
    })
}

fn app_key(columns: &mut Columns<'_, '_>) -> Result<AppKey, Fault> {
    Ok(AppKey {
        org: OrgId(columns.take()?),
        id: AppKeyId(columns.take()?),
        owner: UserId(columns.take()?),
        name: columns.take()?,
        hash: columns.hash()?,
        last4: columns.take()?,
        scopes: scopes(columns)?,
        created_at: columns.time()?,
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

fn scopes_to_bytes(scopes: &PermissionSet) -> Vec<u8> {
    scopes.iter().flat_map(|permission| permission.0.into_bytes()).collect()
}

/// Reads the scopes of an application key.
pub(crate) fn scopes(columns: &mut Columns<'_, '_>) -> Result<Option<PermissionSet>, Fault> {
    let bytes: Option<Vec<u8>> = columns.take()?;
    let permission = |bytes: &[u8]| {
        let id = uuid::Uuid::from_slice(bytes).map(PermissionId);
        id.map_err(|error| broken("reading the scopes of an application key", error).into())
    };
    bytes.map(|bytes| bytes.chunks(16).map(permission).collect()).transpose()
}

const INSERT_API_KEY: &str = "
    INSERT INTO api_keys (org_id, id, name, hash, last4, created_by, created_at, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const API_KEYS: &str = "
    SELECT org_id, id, name, hash, last4, created_by, created_at, modified_at FROM api_keys
    WHERE org_id = ?1 ORDER BY created_at, id";

const DELETE_API_KEY: &str = "DELETE FROM api_keys WHERE org_id = ?1 AND id = ?2";

const INSERT_APP_KEY: &str = "
    INSERT INTO app_keys (org_id, id, owner_id, name, hash, last4, scopes, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const APP_KEYS: &str = "
    SELECT org_id, id, owner_id, name, hash, last4, scopes, created_at FROM app_keys
    WHERE org_id = ?1 ORDER BY created_at, id";

const DELETE_APP_KEY: &str = "DELETE FROM app_keys WHERE org_id = ?1 AND id = ?2";

const INSERT_MANAGED_KEY: &str = "
    INSERT INTO managed_keys
        (org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const MANAGED_KEY: &str = "
    SELECT org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at
    FROM managed_keys WHERE org_id = ?1 AND mapping_id = ?2 ORDER BY generation DESC LIMIT 1";

const MAPPING_EXISTS: &str = "SELECT 1 FROM intake_mappings WHERE org_id = ?1 AND id = ?2";

const SWEEP_MANAGED_KEYS: &str = "DELETE FROM managed_keys WHERE expires_at < ?1";
