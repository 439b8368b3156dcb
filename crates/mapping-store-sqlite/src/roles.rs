//! Roles, each row with its permissions, and who holds them.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, CountedRole, OrgId, PermissionId, Role, RoleChange, RoleId, UserId, permissions,
};
use mapping_store::{
    Listed, RoleQuery, Roles, StoreError,
    backend::{Storable, folded, lists},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
    lists::{id_list, listed},
    organizations, users,
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
                row.modified_at.unix_micros(),
                folded(&[&row.name])
            ];
            run(connection, INSERT, values).map_err(duplicate("a role"))?;
            insert_permissions(connection, &row)
        })
        .await
    }

    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], role)).await
    }

    async fn roles_by_ids(&self, org: OrgId, ids: &[RoleId]) -> Result<Vec<Role>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        self.read(move |connection| all(connection, BY_IDS, params![org.0, id_list(&ids)?], role))
            .await
    }

    async fn roles(
        &self,
        org: OrgId,
        query: &RoleQuery,
    ) -> Result<Listed<CountedRole>, StoreError> {
        let list = lists::roles(org, query);
        self.read(move |connection| {
            listed(connection, COUNTED_COLUMNS, &list, |columns| {
                Ok(CountedRole { role: role(columns)?, user_count: columns.count()? })
            })
        })
        .await
    }

    async fn change_role(
        &self,
        org: OrgId,
        id: RoleId,
        change: &RoleChange,
        event: &AuditEvent,
    ) -> Result<Option<Role>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = one(connection, BY_ID, [org.0, id.0], role)? else {
                return Ok(None);
            };
            change.apply(&mut row);
            let values =
                params![org.0, id.0, row.name, row.modified_at.unix_micros(), folded(&[&row.name])];
            run(connection, UPDATE, values).map_err(duplicate("a role"))?;
            if change.permissions.is_none() {
                return Ok(Some(row));
            }
            keep_an_admin(connection, org, || {
                run(connection, DELETE_PERMISSIONS, [org.0, id.0])?;
                insert_permissions(connection, &row)?;
                Ok(Some(row.clone()))
            })
        })
        .await
    }

    async fn delete_role(
        &self,
        org: OrgId,
        id: RoleId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| {
            keep_an_admin(connection, org, || {
                run(connection, DELETE_HOLDERS, [org.0, id.0])?;
                Ok(run(connection, DELETE, [org.0, id.0])? > 0)
            })
        })
        .await
    }

    async fn grant_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let at = event.at.unix_micros();
        self.change(event, move |connection| {
            must_have(connection, org, role)?;
            let new = run(connection, GRANT, [org.0, role.0, permission.0])? > 0;
            if new {
                run(connection, TOUCH, params![org.0, role.0, at])?;
            }
            Ok(new)
        })
        .await
    }

    async fn revoke_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let at = event.at.unix_micros();
        self.change(event, move |connection| {
            must_have(connection, org, role)?;
            keep_an_admin(connection, org, || {
                let held = run(connection, REVOKE, [org.0, role.0, permission.0])? > 0;
                if held {
                    run(connection, TOUCH, params![org.0, role.0, at])?;
                }
                Ok(held)
            })
        })
        .await
    }

    async fn add_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| {
            must_have(connection, org, role)?;
            users::must_have(connection, org, user)?;
            Ok(run(connection, ADD_HOLDER, [org.0, role.0, user.0])? > 0)
        })
        .await
    }

    async fn remove_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| {
            must_have(connection, org, role)?;
            users::must_have(connection, org, user)?;
            keep_an_admin(connection, org, || {
                Ok(run(connection, REMOVE_HOLDER, [org.0, role.0, user.0])? > 0)
            })
        })
        .await
    }
}

/// [`StoreError::Missing`] unless there is such a role.
pub(crate) fn must_have(connection: &Connection, org: OrgId, id: RoleId) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM roles WHERE org_id = ?1 AND id = ?2";
    must_exist(connection, "role", sql, [org.0, id.0])
}

/// Makes a change, which is [`StoreError::LastAdmin`] if it takes the last enabled user who manages access.
pub(crate) fn keep_an_admin<T>(
    connection: &Connection,
    org: OrgId,
    change: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let has_one = || {
        let manages = permissions::USER_ACCESS_MANAGE.id;
        connection.prepare_cached(HAS_ADMIN)?.exists([org.0, manages.0])
    };
    let had_one = has_one()?;
    let outcome = change()?;
    if had_one && !has_one()? {
        return Err(StoreError::LastAdmin.into());
    }
    Ok(outcome)
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
        run(connection, GRANT, [role.org.0, role.id.0, permission.0])?;
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

pub(crate) const COUNTED_COLUMNS: &str = concat!(role_columns!(), ", r.user_count");

const INSERT: &str = "
    INSERT INTO roles (org_id, id, name, managed, created_at, modified_at, folded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const GRANT: &str = "
    INSERT INTO role_permissions (org_id, role_id, permission_id) VALUES (?1, ?2, ?3)
    ON CONFLICT DO NOTHING";

const REVOKE: &str = "
    DELETE FROM role_permissions WHERE org_id = ?1 AND role_id = ?2 AND permission_id = ?3";

const TOUCH: &str = "UPDATE roles SET modified_at = ?3 WHERE org_id = ?1 AND id = ?2";

const DELETE_PERMISSIONS: &str = "
    DELETE FROM role_permissions WHERE org_id = ?1 AND role_id = ?2";

/// After those that the user holds.
const ADD_HOLDER: &str = "
    INSERT INTO user_roles (org_id, role_id, user_id, position)
    SELECT ?1, ?2, ?3, coalesce(max(position) + 1, 0) FROM user_roles WHERE org_id = ?1 AND user_id = ?3
    ON CONFLICT (org_id, role_id, user_id) DO NOTHING";

const REMOVE_HOLDER: &str = "
    DELETE FROM user_roles WHERE org_id = ?1 AND role_id = ?2 AND user_id = ?3";

const DELETE_HOLDERS: &str = "DELETE FROM user_roles WHERE org_id = ?1 AND role_id = ?2";

const DELETE: &str = "DELETE FROM roles WHERE org_id = ?1 AND id = ?2";

const BY_ID: &str =
    concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.org_id = ?1 AND r.id = ?2");

/// The `+` keeps SQLite from walking all that the organization has for the sake of the order.
pub(crate) const BY_IDS: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM roles r WHERE r.org_id = ?1 AND r.id IN (SELECT unhex(value) FROM json_each(?2))
    ORDER BY +r.created_at, r.id"
);

const UPDATE: &str = "
    UPDATE roles SET name = ?3, modified_at = ?4, folded = ?5 WHERE org_id = ?1 AND id = ?2";

/// From the roles that hold the permission to their holders, as the joins say: roles are few.
pub(crate) const HAS_ADMIN: &str = "
    SELECT 1 FROM role_permissions p
    CROSS JOIN user_roles h ON h.org_id = p.org_id AND h.role_id = p.role_id
    CROSS JOIN users u ON u.org_id = h.org_id AND u.id = h.user_id
    WHERE p.org_id = ?1 AND p.permission_id = ?2 AND NOT u.disabled LIMIT 1";
