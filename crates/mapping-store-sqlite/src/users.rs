//! People and service accounts, each row with its roles.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, User, UserChange, UserId};
use mapping_store::{
    Listed, StoreError, UserQuery, Users,
    backend::{Storable, distinct, folded_user, lists},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
    lists::{id_list, listed},
    organizations, roles, sessions,
};

#[async_trait]
impl Users for SqliteStore {
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError> {
        user.storable()?;
        let row = user.clone();
        self.change(event, move |connection| insert(connection, &row)).await
    }

    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(move |connection| stored(connection, org, id)).await
    }

    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError> {
        let email = email.to_owned();
        self.read(move |connection| all(connection, BY_EMAIL, params![org.0, email], user)).await
    }

    async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        self.read(move |connection| all(connection, BY_IDS, params![org.0, id_list(&ids)?], user))
            .await
    }

    async fn users(&self, org: OrgId, query: &UserQuery) -> Result<Listed<User>, StoreError> {
        let list = lists::users(org, query);
        self.read(move |connection| listed(connection, COLUMNS, &list, user)).await
    }

    async fn change_user(
        &self,
        org: OrgId,
        id: UserId,
        change: &UserChange,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = stored(connection, org, id)? else { return Ok(None) };
            change.apply(&mut row);
            let values = params![
                org.0,
                id.0,
                row.email,
                row.name,
                row.title,
                row.disabled,
                row.modified_at.unix_micros(),
                folded_user(&row)
            ];
            roles::keep_an_admin(connection, org, || {
                run(connection, UPDATE, values).map_err(duplicate("a user"))?;
                Ok(())
            })?;
            if row.disabled {
                sessions::end_of_user(connection, org, id)?;
            }
            Ok(Some(row))
        })
        .await
    }
}

/// The user of this id.
pub(crate) fn stored(
    connection: &Connection,
    org: OrgId,
    id: UserId,
) -> Result<Option<User>, Fault> {
    one(connection, BY_ID, [org.0, id.0], user)
}

/// Adds a user with their roles.
pub(crate) fn insert(connection: &Connection, row: &User) -> Result<(), Fault> {
    organizations::must_have(connection, row.org)?;
    must_have_roles(connection, row)?;
    let values = params![
        row.org.0,
        row.id.0,
        row.email,
        row.name,
        row.title,
        row.service_account,
        row.disabled,
        row.verified,
        row.created_at.unix_micros(),
        row.modified_at.unix_micros(),
        folded_user(row)
    ];
    run(connection, INSERT, values).map_err(duplicate("a user"))?;
    insert_roles(connection, row)
}

/// Changes what a sign-in may change of a user, where it does.
pub(crate) fn sign_in(connection: &Connection, before: &User, row: &User) -> Result<(), Fault> {
    if (&row.name, row.verified) != (&before.name, before.verified) {
        let values = params![
            row.org.0,
            row.id.0,
            row.name,
            row.verified,
            row.modified_at.unix_micros(),
            folded_user(row)
        ];
        run(connection, UPDATE_SIGNED_IN, values)?;
    }
    if row.roles != before.roles {
        must_have_roles(connection, row)?;
        run(connection, DELETE_ROLES, [row.org.0, row.id.0])?;
        insert_roles(connection, row)?;
    }
    Ok(())
}

fn must_have_roles(connection: &Connection, row: &User) -> Result<(), Fault> {
    row.roles.iter().try_for_each(|role| roles::must_have(connection, row.org, *role))
}

fn insert_roles(connection: &Connection, row: &User) -> Result<(), Fault> {
    for (position, role) in (0_i64..).zip(distinct(&row.roles)) {
        run(connection, INSERT_ROLE, params![row.org.0, row.id.0, position, role.0])?;
    }
    Ok(())
}

/// Reads `org_id, id, email, name, title, service_account, disabled, verified, created_at, modified_at` and the roles.
pub(crate) fn user(columns: &mut Columns<'_, '_>) -> Result<User, Fault> {
    Ok(User {
        org: OrgId(columns.take()?),
        id: UserId(columns.take()?),
        email: columns.take()?,
        name: columns.take()?,
        title: columns.take()?,
        service_account: columns.take()?,
        disabled: columns.take()?,
        verified: columns.take()?,
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

/// A user's columns, from `users u`. The roles are ids in hexadecimal digits, one after the other.
macro_rules! user_columns {
    () => {
        "u.org_id, u.id, u.email, u.name, u.title, u.service_account, u.disabled, u.verified, u.created_at,
        u.modified_at, (SELECT group_concat(hex(r.role_id), '' ORDER BY r.position)
            FROM user_roles r WHERE r.org_id = u.org_id AND r.user_id = u.id)"
    };
}
pub(crate) use user_columns;

pub(crate) const COLUMNS: &str = user_columns!();

const INSERT: &str = "
    INSERT INTO users (org_id, id, email, name, title, service_account, disabled, verified, created_at,
        modified_at, folded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

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

/// The `+` keeps SQLite from walking all that the organization has for the sake of the order.
pub(crate) const BY_IDS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = ?1 AND u.id IN (SELECT unhex(value) FROM json_each(?2))
    ORDER BY +u.created_at, u.id"
);

const UPDATE: &str = "
    UPDATE users SET email = ?3, name = ?4, title = ?5, disabled = ?6, modified_at = ?7, folded = ?8
    WHERE org_id = ?1 AND id = ?2";

const UPDATE_SIGNED_IN: &str = "
    UPDATE users SET name = ?3, verified = ?4, modified_at = ?5, folded = ?6
    WHERE org_id = ?1 AND id = ?2";
