//! Organizations.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Organization};
use mapping_store::{Organizations, StoreError, backend::Storable};

use crate::{
    PostgresStore,
    columns::{Columns, all, one},
};

#[async_trait]
impl Organizations for PostgresStore {
    async fn insert_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        organization.storable()?;
        let (created_at, modified_at) = times(organization);
        self.change(Some(event), async |change| {
            change
                .run(
                    INSERT,
                    &[
                        &organization.id.0,
                        &organization.number,
                        &organization.name,
                        &organization.disabled,
                        &created_at,
                        &modified_at,
                    ],
                )
                .await?;
            Ok(())
        })
        .await
    }

    async fn organization(&self, id: OrgId) -> Result<Option<Organization>, StoreError> {
        one(self.row(BY_ID, &[&id.0]).await?.as_ref(), organization)
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        all(&self.rows(ALL, &[]).await?, organization)
    }

    async fn update_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        organization.storable()?;
        let (_, modified_at) = times(organization);
        self.change(Some(event), async |change| {
            let Organization { id, name, disabled, .. } = organization;
            Ok(change.run(UPDATE, &[&id.0, name, disabled, &modified_at]).await? > 0)
        })
        .await
    }
}

fn times(organization: &Organization) -> (i64, i64) {
    (organization.created_at.unix_micros(), organization.modified_at.unix_micros())
}

/// Reads `id, number, name, disabled, created_at, modified_at`.
pub(crate) fn organization(columns: &mut Columns<'_>) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: OrgId(columns.take()?),
        number: columns.take()?,
        name: columns.take()?,
        disabled: columns.take()?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
    })
}

const INSERT: &str = "
    INSERT INTO organizations (id, number, name, disabled, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

const BY_ID: &str = "
    SELECT id, number, name, disabled, created_at, modified_at FROM organizations WHERE id = $1";

const ALL: &str = "
    SELECT id, number, name, disabled, created_at, modified_at FROM organizations
    ORDER BY created_at, id";

const UPDATE: &str = "
    UPDATE organizations SET name = $2, disabled = $3, modified_at = $4 WHERE id = $1";
