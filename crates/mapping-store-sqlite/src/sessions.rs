//! Browsers that are signed in.

use async_trait::async_trait;
use auth_model::{AuditEvent, KeyHash, OrgId, Session, SessionId, SignInMethod, Timestamp, UserId};
use mapping_store::{Authority, Sessions, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    authentication::{authority, authority_columns},
    columns::{Columns, one, run},
    fault::{Fault, duplicate},
    users::user_columns,
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn session(
        &self,
        org: OrgId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<(Session, Authority)>, StoreError> {
        self.read(move |connection| {
            one(connection, BY_ID, params![org.0, id.0, now.unix_micros()], |columns| {
                let authority = authority(columns)?;
                Ok((session(columns)?, authority))
            })
        })
        .await
    }

    async fn rotate_session(
        &self,
        org: OrgId,
        id: SessionId,
        from: KeyHash,
        to: KeyHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let values = params![org.0, id.0, from.0, to.0, at.unix_micros()];
            Ok(run(connection, ROTATE, values)? > 0)
        })
        .await
    }

    async fn end_session(
        &self,
        org: OrgId,
        id: SessionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }

    async fn end_sessions_of(
        &self,
        org: OrgId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| end_of_user(connection, org, user)).await
    }
}

/// Begins a session.
pub(crate) fn insert(connection: &Connection, row: &Session) -> Result<(), Fault> {
    let values = params![
        row.org.0,
        row.id.0,
        row.user.0,
        row.method.as_str(),
        row.secret.0,
        row.previous_secret.map(|secret| secret.0),
        row.created_at.unix_micros(),
        row.rotated_at.unix_micros(),
        row.expires_at.unix_micros(),
        row.arrived
    ];
    run(connection, INSERT, values).map_err(duplicate("a session"))?;
    Ok(())
}

/// Ends all sessions of a user; whether there was one.
pub(crate) fn end_of_user(
    connection: &Connection,
    org: OrgId,
    user: UserId,
) -> Result<bool, Fault> {
    Ok(run(connection, DELETE_OF_USER, [org.0, user.0])? > 0)
}

/// Ends all sessions of an organization that began in this way.
pub(crate) fn end_by_method(
    connection: &Connection,
    org: OrgId,
    method: SignInMethod,
) -> Result<(), Fault> {
    run(connection, DELETE_BY_METHOD, params![org.0, method.as_str()])?;
    Ok(())
}

fn session(columns: &mut Columns<'_, '_>) -> Result<Session, Fault> {
    Ok(Session {
        org: OrgId(columns.take()?),
        id: SessionId(columns.take()?),
        user: UserId(columns.take()?),
        method: columns.parse("reading how somebody signed in")?,
        secret: columns.hash()?,
        previous_secret: columns.take::<Option<_>>()?.map(KeyHash),
        created_at: columns.time()?,
        rotated_at: columns.time()?,
        expires_at: columns.time()?,
        arrived: columns.take()?,
    })
}

const INSERT: &str = "
    INSERT INTO sessions (org_id, id, user_id, method, secret, previous_secret, created_at, rotated_at, expires_at,
        arrived)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

pub(crate) const BY_ID: &str = concat!(
    "SELECT ",
    authority_columns!(),
    ", s.org_id, s.id, s.user_id, s.method, s.secret, s.previous_secret, s.created_at, s.rotated_at, s.expires_at,
        s.arrived
    FROM sessions s
    JOIN organizations o ON o.id = s.org_id
    JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id
    WHERE s.org_id = ?1 AND s.id = ?2 AND s.expires_at > ?3 AND NOT o.disabled AND NOT u.disabled"
);

pub(crate) const ROTATE: &str = "
    UPDATE sessions SET secret = ?4, previous_secret = ?3, rotated_at = ?5
    WHERE org_id = ?1 AND id = ?2 AND secret = ?3";

pub(crate) const DELETE: &str = "DELETE FROM sessions WHERE org_id = ?1 AND id = ?2";

pub(crate) const DELETE_OF_USER: &str = "DELETE FROM sessions WHERE org_id = ?1 AND user_id = ?2";

const DELETE_BY_METHOD: &str = "DELETE FROM sessions WHERE org_id = ?1 AND method = ?2";
