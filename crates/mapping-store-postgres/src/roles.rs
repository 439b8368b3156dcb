//! Roles, each row with its permissions.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Role, RoleId};
use mapping_store::{Roles, StoreError, backend::Storable};
use uuid::Uuid;

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, one},
};

#[async_trait]
impl Roles for PostgresStore {
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError> {
        role.storable()?;
        let created_at = role.created_at.unix_micros();
        let modified_at = role.modified_at.unix_micros();
        self.change(Some(event), async |change| {
            let Role { org, id, name, managed, .. } = role;
            let values: crate::store::Values<'_> =
                &[&org.0, &id.0, name, managed, &created_at, &modified_at];
            change.run(INSERT, values).await?;
            insert_permissions(change, role).await
        })
        .await
    }

    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), role)
    }

    async fn roles(&self, org: OrgId) -> Result<Vec<Role>, StoreError> {
        all(&self.rows(ALL, &[&org.0]).await?, role)
    }

    async fn update_role(&self, role: &Role, event: &AuditEvent) -> Result<bool, StoreError> {
        role.storable()?;
        let modified_at = role.modified_at.unix_micros();
        self.change(Some(event), async |change| {
            let Role { org, id, name, .. } = role;
            if change.run(UPDATE, &[&org.0, &id.0, name, &modified_at]).await? == 0 {
                return Ok(false);
            }
            change.run(DELETE_PERMISSIONS, &[&org.0, &id.0]).await?;
            insert_permissions(change, role).await?;
            Ok(true)
        })
        .await
    }
}

fn role(columns: &mut Columns<'_>) -> Result<Role, StoreError> {
    Ok(Role {
        org: OrgId(columns.take()?),
        id: RoleId(columns.take()?),
        name: columns.take()?,
        managed: columns.take()?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
        permissions: columns.permissions()?,
    })
}

async fn insert_permissions(change: &Change<'_>, role: &Role) -> Result<(), StoreError> {
    let permissions: Vec<Uuid> = role.permissions.iter().map(|permission| permission.0).collect();
    change.run(INSERT_PERMISSIONS, &[&role.org.0, &role.id.0, &permissions]).await.map(drop)
}

macro_rules! role_columns {
    () => {
        "r.org_id, r.id, r.name, r.managed, r.created_at, r.modified_at,
        ARRAY(SELECT p.permission_id FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id)"
    };
}

const INSERT: &str = "
    INSERT INTO roles (org_id, id, name, managed, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

const INSERT_PERMISSIONS: &str = "
    INSERT INTO role_permissions (org_id, role_id, permission_id)
    SELECT $1, $2, permission_id FROM unnest($3::uuid[]) AS p (permission_id)";

const DELETE_PERMISSIONS: &str = "
    DELETE FROM role_permissions WHERE org_id = $1 AND role_id = $2";

const BY_ID: &str =
    concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.org_id = $1 AND r.id = $2");

const ALL: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM roles r WHERE r.org_id = $1 ORDER BY r.created_at, r.id"
);

const UPDATE: &str = "
    UPDATE roles SET name = $3, modified_at = $4 WHERE org_id = $1 AND id = $2";
