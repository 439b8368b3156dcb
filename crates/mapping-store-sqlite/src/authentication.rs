//! Who makes a request: one statement for each way of saying so.

use async_trait::async_trait;
use auth_model::{ApiKeyId, AppKeyId, KeyHash, ManagedKeyId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{ApiKeyHolder, Authentication, Authority, HeldKey, StoreError};
use rusqlite::params;

use crate::{
    SqliteStore, app_keys,
    columns::{Columns, one},
    fault::Fault,
    organizations::organization,
    users::{user, user_columns},
};

#[async_trait]
impl Authentication for SqliteStore {
    async fn by_api_key(
        &self,
        hash: KeyHash,
        now: Timestamp,
    ) -> Result<Option<ApiKeyHolder>, StoreError> {
        self.read(move |connection| {
            one(connection, BY_API_KEY, params![hash.0, now.unix_micros()], holder)
        })
        .await
    }

    async fn by_key_pair(
        &self,
        api: KeyHash,
        app: KeyHash,
    ) -> Result<Option<Authority>, StoreError> {
        self.read(move |connection| {
            one(connection, BY_KEY_PAIR, params![api.0, app.0], |columns| {
                let authority = authority(columns)?;
                let keys = Some((ApiKeyId(columns.take()?), AppKeyId(columns.take()?)));
                Ok(Authority { keys, scopes: app_keys::scopes(columns)?, ..authority })
            })
        })
        .await
    }

    async fn by_mapping(
        &self,
        org: OrgId,
        mapping: MappingId,
        user: UserId,
    ) -> Result<Option<Authority>, StoreError> {
        self.read(move |connection| {
            one(connection, BY_MAPPING, [org.0, mapping.0, user.0], authority)
        })
        .await
    }
}

fn holder(columns: &mut Columns<'_, '_>) -> Result<ApiKeyHolder, Fault> {
    let organization = organization(columns)?;
    let id = columns.take()?;
    let key = match columns.id(MappingId)? {
        None => HeldKey::Made(ApiKeyId(id)),
        Some(mapping) => HeldKey::Managed { id: ManagedKeyId(id), mapping },
    };
    Ok(ApiKeyHolder { organization, key })
}

/// Reads the columns of an authority.
pub(crate) fn authority(columns: &mut Columns<'_, '_>) -> Result<Authority, Fault> {
    Ok(Authority {
        organization: organization(columns)?,
        user: user(columns)?,
        permissions: columns.permissions()?,
        keys: None,
        scopes: None,
    })
}

/// An authority's columns, from `organizations o` and `users u`. `CROSS JOIN` keeps the order: first the user's roles, then what they hold,
/// not first whatever the organization's roles hold.
macro_rules! authority_columns {
    () => {
        concat!(
            "o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at, ",
            user_columns!(),
            ", (SELECT group_concat(hex(p.permission_id), '')
                FROM user_roles r CROSS JOIN role_permissions p ON p.org_id = r.org_id AND p.role_id = r.role_id
                WHERE r.org_id = u.org_id AND r.user_id = u.id)"
        )
    };
}
pub(crate) use authority_columns;

/// A managed key needs its mapping, and the mapping its account.
pub(crate) const BY_API_KEY: &str = "
    SELECT o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at, k.id, k.mapping_id
    FROM api_keys k JOIN organizations o ON o.id = k.org_id
    WHERE k.hash = ?1 AND NOT o.disabled AND (k.mapping_id IS NULL OR (k.expires_at > ?2 AND EXISTS (
        SELECT 1 FROM intake_mappings m
        JOIN aws_accounts a ON a.org_id = m.org_id AND a.account = m.account AND a.partition = m.partition
        WHERE m.org_id = k.org_id AND m.id = k.mapping_id)))";

pub(crate) const BY_KEY_PAIR: &str = concat!(
    "SELECT ",
    authority_columns!(),
    ", api.id, app.id, app.scopes
    FROM api_keys api
    JOIN app_keys app ON app.org_id = api.org_id AND app.hash = ?2
    JOIN organizations o ON o.id = api.org_id
    JOIN users u ON u.org_id = app.org_id AND u.id = app.owner_id
    WHERE api.hash = ?1 AND api.mapping_id IS NULL AND NOT o.disabled AND NOT u.disabled"
);

pub(crate) const BY_MAPPING: &str = concat!(
    "SELECT ",
    authority_columns!(),
    " FROM persona_mappings m
    JOIN aws_accounts a ON a.org_id = m.org_id AND a.account = m.account AND a.partition = m.partition
    JOIN organizations o ON o.id = m.org_id
    JOIN users u ON u.org_id = m.org_id AND u.id = m.target_id
    WHERE m.org_id = ?1 AND m.id = ?2 AND m.target_id = ?3 AND NOT o.disabled AND NOT u.disabled"
);
