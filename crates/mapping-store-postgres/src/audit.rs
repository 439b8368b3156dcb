//! Proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, AuditEventId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{
    AuditLog, AuditQuery, ChainHead, ChainPlace, ChainedEvent, Presentation, ReplayLedger,
    StoreError,
    backend::{Storable, broken, chain_of, lists},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, number, one},
    lists::Statement,
    store::Values,
};

/// An event's columns, from `audit_events e`.
macro_rules! event_columns {
    () => {
        "e.id, e.org_id, e.at, e.purpose, e.outcome, e.reason, e.detail, e.request_id, e.source, e.sts_host,
        e.sts_request_id, e.access_key_id, e.caller_arn, e.caller_user_id, e.account, e.mapping_id, e.user_id,
        e.proof_hash, e.replayed, e.took_micros"
    };
}
pub(crate) use event_columns;

#[async_trait]
impl ReplayLedger for PostgresStore {
    async fn present_proof(
        &self,
        org: OrgId,
        proof_hash: [u8; 32],
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<Presentation, StoreError> {
        let (at, keep_until) = (at.unix_micros(), keep_until.unix_micros());
        let values: Values<'_> = &[&org.0, &proof_hash.as_slice(), &at, &keep_until];
        let presented = one(self.row(PRESENT, values).await?.as_ref(), |columns| {
            Ok(Presentation { first_at: columns.time()?, replayed: columns.take()? })
        })?;
        presented.ok_or_else(|| broken("presenting a proof", "no row came back"))
    }

    async fn sweep_proofs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let row = self.row(SWEEP, &[&now.unix_micros()]).await?;
        one(row.as_ref(), number).map(Option::unwrap_or_default)
    }
}

#[async_trait]
impl AuditLog for PostgresStore {
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        event.storable()?;
        let values = Converted::new(event);
        self.rows(INSERT, &values.list(event)).await.map(drop)
    }

    async fn events(&self, org: OrgId, query: AuditQuery) -> Result<Vec<AuditEvent>, StoreError> {
        let rows = self.ask(&[events(org, &query)]).await?;
        all(rows.first().map_or(&[], Vec::as_slice), event)
    }

    async fn chains(&self) -> Result<Vec<Option<OrgId>>, StoreError> {
        all(&self.rows(CHAINS, &[]).await?, |columns| {
            Ok(Some(columns.take()?).filter(|chain: &Uuid| !chain.is_nil()).map(OrgId))
        })
    }

    async fn chained_events(
        &self,
        chain: Option<OrgId>,
        after: Option<ChainPlace>,
        limit: u32,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        let rows = self.ask(&[chained(chain, after, limit)]).await?;
        all(rows.first().map_or(&[], Vec::as_slice), |columns| {
            let event = event(columns)?;
            let place = ChainPlace { lane: columns.take()?, sequence: columns.take()? };
            Ok(ChainedEvent { place, hash: columns.bytes32()?, event })
        })
    }

    async fn chain_heads(&self, chain: Option<OrgId>) -> Result<Vec<ChainHead>, StoreError> {
        all(&self.rows(HEADS, &[&nil_or(chain)]).await?, |columns| {
            let place = ChainPlace { lane: columns.take()?, sequence: columns.take()? };
            Ok(ChainHead { place, hash: columns.bytes32()? })
        })
    }
}

/// The statement of a part of the log.
pub(crate) fn events(org: OrgId, query: &AuditQuery) -> Statement {
    let mut statement = Statement::default();
    statement.push("SELECT ").push(event_columns!()).parts(&lists::events(org, query));
    statement
}

/// The statement of a part of a chain.
pub(crate) fn chained(chain: Option<OrgId>, after: Option<ChainPlace>, limit: u32) -> Statement {
    let mut statement = Statement::default();
    statement.push("SELECT ").push(event_columns!());
    statement.push(", e.lane, e.sequence, e.hash FROM audit_events e WHERE e.chain = ");
    statement.bind(nil_or(chain));
    if let Some(ChainPlace { lane, sequence }) = after {
        statement.push(" AND (e.lane, e.sequence) > (").bind(lane).push(", ").bind(sequence);
        statement.push(")");
    }
    statement.push(" ORDER BY e.lane, e.sequence LIMIT ").bind(i64::from(limit));
    statement
}

/// How a chain is kept.
pub(crate) fn nil_or(chain: Option<OrgId>) -> Uuid {
    chain.map_or(Uuid::nil(), |org| org.0)
}

