//! Proofs presented, and the audit log.

use async_trait::async_trait;
use auth_model::{AuditEvent, AuditEventId, MappingId, OrgId, Timestamp, UserId};
use mapping_store::{
    AuditFilter, AuditLog, Presentation, ReplayLedger, StoreError,
    backend::{Storable, broken},
};

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, one},
    keys::swept,
    store::Values,
};

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
        one(row.as_ref(), swept).map(Option::unwrap_or_default)
    }
}

#[async_trait]
impl AuditLog for PostgresStore {
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        event.storable()?;
        let values = Converted::new(event);
        self.rows(INSERT, &values.list(event)).await.map(drop)
    }

    async fn events(&self, org: OrgId, filter: AuditFilter) -> Result<Vec<AuditEvent>, StoreError> {
        let (from, to) = (filter.from.unix_micros(), filter.to.unix_micros());
        let limit = i64::from(filter.limit);
        all(&self.rows(EVENTS, &[&org.0, &from, &to, &limit]).await?, event)
    }
}

/// Adds an event to the log.
pub(crate) async fn insert(change: &Change<'_>, event: &AuditEvent) -> Result<(), StoreError> {
    let values = Converted::new(event);
    change.run(INSERT, &values.list(event)).await.map(drop)
}

/// The values of an event that are kept in another form than they have.
struct Converted<'a> {
    org: Option<uuid::Uuid>,
    at: i64,
    purpose: &'a str,
    outcome: &'a str,
    reason: &'a str,
    source: Option<String>,
    account: Option<&'a str>,
    mapping: Option<uuid::Uuid>,
    user: Option<uuid::Uuid>,
    proof_hash: Option<&'a [u8]>,
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
        }
    }

    /// In the order of the insert.
    fn list(
        &'a self,
        event: &'a AuditEvent,
    ) -> [&'a (dyn tokio_postgres::types::ToSql + Sync); 20] {
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
        ]
    }
}

fn event(columns: &mut Columns<'_>) -> Result<AuditEvent, StoreError> {
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

const INSERT: &str = "
    INSERT INTO audit_events (id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host,
        sts_request_id, access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash,
        replayed, took_micros)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";

const EVENTS: &str = "
    SELECT id, org_id, at, purpose, outcome, reason, detail, request_id, source, sts_host, sts_request_id,
        access_key_id, caller_arn, caller_user_id, account, mapping_id, user_id, proof_hash, replayed, took_micros
    FROM audit_events WHERE org_id = $1 AND at >= $2 AND at < $3 ORDER BY at DESC, id DESC LIMIT $4";
