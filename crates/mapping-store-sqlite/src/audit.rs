//! Proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, AuditEventId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{
    AuditLog, AuditQuery, ChainHead, ChainPlace, ChainedEvent, Presentation, ReplayLedger,
    StoreError,
    backend::{chain_hash, chain_of, lists},
};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::{
    SqliteStore,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
    lists::Statement,
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

    async fn events(&self, org: OrgId, query: AuditQuery) -> Result<Vec<AuditEvent>, StoreError> {
        self.read(move |connection| events(org, &query)?.all(connection, event)).await
    }

    async fn chains(&self) -> Result<Vec<Option<OrgId>>, StoreError> {
        self.read(|connection| {
            all(connection, CHAINS, [], |columns| {
                Ok(Some(columns.take()?).filter(|chain: &Uuid| !chain.is_nil()).map(OrgId))
            })
        })
        .await
    }

    async fn chained_events(
        &self,
        chain: Option<OrgId>,
        after: Option<ChainPlace>,
        limit: u32,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        let ChainPlace { lane, sequence } = after.unwrap_or(BEGINNING);
        self.read(move |connection| {
            let values = params![nil_or(chain), lane, sequence, limit];
            all(connection, CHAINED, values, |columns| {
                let event = event(columns)?;
                let place = ChainPlace { lane: columns.take()?, sequence: columns.take()? };
                Ok(ChainedEvent { place, hash: columns.take()?, event })
            })
        })
        .await
    }

    async fn chain_heads(&self, chain: Option<OrgId>) -> Result<Vec<ChainHead>, StoreError> {
        self.read(move |connection| all(connection, HEADS, [nil_or(chain)], head)).await
    }
}

/// The statement of a part of the log.
pub(crate) fn events(org: OrgId, query: &AuditQuery) -> Result<Statement, Fault> {
    let mut statement = Statement::default();
    statement.push("SELECT ").push(EVENT_COLUMNS).parts(&lists::events(org, query))?;
    Ok(statement)
}

/// How a chain is kept.
fn nil_or(chain: Option<OrgId>) -> Uuid {
    chain.map_or(Uuid::nil(), |org| org.0)
}

fn head(columns: &mut Columns<'_, '_>) -> Result<ChainHead, Fault> {
    let place = ChainPlace { lane: columns.take()?, sequence: columns.take()? };
    Ok(ChainHead { place, hash: columns.take()? })
}

/// Adds an event to the log, at the end of its chain. Whoever writes holds the whole file, so that nobody comes between.
pub(crate) fn insert(connection: &Connection, event: &AuditEvent) -> Result<(), Fault> {
    let chain = nil_or(chain_of(event));
    let end = one(connection, HEADS, [chain], head)?;
    let (before, sequence) = end.map_or(([0; 32], 1), |end| (end.hash, end.place.sequence + 1));
    let hash = chain_hash(&before, event);
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
        event.took_micros,
        chain,
        LANE,
        sequence,
        hash
    ];
    run(connection, INSERT, values).map_err(duplicate("an audit event"))?;
    run(connection, MOVE_HEAD, params![chain, LANE, sequence, hash])?;
    Ok(())
}

/// Reads an event from a row of all its columns.
pub(crate) fn read(row: &Row<'_>) -> Result<AuditEvent, Fault> {
    event(&mut Columns::new(row))
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
        replayed, took_micros, chain, lane, sequence, hash)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
        ?23, ?24)";

const MOVE_HEAD: &str = "
    INSERT INTO audit_heads (chain, lane, sequence, hash) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (chain, lane) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash";

/// One writes at a time, so that one lane is enough.
const LANE: i32 = 0;

/// Before the first place of the first lane.
const BEGINNING: ChainPlace = ChainPlace { lane: i32::MIN, sequence: i64::MIN };

macro_rules! event_columns {
    () => {
        "e.id, e.org_id, e.at, e.purpose, e.outcome, e.reason, e.detail, e.request_id, e.source, e.sts_host,
        e.sts_request_id, e.access_key_id, e.caller_arn, e.caller_user_id, e.account, e.mapping_id, e.user_id,
        e.proof_hash, e.replayed, e.took_micros"
    };
}

const EVENT_COLUMNS: &str = event_columns!();

const CHAINS: &str = "SELECT DISTINCT chain FROM audit_heads ORDER BY chain";

pub(crate) const CHAINED: &str = concat!(
    "SELECT ",
    event_columns!(),
    ", e.lane, e.sequence, e.hash FROM audit_events e
    WHERE e.chain = ?1 AND (e.lane, e.sequence) > (?2, ?3) ORDER BY e.lane, e.sequence LIMIT ?4"
);

const HEADS: &str = "SELECT lane, sequence, hash FROM audit_heads WHERE chain = ?1 ORDER BY lane";
