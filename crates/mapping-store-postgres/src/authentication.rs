//! Who makes a request: one statement for each way of saying so.

use async_trait::async_trait;
use auth_model::{ApiKeyId, AppKeyId, KeyHash, ManagedKeyId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{ApiKeyHolder, Authentication, Authority, HeldKey, StoreError};

use crate::{
    PostgresStore,
    columns::{Columns, one},
    organizations::organization,
    users::{user, user_columns},
};

#[async_trait]
impl Authentication for PostgresStore {
    async fn by_api_key(
        &self,
        hash: KeyHash,
        now: Timestamp,
    ) -> Result<Option<ApiKeyHolder>, StoreError> {
        let row = self.row(BY_API_KEY, &[&hash.0.as_slice(), &now.unix_micros()]).await?;
        one(row.as_ref(), holder)
    }

    async fn by_key_pair(
        &self,
        api: KeyHash,
        app: KeyHash,
    ) -> Result<Option<Authority>, StoreError> {
        let row = self.row(BY_KEY_PAIR, &[&api.0.as_slice(), &app.0.as_slice()]).await?;
        one(row.as_ref(), |columns| {
            let authority = authority(columns)?;
            let keys = Some((ApiKeyId(columns.take()?), AppKeyId(columns.take()?)));
            Ok(Authority { keys, scopes: columns.scopes()?, ..authority })
        })
    }

    async fn by_mapping(
        &self,
        org: OrgId,
        mapping: MappingId,
        user: UserId,
    ) -> Result<Option<Authority>, StoreError> {
        one(self.row(BY_MAPPING, &[&org.0, &mapping.0, &user.0]).await?.as_ref(), authority)
    }
}

fn holder(columns: &mut Columns<'_>) -> Result<ApiKeyHolder, StoreError> {
    let organization = organization(columns)?;
    let id = columns.take()?;
    let key = match columns.id(MappingId)? {
        None => HeldKey::Made(ApiKeyId(id)),
        Some(mapping) => HeldKey::Managed { id: ManagedKeyId(id), mapping },
    };
    Ok(ApiKeyHolder { organization, key })
}

/// Reads the columns of an authority.
pub(crate) fn authority(columns: &mut Columns<'_>) -> Result<Authority, StoreError> {
    Ok(Authority {
        organization: organization(columns)?,
        user: user(columns)?,
        permissions: columns.permissions()?,
        keys: None,
        scopes: None,
    })
}

/// An authority's columns, from `organizations o` and `users u`.
macro_rules! authority_columns {
    () => {
        concat!(
            "o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at, ",
            user_columns!(),
            ", ARRAY(SELECT DISTINCT p.permission_id
                FROM user_roles r JOIN role_permissions p ON p.org_id = r.org_id AND p.role_id = r.role_id
                WHERE r.org_id = u.org_id AND r.user_id = u.id)"
        )
    };
}
pub(crate) use authority_columns;

/// A managed key needs its mapping, and the mapping its account.
pub(crate) const BY_API_KEY: &str = "
    SELECT o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at, k.id, k.mapping_id
    FROM api_keys k JOIN organizations o ON o.id = k.org_id
    WHERE k.hash = $1 AND NOT o.disabled AND (k.mapping_id IS NULL OR (k.expires_at > $2 AND EXISTS (
        SELECT 1 FROM intake_mappings m
        JOIN aws_accounts a ON a.org_id = m.org_id
            AND a.account = split_part(m.pattern, ':', 5) AND a.partition = split_part(m.pattern, ':', 2)
        WHERE m.org_id = k.org_id AND m.id = k.mapping_id)))";

pub(crate) const BY_KEY_PAIR: &str = concat!(
    "SELECT ",
    authority_columns!(),
    ", api.id, app.id, app.scopes
    FROM api_keys api
    JOIN app_keys app ON app.org_id = api.org_id AND app.hash = $2
    JOIN organizations o ON o.id = api.org_id
    JOIN users u ON u.org_id = app.org_id AND u.id = app.owner_id
    WHERE api.hash = $1 AND api.mapping_id IS NULL AND NOT o.disabled AND NOT u.disabled"
);

pub(crate) const BY_MAPPING: &str = concat!(
    "SELECT ",
    authority_columns!(),
    " FROM persona_mappings m
    JOIN aws_accounts a ON a.org_id = m.org_id
        AND a.account = split_part(m.pattern, ':', 5) AND a.partition = split_part(m.pattern, ':', 2)
    JOIN organizations o ON o.id = m.org_id
    JOIN users u ON u.org_id = m.org_id AND u.id = m.target_id
    WHERE m.org_id = $1 AND m.id = $2 AND m.target_id = $3 AND NOT o.disabled AND NOT u.disabled"
);
