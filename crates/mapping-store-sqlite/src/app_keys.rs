//! Application keys, and when keys were last used.

use async_trait::async_trait;
use auth_model::{
    AppKey, AppKeyChange, AppKeyId, AuditEvent, OrgId, PermissionId, PermissionSet, Timestamp,
    UserId,
};
use mapping_store::{
    AppKeyQuery, AppKeys, KeyUse, KeyUses, Listed, StoreError, UsedKey,
    backend::{Storable, broken, folded, lists},
};
use rusqlite::params;

use crate::{
    SqliteStore,
    api_keys::full_above,
    columns::{Columns, one, run},
    fault::{Fault, duplicate},
    lists::listed,
    organizations, users,
};

#[async_trait]
impl AppKeys for SqliteStore {
    async fn insert_app_key(
        &self,
        key: &AppKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
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
                row.created_at.unix_micros(),
                row.last_used_at.map(Timestamp::unix_micros),
                folded(&[&row.name])
            ];
            run(connection, INSERT, values).map_err(duplicate("an application key"))?;
            let owned =
                one(connection, OWNED, [row.org.0, row.owner.0], |columns| columns.count())?;
            full_above(at_most, owned.unwrap_or_default(), "application keys of this user")
        })
        .await
    }

    async fn app_key(&self, org: OrgId, id: AppKeyId) -> Result<Option<AppKey>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], app_key)).await
    }

    async fn app_keys(
        &self,
        org: OrgId,
        query: &AppKeyQuery,
    ) -> Result<Listed<AppKey>, StoreError> {
        let list = lists::app_keys(org, query);
        self.read(move |connection| listed(connection, COLUMNS, &list, app_key)).await
    }

    async fn change_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        change: &AppKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<AppKey>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = one(connection, BY_ID, [org.0, id.0], app_key)? else {
                return Ok(None);
            };
            change.apply(&mut row);
            let scopes = row.scopes.as_ref().map(scopes_to_bytes);
            let values = params![org.0, id.0, row.name, scopes, folded(&[&row.name])];
            run(connection, UPDATE, values)?;
            Ok(Some(row))
        })
        .await
    }

    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }
}

#[async_trait]
impl KeyUses for SqliteStore {
    async fn note_key_uses(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        let uses = uses.to_vec();
        self.write(move |connection| {
            for KeyUse { org, key, at } in uses {
                let (sql, id) = match key {
                    UsedKey::Api(id) => (NOTE_API_KEY, id.0),
                    UsedKey::App(id) => (NOTE_APP_KEY, id.0),
                };
                run(connection, sql, params![org.0, id, at.unix_micros()])?;
            }
            Ok(())
        })
        .await
    }
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
        last_used_at: columns.time_option()?,
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

macro_rules! key_columns {
    () => {
        "k.org_id, k.id, k.owner_id, k.name, k.hash, k.last4, k.scopes, k.created_at, k.last_used_at"
    };
}

pub(crate) const COLUMNS: &str = key_columns!();

const INSERT: &str = "
    INSERT INTO app_keys (org_id, id, owner_id, name, hash, last4, scopes, created_at, last_used_at, folded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

pub(crate) const OWNED: &str = "SELECT count(*) FROM app_keys WHERE org_id = ?1 AND owner_id = ?2";

const BY_ID: &str =
    concat!("SELECT ", key_columns!(), " FROM app_keys k WHERE k.org_id = ?1 AND k.id = ?2");

const UPDATE: &str = "
    UPDATE app_keys SET name = ?3, scopes = ?4, folded = ?5 WHERE org_id = ?1 AND id = ?2";

const DELETE: &str = "DELETE FROM app_keys WHERE org_id = ?1 AND id = ?2";

const NOTE_API_KEY: &str = "
    UPDATE api_keys SET last_used_at = ?3
    WHERE org_id = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)";

const NOTE_APP_KEY: &str = "
    UPDATE app_keys SET last_used_at = ?3
    WHERE org_id = ?1 AND id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)";
