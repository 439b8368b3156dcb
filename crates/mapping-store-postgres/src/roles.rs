//! Roles, each row with its permissions, and who holds them.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnTarget, CountedRole, OrgId, PermissionId, Role, RoleChange, RoleId, UserId,
};
use mapping_store::{
    Listed, RoleQuery, Roles, StoreError,
    backend::{Storable, folded, lists},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    admins::Admins,
    authn,
    change::Change,
    columns::{Columns, all, one},
    lists::Shape,
    store::Values,
    users,
};

#[async_trait]
impl Roles for PostgresStore {
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError> {
        role.storable()?;
        let created_at = role.created_at.unix_micros();
        let modified_at = role.modified_at.unix_micros();
        let folded = folded(&[&role.name]);
        self.change(Some(event), async |change| {
            let Role { org, id, name, managed, .. } = role;
            let values: Values<'_> =
                &[&org.0, &id.0, name, managed, &created_at, &modified_at, &folded];
            change.run(INSERT, values).await?;
            insert_permissions(change, role).await
        })
        .await
    }

    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), role)
    }

    async fn roles_by_ids(&self, org: OrgId, ids: &[RoleId]) -> Result<Vec<Role>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        all(&self.rows(BY_IDS, &[&org.0, &ids]).await?, role)
    }

    async fn roles(
        &self,
        org: OrgId,
        query: &RoleQuery,
    ) -> Result<Listed<CountedRole>, StoreError> {
        self.listed(LIST, &lists::roles(org, query), |columns| {
            Ok(CountedRole { role: role(columns)?, user_count: columns.count()? })
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
        let what = change;
        self.change(Some(event), async |change| {
            let admins = match what.permissions {
                Some(_) => Some(Admins::before(change, org).await?),
                None => None,
            };
            if change.rows(LOCK_WHOLE, &[&org.0, &id.0]).await?.is_empty() {
                return Ok(None);
            }
            let rows = change.rows(BY_ID, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), role)? else { return Ok(None) };
            what.apply(&mut row);
            let (modified_at, folded) = (row.modified_at.unix_micros(), folded(&[&row.name]));
            change.run(UPDATE, &[&org.0, &id.0, &row.name, &modified_at, &folded]).await?;
            if let Some(admins) = admins {
                change.run(DELETE_PERMISSIONS, &[&org.0, &id.0]).await?;
                insert_permissions(change, &row).await?;
                admins.after(change).await?;
            }
            Ok(Some(row))
        })
        .await
    }

    async fn delete_role(
        &self,
        org: OrgId,
        id: RoleId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| {
            let admins = Admins::before(change, org).await?;
            // Whoever is about to refer to it does so before or not at all.
            change.rows(LOCK_WHOLE, &[&org.0, &id.0]).await?;
            change.run(DELETE_HOLDERS, &[&org.0, &id.0]).await?;
            authn::lock_mappings(change, org, AuthnTarget::Role(id)).await?;
            let there = change.run(DELETE, &[&org.0, &id.0]).await? > 0;
            admins.after(change).await?;
            Ok(there)
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
        self.change(Some(event), async |change| {
            must_lock(change, org, role).await?;
            let new = change.run(GRANT, &[&org.0, &role.0, &permission.0]).await? > 0;
            if new {
                change.run(TOUCH, &[&org.0, &role.0, &at]).await?;
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
        self.change(Some(event), async |change| {
            let admins = Admins::before(change, org).await?;
            must_lock(change, org, role).await?;
            let held = change.run(REVOKE, &[&org.0, &role.0, &permission.0]).await? > 0;
            if held {
                change.run(TOUCH, &[&org.0, &role.0, &at]).await?;
                admins.after(change).await?;
            }
            Ok(held)
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
        self.change(Some(event), async |change| {
            must_lock(change, org, role).await?;
            users::must_lock(change, org, user).await?;
            Ok(change.run(ADD_HOLDER, &[&org.0, &role.0, &user.0]).await? > 0)
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
        self.change(Some(event), async |change| {
            let admins = Admins::before(change, org).await?;
            must_lock(change, org, role).await?;
            users::must_lock(change, org, user).await?;
            let held = change.run(REMOVE_HOLDER, &[&org.0, &role.0, &user.0]).await? > 0;
            admins.after(change).await?;
            Ok(held)
        })
        .await
    }
}

/// Locks a role, of which others may still say that somebody holds it. [`StoreError::Missing`] unless it is there.
async fn must_lock(change: &Change<'_>, org: OrgId, role: RoleId) -> Result<(), StoreError> {
    match change.rows(LOCK, &[&org.0, &role.0]).await?.is_empty() {
        true => Err(StoreError::Missing { what: "role" }),
        false => Ok(()),
    }
}

/// [`StoreError::Missing`] unless there is such a role, which may be deleted meanwhile.
pub(crate) async fn must_have(
    change: &Change<'_>,
    org: OrgId,
    role: RoleId,
) -> Result<(), StoreError> {
    match change.rows(EXISTS, &[&org.0, &role.0]).await?.is_empty() {
        true => Err(StoreError::Missing { what: "role" }),
        false => Ok(()),
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

pub(crate) const LIST: Shape =
    Shape { columns: concat!(role_columns!(), ", r.user_count"), page: Some(("r.*", "r")) };

const INSERT: &str = "
    INSERT INTO roles (org_id, id, name, managed, created_at, modified_at, folded)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const INSERT_PERMISSIONS: &str = "
    INSERT INTO role_permissions (org_id, role_id, permission_id)
    SELECT $1, $2, permission_id FROM unnest($3::uuid[]) AS p (permission_id)";

const DELETE_PERMISSIONS: &str = "
    DELETE FROM role_permissions WHERE org_id = $1 AND role_id = $2";

const GRANT: &str = "
    INSERT INTO role_permissions (org_id, role_id, permission_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const REVOKE: &str = "
    DELETE FROM role_permissions WHERE org_id = $1 AND role_id = $2 AND permission_id = $3";

const TOUCH: &str = "UPDATE roles SET modified_at = $3 WHERE org_id = $1 AND id = $2";

/// After those that the user holds.
const ADD_HOLDER: &str = "
    INSERT INTO user_roles (org_id, role_id, user_id, position)
    SELECT $1, $2, $3, coalesce(max(position) + 1, 0) FROM user_roles WHERE org_id = $1 AND user_id = $3
    ON CONFLICT (org_id, role_id, user_id) DO NOTHING";

const REMOVE_HOLDER: &str = "
    DELETE FROM user_roles WHERE org_id = $1 AND role_id = $2 AND user_id = $3";

const DELETE_HOLDERS: &str = "DELETE FROM user_roles WHERE org_id = $1 AND role_id = $2";

/// What is mapped to it goes with it, by its reference.
const DELETE: &str = "DELETE FROM roles WHERE org_id = $1 AND id = $2";

const EXISTS: &str = "SELECT 1 FROM roles WHERE org_id = $1 AND id = $2";

const LOCK: &str = "SELECT 1 FROM roles WHERE org_id = $1 AND id = $2 FOR NO KEY UPDATE";

const LOCK_WHOLE: &str = "SELECT 1 FROM roles WHERE org_id = $1 AND id = $2 FOR UPDATE";

const BY_ID: &str =
    concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.org_id = $1 AND r.id = $2");

const BY_IDS: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM roles r WHERE r.org_id = $1 AND r.id = ANY($2) ORDER BY r.created_at, r.id"
);

const UPDATE: &str = "
    UPDATE roles SET name = $3, modified_at = $4, folded = $5 WHERE org_id = $1 AND id = $2";
