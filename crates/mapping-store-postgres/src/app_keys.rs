//! Application keys, and when keys were last used.

use async_trait::async_trait;
use auth_model::{
    AppKey, AppKeyChange, AppKeyId, AuditEvent, OrgId, PermissionSet, Timestamp, UserId,
};
use mapping_store::{
    AppKeyQuery, AppKeys, KeyUse, KeyUses, Listed, StoreError, UsedKey,
    backend::{Storable, folded, lists},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    api_keys::full_above,
    columns::{Columns, number, one},
    lists::Shape,
    store::Values,
};

#[async_trait]
impl AppKeys for PostgresStore {
    async fn insert_app_key(
        &self,
        key: &AppKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        key.storable()?;
        let scopes = key.scopes.as_ref().map(ids);
        let (hash, created_at) = (key.hash.0.as_slice(), key.created_at.unix_micros());
        let last_used_at = key.last_used_at.map(Timestamp::unix_micros);
        let folded = folded(&[&key.name]);
        self.change(Some(event), async |change| {
            let AppKey { org, id, owner, name, last4, .. } = key;
            let values: Values<'_> = &[
                &org.0,
                &id.0,
                &owner.0,
                name,
                &hash,
                last4,
                &scopes,
                &created_at,
                &last_used_at,
                &folded,
            ];
            change.run(INSERT, values).await?;
            // Whoever adds another one waits for the organization's number, which this one has changed.
            let owned = one(change.rows(OWNED, &[&org.0, &owner.0]).await?.first(), number)?;
            full_above(at_most, owned.unwrap_or_default(), "application keys of this user")
        })
        .await
    }

    async fn app_key(&self, org: OrgId, id: AppKeyId) -> Result<Option<AppKey>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), app_key)
    }

    async fn app_keys(
        &self,
        org: OrgId,
        query: &AppKeyQuery,
    ) -> Result<Listed<AppKey>, StoreError> {
        self.listed(LIST, &lists::app_keys(org, query), app_key).await
    }

    async fn change_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        change: &AppKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<AppKey>, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            let rows = change.rows(LOCKED, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), app_key)? else { return Ok(None) };
            what.apply(&mut row);
            let (scopes, folded) = (row.scopes.as_ref().map(ids), folded(&[&row.name]));
            change.run(UPDATE, &[&org.0, &id.0, &row.name, &scopes, &folded]).await?;
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
        self.change(Some(event), async |change| Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0))
            .await
    }
}

#[async_trait]
impl KeyUses for PostgresStore {
    async fn note_key_uses(&self, uses: &[KeyUse]) -> Result<(), StoreError> {
        let (mut api, mut app) = (Used::default(), Used::default());
        for KeyUse { org, key, at } in uses {
            let (used, id) = match key {
                UsedKey::Api(id) => (&mut api, id.0),
                UsedKey::App(id) => (&mut app, id.0),
            };
            used.orgs.push(org.0);
            used.keys.push(id);
            used.times.push(at.unix_micros());
        }
        self.change(None, async |change| {
            for (sql, Used { orgs, keys, times }) in [(NOTE_API_KEYS, &api), (NOTE_APP_KEYS, &app)]
            {
                if !keys.is_empty() {
                    change.run(sql, &[orgs, keys, times]).await?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Uses of keys of one kind, column by column.
#[derive(Default)]
struct Used {
    orgs: Vec<Uuid>,
    keys: Vec<Uuid>,
    times: Vec<i64>,
}

fn ids(scopes: &PermissionSet) -> Vec<Uuid> {
    scopes.iter().map(|permission| permission.0).collect()
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
        last_used_at: columns.time_option()?,
    })
}

macro_rules! key_columns {
    () => {
        "k.org_id, k.id, k.owner_id, k.name, k.hash, k.last4, k.scopes, k.created_at, k.last_used_at"
    };
}

pub(crate) const LIST: Shape = Shape { columns: key_columns!(), page: None };

const INSERT: &str = "
    INSERT INTO app_keys (org_id, id, owner_id, name, hash, last4, scopes, created_at, last_used_at, folded)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const OWNED: &str = "SELECT count(*) FROM app_keys WHERE org_id = $1 AND owner_id = $2";

const BY_ID: &str =
    concat!("SELECT ", key_columns!(), " FROM app_keys k WHERE k.org_id = $1 AND k.id = $2");

const LOCKED: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM app_keys k WHERE k.org_id = $1 AND k.id = $2 FOR NO KEY UPDATE"
);

const UPDATE: &str = "
    UPDATE app_keys SET name = $3, scopes = $4, folded = $5 WHERE org_id = $1 AND id = $2";

const DELETE: &str = "DELETE FROM app_keys WHERE org_id = $1 AND id = $2";

/// Keys are locked in the order of their ids, so that of several who note uses of the same keys none waits for another that
/// waits for it. A key whose time has moved on meanwhile is looked at again after the wait.
macro_rules! note {
    ($keys:literal) => {
        concat!(
            "WITH used AS (
                SELECT org_id, id, max(at) AS at FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u (org_id, id, at)
                GROUP BY org_id, id
            ), keys AS (
                SELECT k.org_id, k.id, u.at FROM ",
            $keys,
            " k JOIN used u ON u.org_id = k.org_id AND u.id = k.id
                WHERE k.last_used_at IS NULL OR k.last_used_at < u.at
                ORDER BY k.org_id, k.id FOR NO KEY UPDATE OF k
            )
            UPDATE ",
            $keys,
            " k SET last_used_at = keys.at FROM keys WHERE k.org_id = keys.org_id AND k.id = keys.id"
        )
    };
}

pub(crate) const NOTE_API_KEYS: &str = note!("api_keys");

pub(crate) const NOTE_APP_KEYS: &str = note!("app_keys");
