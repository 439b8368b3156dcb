//! API keys, application keys and managed keys.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, ManagedKey, ManagedKeyId, MappingId, OrgId,
    Timestamp, UserId,
};
use mapping_store::{ApiKeys, AppKeys, ManagedKeys, StoreError, backend::Storable};
use uuid::Uuid;

use crate::{
    PostgresStore,
    columns::{Columns, all, one},
};

#[async_trait]
impl ApiKeys for PostgresStore {
    async fn insert_api_key(&self, key: &ApiKey, event: &AuditEvent) -> Result<(), StoreError> {
        key.storable()?;
        let created_by = key.created_by.map(|user| user.0);
        let hash = key.hash.0.as_slice();
        self.change(Some(event), async |change| {
            let times = (key.created_at.unix_micros(), key.modified_at.unix_micros());
            let ApiKey { org, id, name, last4, .. } = key;
            let values: crate::store::Values<'_> =
                &[&org.0, &id.0, name, &hash, last4, &created_by, &times.0, &times.1];
            change.run(INSERT_API_KEY, values).await.map(drop)
        })
        .await
    }

    async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>, StoreError> {
        all(&self.rows(API_KEYS, &[&org.0]).await?, api_key)
    }

    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| {
            Ok(change.run(DELETE_API_KEY, &[&org.0, &id.0]).await? > 0)
        })
        .await
    }
}

#[async_trait]
impl AppKeys for PostgresStore {
    async fn insert_app_key(&self, key: &AppKey, event: &AuditEvent) -> Result<(), StoreError> {
        key.storable()?;
        let ids = |scopes: &auth_model::PermissionSet| scopes.iter().map(|p| p.0).collect();
        let scopes: Option<Vec<Uuid>> = key.scopes.as_ref().map(ids);
        let (hash, created_at) = (key.hash.0.as_slice(), key.created_at.unix_micros());
        self.change(Some(event), async |change| {
            let AppKey { org, id, owner, name, last4, .. } = key;
            let values: crate::store::Values<'_> =
                &[&org.0, &id.0, &owner.0, name, &hash, last4, &scopes, &created_at];
            change.run(INSERT_APP_KEY, values).await.map(drop)
        })
        .await
    }

    async fn app_keys(&self, org: OrgId) -> Result<Vec<AppKey>, StoreError> {
        all(&self.rows(APP_KEYS, &[&org.0]).await?, app_key)
    }

    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| {
            Ok(change.run(DELETE_APP_KEY, &[&org.0, &id.0]).await? > 0)
        })
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
        one(self.row(MANAGED_KEY, &[&org.0, &mapping.0]).await?.as_ref(), managed_key)
    }

    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError> {
        key.storable()?;
        let ManagedKey { org, id, mapping, generation, sealed, last4, .. } = key;
        self.rows(
            INSERT_MANAGED_KEY,
            &[
                &org.0,
                &id.0,
                &mapping.0,
                generation,
                &key.hash.0.as_slice(),
                sealed,
                last4,
                &key.created_at.unix_micros(),
                &key.rotate_at.unix_micros(),
                &key.expires_at.unix_micros(),
            ],
        )
        .await
        .map(drop)
    }

    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError> {
        let before = expired_before.unix_micros();
        one(self.row(SWEEP_MANAGED_KEYS, &[&before]).await?.as_ref(), swept)
            .map(Option::unwrap_or_default)
    }
}

/// Reads a number of rows.
pub(crate) fn swept(columns: &mut Columns<'_>) -> Result<u64, StoreError> {
    Ok(u64::try_from(columns.take::<i64>()?).unwrap_or_default())
}

fn api_key(columns: &mut Columns<'_>) -> Result<ApiKey, StoreError> {
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

fn app_key(columns: &mut Columns<'_>) -> Result<AppKey, StoreError> {
    Ok(AppKey {
        org: OrgId(columns.take()?),
        id: AppKeyId(columns.take()?),
        owner: UserId(columns.take()?),
        name: columns.take()?,
        hash: columns.hash()?,
        last4: columns.take()?,
        scopes: columns.scopes()?,
        created_at: columns.time()?,
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

const INSERT_API_KEY: &str = "
    INSERT INTO api_keys (org_id, id, name, hash, last4, created_by, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const API_KEYS: &str = "
    SELECT org_id, id, name, hash, last4, created_by, created_at, modified_at FROM api_keys
    WHERE org_id = $1 ORDER BY created_at, id";

const DELETE_API_KEY: &str = "DELETE FROM api_keys WHERE org_id = $1 AND id = $2";

const INSERT_APP_KEY: &str = "
    INSERT INTO app_keys (org_id, id, owner_id, name, hash, last4, scopes, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const APP_KEYS: &str = "
    SELECT org_id, id, owner_id, name, hash, last4, scopes, created_at FROM app_keys
    WHERE org_id = $1 ORDER BY created_at, id";

const DELETE_APP_KEY: &str = "DELETE FROM app_keys WHERE org_id = $1 AND id = $2";

const INSERT_MANAGED_KEY: &str = "
    INSERT INTO managed_keys
        (org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const MANAGED_KEY: &str = "
    SELECT org_id, id, mapping_id, generation, hash, sealed, last4, created_at, rotate_at, expires_at
    FROM managed_keys WHERE org_id = $1 AND mapping_id = $2 ORDER BY generation DESC LIMIT 1";

const SWEEP_MANAGED_KEYS: &str = "
    WITH swept AS (DELETE FROM managed_keys WHERE expires_at < $1 RETURNING 1)
    SELECT count(*) FROM swept";
