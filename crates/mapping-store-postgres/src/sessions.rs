//! Browsers that are signed in.

use async_trait::async_trait;
use auth_model::{AuditEvent, KeyHash, OrgId, Session, SessionId, SignInMethod, Timestamp, UserId};
use mapping_store::{Authority, Sessions, StoreError};

use crate::{
    PostgresStore,
    authentication::{authority, authority_columns},
    change::Change,
    columns::{Columns, one},
    store::Values,
    users::user_columns,
};

#[async_trait]
impl Sessions for PostgresStore {
    async fn session(
        &self,
        org: OrgId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<(Session, Authority)>, StoreError> {
        let row = self.row(BY_ID, &[&org.0, &id.0, &now.unix_micros()]).await?;
        one(row.as_ref(), |columns| {
            let authority = authority(columns)?;
            Ok((session(columns)?, authority))
        })
    }

    async fn rotate_session(
        &self,
        org: OrgId,
        id: SessionId,
        from: KeyHash,
        to: KeyHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (from, to) = (from.0.as_slice(), to.0.as_slice());
        let row = self.row(ROTATE, &[&org.0, &id.0, &from, &to, &at.unix_micros()]).await?;
        Ok(row.is_some())
    }

    async fn end_session(
        &self,
        org: OrgId,
        id: SessionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0))
            .await
    }

    async fn end_sessions_of(
        &self,
        org: OrgId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| end_of_user(change, org, user).await).await
    }
}

/// Begins a session.
pub(crate) async fn insert(change: &Change<'_>, row: &Session) -> Result<(), StoreError> {
    let values: Values<'_> = &[
        &row.org.0,
        &row.id.0,
        &row.user.0,
        &row.method.as_str(),
        &row.secret.0.as_slice(),
        &row.previous_secret.as_ref().map(|secret| secret.0.as_slice()),
        &row.created_at.unix_micros(),
        &row.rotated_at.unix_micros(),
        &row.expires_at.unix_micros(),
        &row.arrived,
    ];
    change.run(INSERT, values).await.map(drop)
}

/// Ends all sessions of a user; whether there was one.
pub(crate) async fn end_of_user(
    change: &Change<'_>,
    org: OrgId,
    user: UserId,
) -> Result<bool, StoreError> {
    Ok(change.run(DELETE_OF_USER, &[&org.0, &user.0]).await? > 0)
}

/// Ends all sessions of an organization that began in this way.
pub(crate) async fn end_by_method(
    change: &Change<'_>,
    org: OrgId,
    method: SignInMethod,
) -> Result<(), StoreError> {
    change.run(DELETE_BY_METHOD, &[&org.0, &method.as_str()]).await.map(drop)
}

fn session(columns: &mut Columns<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        org: OrgId(columns.take()?),
        id: SessionId(columns.take()?),
        user: UserId(columns.take()?),
        method: columns.parse("reading how somebody signed in")?,
        secret: columns.hash()?,
        previous_secret: columns.hash_option()?,
        created_at: columns.time()?,
        rotated_at: columns.time()?,
        expires_at: columns.time()?,
        arrived: columns.take()?,
    })
}

/// Several sessions are locked in the order of their ids, because others may be about to end some of them.
macro_rules! delete_in_order {
    ($which:literal) => {
        concat!(
            "WITH ended AS (SELECT s.id FROM sessions s WHERE s.org_id = $1 AND ",
            $which,
            " ORDER BY s.id FOR UPDATE)
            DELETE FROM sessions s USING ended e WHERE s.org_id = $1 AND s.id = e.id"
        )
    };
}

const INSERT: &str = "
    INSERT INTO sessions (org_id, id, user_id, method, secret, previous_secret, created_at, rotated_at, expires_at,
        arrived)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

pub(crate) const BY_ID: &str = concat!(
    "SELECT ",
    authority_columns!(),
    ", s.org_id, s.id, s.user_id, s.method, s.secret, s.previous_secret, s.created_at, s.rotated_at, s.expires_at,
        s.arrived
    FROM sessions s
    JOIN organizations o ON o.id = s.org_id
    JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
    WHERE s.org_id = $1 AND s.id = $2 AND s.expires_at > $3 AND NOT o.disabled AND NOT u.disabled"
);

/// Of several that wait for the row, the first changes it, and for the others it is not the one they look for any more.
pub(crate) const ROTATE: &str = "
    UPDATE sessions SET secret = $4, previous_secret = $3, rotated_at = $5
    WHERE org_id = $1 AND id = $2 AND secret = $3
    RETURNING 1";

const DELETE: &str = "DELETE FROM sessions WHERE org_id = $1 AND id = $2";

pub(crate) const DELETE_OF_USER: &str = delete_in_order!("s.user_id = $2");

const DELETE_BY_METHOD: &str = delete_in_order!("s.method = $2");
