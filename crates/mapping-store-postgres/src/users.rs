//! People and service accounts, each row with its roles.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, RoleId, User, UserChange, UserId};
use mapping_store::{
    Listed, StoreError, UserQuery, Users,
    backend::{Storable, distinct, folded_user, lists},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    admins::Admins,
    change::Change,
    columns::{Columns, all, one},
    lists::Shape,
    sessions,
    store::Values,
};

#[async_trait]
impl Users for PostgresStore {
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError> {
        user.storable()?;
        self.change(Some(event), async |change| insert(change, user).await).await
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

    async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        all(&self.rows(BY_IDS, &[&org.0, &ids]).await?, user)
    }

    async fn users(&self, org: OrgId, query: &UserQuery) -> Result<Listed<User>, StoreError> {
        self.listed(LIST, &lists::users(org, query), user).await
    }

    async fn change_user(
        &self,
        org: OrgId,
        id: UserId,
        change: &UserChange,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            let admins = match what.disabled {
                Some(true) => Some(Admins::before(change, org).await?),
                _ => None,
            };
            let rows = change.rows(LOCKED, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), user)? else { return Ok(None) };
            what.apply(&mut row);
            let (modified_at, folded) = (row.modified_at.unix_micros(), folded_user(&row));
            let User { email, name, title, disabled, .. } = &row;
            let values: Values<'_> =
                &[&org.0, &id.0, email, name, title, disabled, &modified_at, &folded];
            change.run(UPDATE, values).await?;
            if *disabled {
                sessions::end_of_user(change, org, id).await?;
            }
            if let Some(admins) = admins {
                admins.after(change).await?;
            }
            Ok(Some(row))
        })
        .await
    }
}

/// Locks a user, of whom others may still say something. [`StoreError::Missing`] unless there is one.
pub(crate) async fn must_lock(
    change: &Change<'_>,
    org: OrgId,
    user: UserId,
) -> Result<(), StoreError> {
    match change.rows(LOCK, &[&org.0, &user.0]).await?.is_empty() {
        true => Err(StoreError::Missing { what: "user" }),
        false => Ok(()),
    }
}

/// Adds a user with their roles.
pub(crate) async fn insert(change: &Change<'_>, row: &User) -> Result<(), StoreError> {
    let User { org, id, email, name, title, service_account, disabled, verified, .. } = row;
    let roles = role_ids(row);
    lock_roles(change, *org, &roles).await?;
    let values: Values<'_> = &[
        &org.0,
        &id.0,
        email,
        name,
        title,
        service_account,
        disabled,
        verified,
        &row.created_at.unix_micros(),
        &row.modified_at.unix_micros(),
        &folded_user(row),
    ];
    change.run(INSERT, values).await?;
    insert_roles(change, row, &roles).await
}

/// Changes what a sign-in may change of a user, where it does. The user is locked, and so are the roles before and after.
pub(crate) async fn sign_in(
    change: &Change<'_>,
    before: &User,
    row: &User,
) -> Result<(), StoreError> {
    let User { org, id, name, verified, modified_at, .. } = row;
    if (name, verified) != (&before.name, &before.verified) {
        let values: Values<'_> =
            &[&org.0, &id.0, name, verified, &modified_at.unix_micros(), &folded_user(row)];
        change.run(UPDATE_SIGNED_IN, values).await?;
    }
    if row.roles != before.roles {
        change.run(DELETE_ROLES, &[&org.0, &id.0]).await?;
        insert_roles(change, row, &role_ids(row)).await?;
    }
    Ok(())
}

/// Locks a user and reads them then, by a statement of its own: one that had to wait for the lock would see the roles that there were
/// before it waited.
pub(crate) async fn locked(
    change: &Change<'_>,
    org: OrgId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    change.rows(LOCK, &[&org.0, &id.0]).await?;
    one(change.rows(BY_ID, &[&org.0, &id.0]).await?.first(), user)
}

/// Locks those of the roles that are there, as [`insert`] does.
pub(crate) async fn lock_some_roles(
    change: &Change<'_>,
    org: OrgId,
    roles: &[RoleId],
) -> Result<(), StoreError> {
    let roles: Vec<Uuid> = roles.iter().map(|role| role.0).collect();
    change.rows(LOCK_ROLES, &[&org.0, &roles]).await.map(drop)
}

fn role_ids(user: &User) -> Vec<Uuid> {
    distinct(&user.roles).into_iter().map(|role| role.0).collect()
}

async fn insert_roles(change: &Change<'_>, row: &User, roles: &[Uuid]) -> Result<(), StoreError> {
    if roles.is_empty() {
        return Ok(());
    }
    change.run(INSERT_ROLES, &[&row.org.0, &row.id.0, &roles]).await.map(drop)
}

/// Locks roles whose holders will be counted, in one order for everybody. All must be there.
async fn lock_roles(change: &Change<'_>, org: OrgId, roles: &[Uuid]) -> Result<(), StoreError> {
    if roles.is_empty() || change.rows(LOCK_ROLES, &[&org.0, &roles]).await?.len() == roles.len() {
        return Ok(());
    }
    let organization = change.rows(ORGANIZATION, &[&org.0]).await?;
    let what = if organization.is_empty() { "organization" } else { "role" };
    Err(StoreError::Missing { what })
}

/// Reads `org_id, id, email, name, title, service_account, disabled, verified, created_at, modified_at` and the roles.
pub(crate) fn user(columns: &mut Columns<'_>) -> Result<User, StoreError> {
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

/// A user's columns, from `users u`.
macro_rules! user_columns {
    () => {
        "u.org_id, u.id, u.email, u.name, u.title, u.service_account, u.disabled, u.verified, u.created_at,
        u.modified_at, ARRAY(SELECT r.role_id FROM user_roles r
            WHERE r.org_id = u.org_id AND r.user_id = u.id ORDER BY r.position)"
    };
}
pub(crate) use user_columns;

pub(crate) const LIST: Shape = Shape { columns: user_columns!(), page: Some(("u.*", "u")) };

const INSERT: &str = "
    INSERT INTO users (org_id, id, email, name, title, service_account, disabled, verified, created_at,
        modified_at, folded)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const INSERT_ROLES: &str = "
    INSERT INTO user_roles (org_id, user_id, role_id, position)
    SELECT $1, $2, role_id, position FROM unnest($3::uuid[]) WITH ORDINALITY AS r (role_id, position)";

const DELETE_ROLES: &str = "DELETE FROM user_roles WHERE org_id = $1 AND user_id = $2";

const LOCK_ROLES: &str = "
    SELECT 1 FROM roles WHERE org_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE";

const ORGANIZATION: &str = "SELECT 1 FROM organizations WHERE id = $1";

const LOCK: &str = "SELECT 1 FROM users WHERE org_id = $1 AND id = $2 FOR NO KEY UPDATE";

const BY_ID: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.org_id = $1 AND u.id = $2");

const LOCKED: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = $1 AND u.id = $2 FOR NO KEY UPDATE OF u"
);

const BY_EMAIL: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = $1 AND u.email = $2 ORDER BY u.created_at, u.id"
);

const BY_IDS: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM users u WHERE u.org_id = $1 AND u.id = ANY($2) ORDER BY u.created_at, u.id"
);

const UPDATE: &str = "
    UPDATE users SET email = $3, name = $4, title = $5, disabled = $6, modified_at = $7, folded = $8
    WHERE org_id = $1 AND id = $2";

const UPDATE_SIGNED_IN: &str = "
    UPDATE users SET name = $3, verified = $4, modified_at = $5, folded = $6
    WHERE org_id = $1 AND id = $2";
