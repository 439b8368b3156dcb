//! Sign-ins of people, from the request to the session.

use async_trait::async_trait;
use auth_model::{AuditEvent, KeyHash, OrgId, SignInRequest, Timestamp, User};
use mapping_store::{
    SignIn, SignIns, StoreError,
    backend::{Storable, is_as_read},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, one, run},
    fault::{Fault, duplicate},
    kept_assertions, organizations, roles, saml, sessions, teams, users,
};

#[async_trait]
impl SignIns for SqliteStore {
    async fn insert_sign_in_request(&self, request: &SignInRequest) -> Result<(), StoreError> {
        request.storable()?;
        let row = request.clone();
        self.write(move |connection| {
            organizations::must_have(connection, row.org)?;
            let values = params![
                row.org.0,
                row.handle.0,
                row.browser.0,
                row.request_id,
                row.return_to,
                row.expires_at.unix_micros()
            ];
            run(connection, INSERT_REQUEST, values).map_err(duplicate("a sign-in request"))?;
            Ok(())
        })
        .await
    }

    async fn take_sign_in_request(
        &self,
        org: OrgId,
        handle: KeyHash,
        browser: KeyHash,
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, StoreError> {
        self.write(move |connection| {
            let values = params![org.0, handle.0, browser.0, now.unix_micros()];
            one(connection, TAKE_REQUEST, values, request)
        })
        .await
    }

    async fn sign_in(
        &self,
        sign_in: &SignIn,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        sign_in.storable()?;
        let sign_in = sign_in.clone();
        self.change(event, move |connection| apply(connection, &sign_in)).await
    }

    async fn sweep_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| {
            let mut swept = 0;
            for sql in SWEEPS {
                swept += run(connection, sql, [now.unix_micros()])? as u64;
            }
            Ok(swept)
        })
        .await
    }
}

/// All that a sign-in changes, if its organization allows it and the user is still as they were read.
fn apply(connection: &Connection, sign_in: &SignIn) -> Result<Option<User>, Fault> {
    let org = sign_in.user.org;
    organizations::must_have(connection, org)?;
    if !sign_in.is_allowed_by(&saml::stored(connection, org)?) {
        return Ok(None);
    }
    let now = match sign_in.new {
        true => Some(sign_in.user.clone()),
        false => users::stored(connection, org, sign_in.user.id)?
            .filter(|now| is_as_read(now, &sign_in.user)),
    };
    let Some(now) = now else { return Ok(None) };
    let user = sign_in.outcome_of(&now);
    let put = || match sign_in.new {
        true => users::insert(connection, &user),
        false => users::sign_in(connection, &now, &user),
    };
    match sign_in.may_strip_last_admin {
        true => put()?,
        false => roles::keep_an_admin(connection, user.org, put)?,
    }
    teams::sign_in(connection, sign_in)?;
    sessions::insert(connection, &sign_in.session)?;
    if let Some(kept) = &sign_in.kept {
        kept_assertions::insert(connection, kept)?;
    }
    Ok(Some(user))
}

fn request(columns: &mut Columns<'_, '_>) -> Result<SignInRequest, Fault> {
    Ok(SignInRequest {
        org: OrgId(columns.take()?),
        handle: columns.hash()?,
        browser: columns.hash()?,
        request_id: columns.take()?,
        return_to: columns.take()?,
        expires_at: columns.time()?,
    })
}

const INSERT_REQUEST: &str = "
    INSERT INTO sign_in_requests (org_id, handle, browser, request_id, return_to, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// One statement, so that of several calls one has it.
pub(crate) const TAKE_REQUEST: &str = "
    DELETE FROM sign_in_requests WHERE org_id = ?1 AND handle = ?2 AND browser = ?3 AND expires_at > ?4
    RETURNING org_id, handle, browser, request_id, return_to, expires_at";

pub(crate) const SWEEPS: [&str; 3] = [
    "DELETE FROM sign_in_requests WHERE expires_at <= ?1",
    "DELETE FROM sessions WHERE expires_at <= ?1",
    "DELETE FROM kept_assertions WHERE keep_until <= ?1",
];
