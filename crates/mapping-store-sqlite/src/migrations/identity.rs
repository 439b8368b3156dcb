//! The rest of the second step: the texts that lists look in, and the chain of the events that are there already.

use mapping_store::backend::folded;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::{
    audit,
    columns::{all, run},
    fault::Fault,
};

pub(super) fn finish(connection: &Connection) -> Result<(), Fault> {
    fold(connection, USERS, FOLD_USER)?;
    fold(connection, ROLES, FOLD_ROLE)?;
    fold(connection, API_KEYS, FOLD_API_KEY)?;
    fold(connection, APP_KEYS, FOLD_APP_KEY)?;
    chain(connection)
}

/// Folds the text of each row.
pub(super) fn fold(connection: &Connection, texts: &str, update: &str) -> Result<(), Fault> {
    let rows: Vec<(Uuid, Uuid, String)> = all(connection, texts, [], |columns| {
        Ok((columns.take()?, columns.take()?, columns.take()?))
    })?;
    for (org, id, text) in rows {
        run(connection, update, params![org, id, folded(&[&text])])?;
    }
    Ok(())
}

/// Row by row, because a log may be longer than memory.
fn chain(connection: &Connection) -> Result<(), Fault> {
    let mut statement = connection.prepare(UNCHAINED)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        audit::insert(connection, &audit::read(row)?)?;
    }
    drop(rows);
    drop(statement);
    connection.execute_batch("DROP TABLE unchained_audit_events")?;
    Ok(())
}

/// A person's handle is the e-mail address, a service account's the id in its text form.
const USERS: &str = "
    SELECT org_id, id, name || char(10) || email || char(10) || CASE
        WHEN service_account THEN substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
            || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)
        ELSE email END
    FROM users";

const ROLES: &str = "SELECT org_id, id, name FROM roles";

const API_KEYS: &str = "SELECT org_id, id, name FROM api_keys";

const APP_KEYS: &str = "SELECT org_id, id, name FROM app_keys";

const FOLD_USER: &str = "UPDATE users SET folded = ?3 WHERE org_id = ?1 AND id = ?2";

const FOLD_ROLE: &str = "UPDATE roles SET folded = ?3 WHERE org_id = ?1 AND id = ?2";

const FOLD_API_KEY: &str = "UPDATE api_keys SET folded = ?3 WHERE org_id = ?1 AND id = ?2";

const FOLD_APP_KEY: &str = "UPDATE app_keys SET folded = ?3 WHERE org_id = ?1 AND id = ?2";

const UNCHAINED: &str = "
    SELECT id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host, sts_request_id,
        access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash, replayed, took_micros
    FROM unchained_audit_events ORDER BY at, id";
