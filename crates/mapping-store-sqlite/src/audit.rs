//! Proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, AuditEventId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{AuditFilter, AuditLog, Presentation, ReplayLedger, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
};

#[async_trait]
impl ReplayLedger for SqliteStore {
    async fn present_proof(
        &self,
        org: OrgId,
        proof_hash: [u8; 32],
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Presentation, StoreError> {
        self.write(move |connection| {
            let values = params![org.0, proof_hash, at.unix_micros(), keep_until.unix_micros()];
            let presented = one(connection, PRESENT, values, |columns| {
                Ok(Presentation { first_at: columns.time()?, replayed: columns.take()? })
            })?;
            Ok(presented.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
        })
        .await
    }

    async fn sweep_proofs(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| Ok(run(connection, SWEEP, [now.unix_micros()])? as u64)).await
    }
}

#[async_trait]
impl AuditLog for SqliteStore {
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        self.change(event, |_| Ok(())).await
    }

    async fn events(&self, org: OrgId, filter: AuditFilter) -> Result<Vec<AuditEvent>, StoreError> {
        self.read(move |connection| {
            let (from, to) = (filter.from.unix_micros(), filter.to.unix_micros());
            all(connection, EVENTS, params![org.0, from, to, filter.limit], event)
        })
        .await
    }
}

/// Adds an event to the log.
pub(crate) fn insert(connection: &Connection, event: &AuditEvent) -> Result<(), Fault> {
    let values = params![
        event.id.0,
        event.org.map(|org| org.0),
        event.at.unix_micros(),
        event.purpose.as_str(),
        event.outcome.as_str(),
        event.reason,
        event.detail,
        event.request_id,
        event.source.map(|source| source.to_string()),
        event.sts_host,
        event.sts_request_id,
        event.access_key_id,
        event.caller_arn,
        event.caller_user_id,
        event.account.as_ref().map(|account| account.as_str()),
        event.mapping.map(|mapping| mapping.0),
        event.user.map(|user| user.0),
        event.proof_hash,
        event.replayed,
        event.took_micros
    ];
    run(connection, INSERT, values).map_err(duplicate("an audit event"))?;
    Ok(())
}

fn event(columns: &mut Columns<'_, '_>) -> Result<AuditEvent, Fault> {
    Ok(AuditEvent {
        id: AuditEventId(columns.take()?),
        org: columns.id(OrgId)?,
        at: columns.time()?,
        purpose: columns.take::<String>()?.into(),
        outcome: columns.parse("reading the outcome of an audit event")?,
        reason: columns.take::<String>()?.into(),
        detail: columns.take()?,
        request_id: columns.take()?,
        source: columns.parse_option("reading the source of an audit event")?,
        sts_host: columns.take()?,
        sts_request_id: columns.take()?,
        access_key_id: columns.take()?,
        caller_arn: columns.take()?,
        caller_user_id: columns.take()?,
        account: columns.parse_option("reading the account of an audit event")?,
        mapping: columns.id(MappingId)?,
        user: columns.id(UserId)?,
        proof_hash: columns.take()?,
        replayed: columns.take()?,
        took_micros: columns.take()?,
    })
}

/// A proof that need not be remembered any more counts as new, swept or not.
const PRESENT: &str = "
    INSERT INTO proofs (org_id, hash, first_at, keep_until, presented) VALUES (?1, ?2, ?3, ?4, 1)
    ON CONFLICT (org_id, hash) DO UPDATE SET
        first_at = iif(keep_until > ?3, first_at, ?3),
        presented = iif(keep_until > ?3, presented + 1, 1),
        keep_until = iif(keep_until > ?3, keep_until, ?4)
    RETURNING first_at, presented > 1";

const SWEEP: &str = "DELETE FROM proofs WHERE keep_until <= ?1";

const INSERT: &str = "
    INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host,
        sts_request_id, access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash,
        replayed, took_micros)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

const EVENTS: &str = "
    SELECT id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host, sts_request_id,
        access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash, replayed, took_micros
    FROM audit_events WHERE org_id = ?1 AND at >= ?2 AND at < ?3 ORDER BY at DESC, id DESC LIMIT ?4";
