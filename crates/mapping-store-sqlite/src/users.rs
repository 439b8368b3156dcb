//! People and service accounts, each row with its roles.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, User, UserId};
use mapping_store::{StoreError, Users, backend::Storable};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
    organizations,
};

#[async_trait]
impl Users for SqliteStore {
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError> {
        user.storable()?;
        let row = user.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            let values = params![
                row.org.0,
                row.id.0,
                row.email,
                row.name,
                row.title,
                row.service_account,
                row.disabled,
                row.created_at.unix_micros(),
                row.modified_at.unix_micros()
            ];
            must_have_roles(connection, &row)?;
            run(connection, INSERT, values).map_err(duplicate("a user"))?;
            insert_roles(connection, &row)
        })
        .await
    }

    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], user)).await
    }

    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError> {
        let email = email.to_owned();
        self.read(move |connection| all(connection, BY_EMAIL, params![org.0, email], user)).await
    }

    async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError> {
        self.read(move |connection| all(connection, ALL, [org.0], user)).await
    }

    async fn update_user(&self, user: &User, event: &AuditEvent) -> Result<bool, StoreError> {
        user.storable()?;
        let row = user.clone();
        self.change(event, move |connection| {
            let values = params![
                row.org.0,
                row.id.0,
                row.email,
                row.name,
                row.title,
                row.disabled,
                row.modified_at.unix_micros()
            ];
            if run(connection, UPDATE, values).map_err(duplicate("a user"))? == 0 {
                return Ok(false);
            }
            must_have_roles(connection, &row)?;
            run(connection, DELETE_ROLES, [row.org.0, row.id.0])?;
            insert_roles(connection, &row)?;
            Ok(true)
        })
        .await
    }
}

/// Reads `org_id, id, email, name, title, service_account, disabled, created_at, modified_at` and the roles.
pub(crate) fn user(columns: &mut Columns<'_, '_>) -> Result<User, Fault> {
    Ok(User {
        org: OrgId(columns.take()?),
        id: UserId(columns.take()?),
        email: columns.take()?,
        name: columns.take()?,
        title: columns.take()?,
        service_account: columns.take()?,
        disabled: columns.take()?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
        roles: columns.roles()?,
    })
}

/// [`StoreError::Missing`] unless there is such a user.
pub(crate) fn must_have(connection: &Connection, org: OrgId, id: UserId) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM users WHERE org_id = ?1 AND id = ?2";
    must_exist(connection, "user", sql, [org.0, id.0])
}

fn must_have_roles(connection: &Connection, user: &User) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM roles WHERE org_id = ?1 AND id = ?2";
    user.roles.iter().try_for_each(|role| must_exist(connection, "role", sql, [user.org.0, role.0]))
}

fn insert_roles(connection: &Connection, user: &User) -> Result<(), Fault> {
    for (position, role) in (0_i64..).zip(&user.roles) {
        run(connection, INSERT_ROLE, params![user.org.0, user.id.0, position, role.0])?;
    }
    Ok(())
}

/// A user's columns, from `users u`. The roles are ids in hexadecimal digits, one after the other.
macro_rules! user_columns {
    () => {
        "u.org_id, u.id, u.email, u.name, u.title, u.service_account, u.disabled, u.created_at, u.modified_at,
        (SELECT group_concat(hex(r.role_id), '' ORDER BY r.position)
            FROM user_roles r WHERE r.org_id = u.org_id AND r.user_id = u.id)"
    };
}
pub(crate) use user_columns;

const INSERT: &str = "
    INSERT INTO users (org_id, id, email, name, title, service_account, disabled, created_at, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const INSERT_ROLE: &str = "
    INSERT INTO user_roles (org_id, user_id, position, role_id) VALUES (?1, ?2, ?3, ?4)";

const DELETE_ROLES: &str = "DELETE FROM user_roles WHERE org_id = ?1 AND user_id = ?2";

const BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.org_id = ?1 AND u.id = ?2");

const BY_EMAIL: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = ?1 AND u.email = ?2 ORDER BY u.created_at, u.id"
);

const ALL: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = ?1 ORDER BY u.created_at, u.id"
);

const UPDATE: &str = "
    UPDATE users SET email = ?3, name = ?4, title = ?5, disabled = ?6, modified_at = ?7
    WHERE org_id = ?1 AND id = ?2";
