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

use crate::{
    PostgresStore,
    columns::{Columns, number, one},
    lists::Shape,
    store::Values,
};

#[async_trait]
impl ApiKeys for PostgresStore {
    async fn insert_api_key(
        &self,
        key: &ApiKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        key.storable()?;
        let created_by = key.created_by.map(|user| user.0);
        let modified_by = key.modified_by.map(|user| user.0);
        let times = (key.created_at.unix_micros(), key.modified_at.unix_micros());
        let last_used_at = key.last_used_at.map(Timestamp::unix_micros);
        let (hash, folded) = (key.hash.0.as_slice(), folded(&[&key.name]));
        self.change(Some(event), async |change| {
            let ApiKey { org, id, name, last4, remote_config_read_enabled, .. } = key;
            let values: Values<'_> = &[
                &org.0,
                &id.0,
                name,
                &hash,
                last4,
                remote_config_read_enabled,
                &created_by,
                &modified_by,
                &times.0,
                &times.1,
                &last_used_at,
                &folded,
            ];
            change.run(INSERT, values).await?;
            // Whoever adds another one waits for the number that this one has changed.
            let there = one(change.rows(COUNT, &[&org.0]).await?.first(), number)?;
            full_above(at_most, there.unwrap_or_default(), "API keys")
        })
        .await
    }

    async fn api_key(&self, org: OrgId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), api_key)
    }

    async fn api_keys(
        &self,
        org: OrgId,
        query: &ApiKeyQuery,
    ) -> Result<Listed<ApiKey>, StoreError> {
        self.listed(LIST, &lists::api_keys(org, query), api_key).await
    }

    async fn change_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        change: &ApiKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<ApiKey>, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            let rows = change.rows(LOCKED, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), api_key)? else { return Ok(None) };
            what.apply(&mut row);
            let modified_by = row.modified_by.map(|user| user.0);
            let (modified_at, folded) = (row.modified_at.unix_micros(), folded(&[&row.name]));
            let ApiKey { name, remote_config_read_enabled: enabled, .. } = &row;
            let values: Values<'_> =
                &[&org.0, &id.0, name, enabled, &modified_by, &modified_at, &folded];
            change.run(UPDATE, values).await?;
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
        self.change(Some(event), async |change| Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0))
            .await
    }
}

#[async_trait]
impl ManagedKeys for PostgresStore {
    async fn managed_key(
        &self,
        org: OrgId,
        mapping: MappingId,
    ) -> Result<Option<ManagedKey>, StoreError> {
        one(self.row(MANAGED, &[&org.0, &mapping.0]).await?.as_ref(), managed_key)
    }

    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError> {
        key.storable()?;
        let name = managed_key_name(key);
        let ManagedKey { org, id, mapping, generation, sealed, last4, .. } = key;
        let values: Values<'_> = &[
            &org.0,
            &id.0,
            &mapping.0,
            &name,
            &key.hash.0.as_slice(),
            last4,
            generation,
            sealed,
            &key.rotate_at.unix_micros(),
            &key.expires_at.unix_micros(),
            &key.created_at.unix_micros(),
            &folded(&[&name]),
        ];
        let inserted = self.row(INSERT_MANAGED, values).await.map_err(|error| match error {
            StoreError::Duplicate { .. } => StoreError::Duplicate { what: "a managed key" },
            error => error,
        })?;
        inserted.map(drop).ok_or(StoreError::Missing { what: "intake mapping" })
    }

    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        let row = self.row(SWEEP, &[&expired_before.unix_micros()]).await?;
        one(row.as_ref(), number).map(Option::unwrap_or_default)
    }
}

/// [`StoreError::Full`] if a row that was just added is one too many.
pub(crate) fn full_above(at_most: u64, there: u64, what: &'static str) -> Result<(), StoreError> {
    if there > at_most { Err(StoreError::Full { what, at_most }) } else { Ok(()) }
}

fn api_key(columns: &mut Columns<'_>) -> Result<ApiKey, StoreError> {
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

fn managed_key(columns: &mut Columns<'_>) -> Result<ManagedKey, StoreError> {
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

pub(crate) const LIST: Shape = Shape { columns: key_columns!(), page: None };

const INSERT: &str = "
    INSERT INTO api_keys (org_id, id, name, hash, last4, remote_config_read_enabled, created_by, modified_by,
        created_at, modified_at, last_used_at, folded)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const COUNT: &str = "SELECT n FROM row_counts WHERE org_id = $1 AND kind = 'api_keys'";

const BY_ID: &str =
    concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE k.org_id = $1 AND k.id = $2");

const LOCKED: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM api_keys k WHERE k.org_id = $1 AND k.id = $2 AND k.mapping_id IS NULL FOR NO KEY UPDATE"
);

const UPDATE: &str = "
    UPDATE api_keys SET name = $3, remote_config_read_enabled = $4, modified_by = $5, modified_at = $6, folded = $7
    WHERE org_id = $1 AND id = $2";

const DELETE: &str = "DELETE FROM api_keys WHERE org_id = $1 AND id = $2";

/// The mapping's row is locked, so that nobody removes it before the key is there.
const INSERT_MANAGED: &str = "
    INSERT INTO api_keys (org_id, id, mapping_id, name, hash, last4, generation, sealed, rotate_at, expires_at,
        created_at, modified_at, folded, remote_config_read_enabled)
    SELECT m.org_id, $2, m.id, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, false
    FROM intake_mappings m WHERE m.org_id = $1 AND m.id = $3 FOR KEY SHARE OF m
    RETURNING 1";

const MANAGED: &str = "
    SELECT org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at
    FROM api_keys WHERE org_id = $1 AND mapping_id = $2 ORDER BY generation DESC LIMIT 1";

/// Whatever somebody else is about to change is left to the next time, so that nobody waits for a sweep that waits for them.
const SWEEP: &str = "
    WITH expired AS (
        SELECT org_id, id FROM api_keys WHERE expires_at < $1 FOR UPDATE SKIP LOCKED
    ), swept AS (
        DELETE FROM api_keys k USING expired e WHERE k.org_id = e.org_id AND k.id = e.id RETURNING 1
    )
    SELECT count(*) FROM swept";
