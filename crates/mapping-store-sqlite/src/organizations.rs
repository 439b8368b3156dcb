//! Organizations.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Organization};
use mapping_store::{Organizations, StoreError, backend::Storable};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
};

#[async_trait]
impl Organizations for SqliteStore {
    async fn insert_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        organization.storable()?;
        let row = organization.clone();
        self.change(event, move |connection| {
            let values = params![
                row.id.0,
                row.number,
                row.name,
                row.disabled,
                row.created_at.unix_micros(),
                row.modified_at.unix_micros()
            ];
            run(connection, INSERT, values).map_err(duplicate("an organization"))?;
            Ok(())
        })
        .await
    }

    async fn organization(&self, id: OrgId) -> Result<Option<Organization>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [id.0], organization)).await
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.read(|connection| all(connection, ALL, [], organization)).await
    }

    async fn update_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        organization.storable()?;
        let row = organization.clone();
        self.change(event, move |connection| {
            let values = params![row.id.0, row.name, row.disabled, row.modified_at.unix_micros()];
            Ok(run(connection, UPDATE, values)? > 0)
        })
        .await
    }
}

/// Reads `id, number, name, disabled, created_at, modified_at`.
pub(crate) fn organization(columns: &mut Columns<'_, '_>) -> Result<Organization, Fault> {
    Ok(Organization {
        id: OrgId(columns.take()?),
        number: columns.take()?,
        name: columns.take()?,
        disabled: columns.take()?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
    })
}

/// [`StoreError::Missing`] unless there is such an organization.
pub(crate) fn must_have(connection: &Connection, org: OrgId) -> Result<(), Fault> {
    must_exist(connection, "organization", "SELECT 1 FROM organizations WHERE id = ?1", [org.0])
}

const INSERT: &str = "
    INSERT INTO organizations (id, number, name, disabled, created_at, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const BY_ID: &str = "
    SELECT id, number, name, disabled, created_at, modified_at FROM organizations WHERE id = ?1";

const ALL: &str = "
    SELECT id, number, name, disabled, created_at, modified_at FROM organizations
    ORDER BY created_at, id";

const UPDATE: &str = "
    UPDATE organizations SET name = ?2, disabled = ?3, modified_at = ?4 WHERE id = ?1";