/// Adds an event to the log, as the last thing that a change does: the end of the chain is locked until the change is committed.
pub(crate) async fn insert(change: &Change<'_>, event: &AuditEvent) -> Result<(), StoreError> {
    let values = Converted::new(event);
    change.run(INSERT, &values.list(event)).await.map(drop)
}

/// The values of an event that are kept in another form than they have.
struct Converted<'a> {
    org: Option<Uuid>,
    at: i64,
    purpose: &'a str,
    outcome: &'a str,
    reason: &'a str,
    source: Option<String>,
    account: Option<&'a str>,
    mapping: Option<Uuid>,
    user: Option<Uuid>,
    proof_hash: Option<&'a [u8]>,
    chain: Uuid,
    canonical: Vec<u8>,
}

impl<'a> Converted<'a> {
    fn new(event: &'a AuditEvent) -> Self {
        Self {
            org: event.org.map(|org| org.0),
            at: event.at.unix_micros(),
            purpose: event.purpose.as_str(),
            outcome: event.outcome.as_str(),
            reason: &event.reason,
            source: event.source.map(|source| source.to_string()),
            account: event.account.as_ref().map(|account| account.as_str()),
            mapping: event.mapping.map(|mapping| mapping.0),
            user: event.user.map(|user| user.0),
            proof_hash: event.proof_hash.as_ref().map(|hash| hash.as_slice()),
            chain: nil_or(chain_of(event)),
            canonical: event.canonical(),
        }
    }

    /// In the order of the insert.
    fn list(
        &'a self,
        event: &'a AuditEvent,
    ) -> [&'a (dyn tokio_postgres::types::ToSql + Sync); 22] {
        [
            &event.id.0,
            &self.org,
            &self.at,
            &self.purpose,
            &self.outcome,
            &self.reason,
            &event.detail,
            &event.request_id,
            &self.source,
            &event.sts_host,
            &event.sts_request_id,
            &event.access_key_id,
            &event.caller_arn,
            &event.caller_user_id,
            &self.account,
            &self.mapping,
            &self.user,
            &self.proof_hash,
            &event.replayed,
            &event.took_micros,
            &self.chain,
            &self.canonical,
        ]
    }
}

/// Reads the columns of an event.
pub(crate) fn event(columns: &mut Columns<'_>) -> Result<AuditEvent, StoreError> {
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
        proof_hash: proof_hash(columns)?,
        replayed: columns.take()?,
        took_micros: columns.take()?,
    })
}

fn proof_hash(columns: &mut Columns<'_>) -> Result<Option<[u8; 32]>, StoreError> {
    let bytes: Option<&[u8]> = columns.take()?;
    let hash = bytes.map(<[u8; 32]>::try_from).transpose();
    hash.map_err(|error| broken("reading the proof hash of an audit event", error))
}

/// A proof that need not be remembered any more counts as new, swept or not.
const PRESENT: &str = "
    INSERT INTO proofs AS p (org_id, hash, first_at, keep_until, presented) VALUES ($1, $2, $3, $4, 1)
    ON CONFLICT (org_id, hash) DO UPDATE SET
        first_at = CASE WHEN p.keep_until > $3 THEN p.first_at ELSE $3 END,
        presented = CASE WHEN p.keep_until > $3 THEN p.presented + 1 ELSE 1 END,
        keep_until = CASE WHEN p.keep_until > $3 THEN p.keep_until ELSE $4 END
    RETURNING first_at, presented > 1";

const SWEEP: &str = "
    WITH swept AS (DELETE FROM proofs WHERE keep_until <= $1 RETURNING 1) SELECT count(*) FROM swept";

/// One statement moves the end of the chain and adds the event there. Each connection writes to one of sixteen lanes, so that
/// few writers of one organization wait for one another.
const INSERT: &str = r"
    WITH head AS (
        INSERT INTO audit_heads AS h (chain, lane, sequence, hash)
        VALUES ($21, pg_backend_pid() % 16, 1, sha256(decode(repeat('00', 32), 'hex') || $22::bytea))
        ON CONFLICT (chain, lane) DO UPDATE SET sequence = h.sequence + 1, hash = sha256(h.hash || $22::bytea)
        RETURNING chain, lane, sequence, hash
    )
    INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host,
        sts_request_id, access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash,
        replayed, took_micros, chain, lane, sequence, hash)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        chain, lane, sequence, hash FROM head";

const CHAINS: &str = "SELECT DISTINCT chain FROM audit_heads ORDER BY chain";

const HEADS: &str = "SELECT lane, sequence, hash FROM audit_heads WHERE chain = $1 ORDER BY lane";
