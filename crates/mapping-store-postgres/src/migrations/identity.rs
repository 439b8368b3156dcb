//! The rest of the second step: the texts that lists look in, and the chain of the events that are there already.

use mapping_store::{
    StoreError,
    backend::{chain_hash, chain_of, folded},
};
use tokio_postgres::Transaction;
use uuid::Uuid;

use crate::{audit, columns::all, fault};

pub(super) async fn finish(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    fold(transaction, USERS, FOLD_USERS).await?;
    fold(transaction, ROLES, FOLD_ROLES).await?;
    fold(transaction, API_KEYS, FOLD_API_KEYS).await?;
    fold(transaction, APP_KEYS, FOLD_APP_KEYS).await?;
    chain(transaction).await
}

/// Folds the text of each row.
pub(super) async fn fold(
    transaction: &Transaction<'_>,
    texts: &str,
    update: &str,
) -> Result<(), StoreError> {
    let statement = transaction.prepare(texts).await.map_err(fault::statement)?;
    let portal = transaction.bind(&statement, &[]).await.map_err(fault::statement)?;
    loop {
        let rows = transaction.query_portal(&portal, BATCH).await.map_err(fault::statement)?;
        if rows.is_empty() {
            return Ok(());
        }
        let (mut orgs, mut ids, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for (org, id, text) in all(&rows, |columns| {
            Ok((columns.take::<Uuid>()?, columns.take::<Uuid>()?, columns.take::<String>()?))
        })? {
            orgs.push(org);
            ids.push(id);
            texts.push(folded(&[&text]));
        }
        let done = transaction.execute(update, &[&orgs, &ids, &texts]).await;
        done.map_err(fault::statement)?;
    }
}

/// By chain and then by time, so that one end is enough to remember.
async fn chain(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let statement = transaction.prepare(EVENTS).await.map_err(fault::statement)?;
    let portal = transaction.bind(&statement, &[]).await.map_err(fault::statement)?;
    let mut end: Option<(Uuid, i64, [u8; 32])> = None;
    loop {
        let rows = transaction.query_portal(&portal, BATCH).await.map_err(fault::statement)?;
        if rows.is_empty() {
            break;
        }
        let (mut ids, mut chains) = (Vec::new(), Vec::new());
        let (mut sequences, mut hashes) = (Vec::new(), Vec::new());
        for event in all(&rows, audit::event)? {
            let chain = audit::nil_or(chain_of(&event));
            let before = end.filter(|(of, ..)| *of == chain);
            let (sequence, before) = before.map_or((1, [0; 32]), |(_, n, hash)| (n + 1, hash));
            let hash = chain_hash(&before, &event);
            end = Some((chain, sequence, hash));
            ids.push(event.id.0);
            chains.push(chain);
            sequences.push(sequence);
            hashes.push(hash.to_vec());
        }
        let done = transaction.execute(CHAIN, &[&ids, &chains, &sequences, &hashes]).await;
        done.map_err(fault::statement)?;
    }
    // A table that is being read can't be altered.
    drop(portal);
    transaction.batch_execute(CLOSE).await.map_err(fault::statement)
}

/// So many rows are in memory at once.
const BATCH: i32 = 1_000;

/// A person's handle is the e-mail address, a service account's the id in its text form.
const USERS: &str = r"
    SELECT org_id, id, name || E'\n' || email || E'\n' || CASE WHEN service_account THEN id::text ELSE email END
    FROM users";

const ROLES: &str = "SELECT org_id, id, name FROM roles";

const API_KEYS: &str = "SELECT org_id, id, name FROM api_keys";

const APP_KEYS: &str = "SELECT org_id, id, name FROM app_keys";

macro_rules! fold {
    ($table:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " t SET folded = f.folded
            FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS f (org_id, id, folded)
            WHERE t.org_id = f.org_id AND t.id = f.id"
        )
    };
}

const FOLD_USERS: &str = fold!("users");

const FOLD_ROLES: &str = fold!("roles");

const FOLD_API_KEYS: &str = fold!("api_keys");

const FOLD_APP_KEYS: &str = fold!("app_keys");

const EVENTS: &str = concat!(
    "SELECT ",
    audit::event_columns!(),
    " FROM audit_events e
    ORDER BY coalesce(e.org_id, '00000000-0000-0000-0000-000000000000'), e.at, e.id"
);

const CHAIN: &str = "
    UPDATE audit_events e SET chain = c.chain, lane = 0, sequence = c.sequence, hash = c.hash
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[]) AS c (id, chain, sequence, hash)
    WHERE e.id = c.id";

const CLOSE: &str = "
    INSERT INTO audit_heads (chain, lane, sequence, hash)
        SELECT DISTINCT ON (chain) chain, lane, sequence, hash FROM audit_events ORDER BY chain, sequence DESC;
    ALTER TABLE audit_events
        ALTER COLUMN chain SET NOT NULL,
        ALTER COLUMN lane SET NOT NULL,
        ALTER COLUMN sequence SET NOT NULL,
        ALTER COLUMN hash SET NOT NULL,
        ADD UNIQUE (chain, lane, sequence);
    CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events();";
