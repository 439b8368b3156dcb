//! Roles, each row with its permissions.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Role, RoleId};
use mapping_store::{Roles, StoreError, backend::Storable};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
    organizations,
};

#[async_trait]
impl Roles for SqliteStore {
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError> {
        role.storable()?;
        let row = role.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.name,
                row.managed,
                row.created_at.unix_micros(),
                row.modified_at.unix_micros()
            ];
            run(connection, INSERT, values).map_err(duplicate("a role"))?;
            insert_permissions(connection, &row)
        })
        .await
    }

    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], role)).await
    }

    async fn roles(&self, org: OrgId) -> Result<Vec<Role>, StoreError> {
        self.read(move |connection| all(connection, ALL, [org.0], role)).await
    }

    async fn update_role(&self, role: &Role, event: &AuditEvent) -> Result<bool, StoreError> {
        role.storable()?;
        let row = role.clone();
        self.change(event, move |connection| {
            let values = params![row.org.0, row.id.0, row.name, row.modified_at.unix_micros()];
            if run(connection, UPDATE, values).map_err(duplicate("a role"))? == 0 {
                return Ok(false);
            }
            run(connection, DELETE_PERMISSIONS, [row.org.0, row.id.0])?;
            insert_permissions(connection, &row)?;
            Ok(true)
        })
        .await
    }
}

fn role(columns: &mut Columns<'_, '_>) -> Result<Role, Fault> {
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

fn insert_permissions(connection: &Connection, role: &Role) -> Result<(), Fault> {
    for permission in &role.permissions {
        run(connection, INSERT_PERMISSION, [role.org.0, role.id.0, permission.0])?;
    }
    Ok(())
}

macro_rules! role_columns {
    () => {
        "r.org_id, r.id, r.name, r.managed, r.created_at, r.modified_at,
        (SELECT group_concat(hex(p.permission_id), '')
            FROM role_permissions p WHERE p.org_id = r.org_id AND p.role_id = r.id)"
    };
}

const INSERT: &str = "
    INSERT INTO roles (org_id, id, name, managed, created_at, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const INSERT_PERMISSION: &str = "
    INSERT INTO role_permissions (org_id, role_id, permission_id) VALUES (?1, ?2, ?3)";

const DELETE_PERMISSIONS: &str = "
    DELETE FROM role_permissions WHERE org_id = ?1 AND role_id = ?2";

const BY_ID: &str =
    concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.org_id = ?1 AND r.id = ?2");

const ALL: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM roles r WHERE r.org_id = ?1 ORDER BY r.created_at, r.id"
);

const UPDATE: &str = "
    UPDATE roles SET name = ?3, modified_at = ?4 WHERE org_id = ?1 AND id = ?2";
