//! People and service accounts, each row with its roles.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, User, UserId};
use mapping_store::{StoreError, Users, backend::Storable};
use uuid::Uuid;

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, one},
};

#[async_trait]
impl Users for PostgresStore {
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError> {
        user.storable()?;
        let created_at = user.created_at.unix_micros();
        let modified_at = user.modified_at.unix_micros();
        self.change(Some(event), async |change| {
            change
                .run(
                    INSERT,
                    &[
                        &user.org.0,
                        &user.id.0,
                        &user.email,
                        &user.name,
                        &user.title,
                        &user.service_account,
                        &user.disabled,
                        &created_at,
                        &modified_at,
                    ],
                )
                .await?;
            insert_roles(change, user).await
        })
        .await
    }

    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), user)
    }

    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError> {
        // The server refuses to read such a text, and no user has one.
        if email.contains('\0') {
            return Ok(Vec::new());
        }
        all(&self.rows(BY_EMAIL, &[&org.0, &email]).await?, user)
    }

    async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError> {
        all(&self.rows(ALL, &[&org.0]).await?, user)
    }

    async fn update_user(&self, user: &User, event: &AuditEvent) -> Result<bool, StoreError> {
        user.storable()?;
        let modified_at = user.modified_at.unix_micros();
        self.change(Some(event), async |change| {
            let User { org, id, email, name, title, disabled, .. } = user;
            let values: crate::store::Values<'_> =
                &[&org.0, &id.0, email, name, title, disabled, &modified_at];
            if change.run(UPDATE, values).await? == 0 {
                return Ok(false);
            }
            change.run(DELETE_ROLES, &[&org.0, &id.0]).await?;
            insert_roles(change, user).await?;
            Ok(true)
        })
        .await
    }
}

/// Reads `org_id, id, email, name, title, service_account, disabled, created_at, modified_at` and the roles.
pub(crate) fn user(columns: &mut Columns<'_>) -> Result<User, StoreError> {
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

async fn insert_roles(change: &Change<'_>, user: &User) -> Result<(), StoreError> {
    if user.roles.is_empty() {
        return Ok(());
    }
    let roles: Vec<Uuid> = user.roles.iter().map(|role| role.0).collect();
    change.run(INSERT_ROLES, &[&user.org.0, &user.id.0, &roles]).await.map(drop)
}

/// A user's columns, from `users u`.
macro_rules! user_columns {
    () => {
        "u.org_id, u.id, u.email, u.name, u.title, u.service_account, u.disabled, u.created_at, u.modified_at,
        ARRAY(SELECT r.role_id FROM user_roles r
            WHERE r.org_id = u.org_id AND r.user_id = u.id ORDER BY r.position)"
    };
}
pub(crate) use user_columns;

const INSERT: &str = "
    INSERT INTO users (org_id, id, email, name, title, service_account, disabled, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const INSERT_ROLES: &str = "
    INSERT INTO user_roles (org_id, user_id, role_id, position)
    SELECT $1, $2, role_id, position FROM unnest($3::uuid[]) WITH ORDINALITY AS r (role_id, position)";

const DELETE_ROLES: &str = "DELETE FROM user_roles WHERE org_id = $1 AND user_id = $2";

const BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.org_id = $1 AND u.id = $2");

const BY_EMAIL: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = $1 AND u.email = $2 ORDER BY u.created_at, u.id"
);

const ALL: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = $1 ORDER BY u.created_at, u.id"
);

const UPDATE: &str = "
    UPDATE users SET email = $3, name = $4, title = $5, disabled = $6, modified_at = $7
    WHERE org_id = $1 AND id = $2";
