//! The tables, as a list of numbered steps that only ever grows at its end.

mod authn_mappings;
mod identity;

use std::time::Duration;

use deadpool_postgres::Object;
use mapping_store::StoreError;
use tokio_postgres::Transaction;

use crate::{connect::ConnectError, fault};

/// One step. Its number is its place in the list, from 1.
struct Step {
    name: &'static str,
    sql: &'static str,
    rest: Rest,
}

/// What SQL can't do, afterwards.
enum Rest {
    Nothing,
    Identity,
    AuthnMappings,
}

const STEPS: &[Step] = &[
    Step { name: "first", sql: include_str!("../migrations/001_first.sql"), rest: Rest::Nothing },
    Step {
        name: "identity",
        sql: include_str!("../migrations/002_identity.sql"),
        rest: Rest::Identity,
    },
    Step {
        name: "authn_mappings",
        sql: include_str!("../migrations/003_authn_mappings.sql"),
        rest: Rest::AuthnMappings,
    },
    Step {
        name: "sign_ins",
        sql: include_str!("../migrations/004_sign_ins.sql"),
        rest: Rest::Nothing,
    },
];

/// Takes the steps that the database has not taken yet, all in one transaction. Of several replicas that
/// start at once, the others wait for the first and find nothing left to do.
pub(crate) async fn apply(client: &mut Object) -> Result<(), StoreError> {
    let work = async {
        let transaction = client.transaction().await.map_err(fault::statement)?;
        take_steps(&transaction).await?;
        transaction.commit().await.map_err(fault::statement)
    };
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.map_err(|late| StoreError::Unavailable(late.into()))?
}

async fn take_steps(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    // A step may take longer than a query may.
    let patience = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0";
    transaction.batch_execute(patience).await.map_err(fault::statement)?;
    let found = version(transaction).await?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found == known {
        return Ok(());
    }
    let lock = "SELECT pg_advisory_xact_lock($1)";
    transaction.query(lock, &[&LOCK]).await.map_err(fault::statement)?;
    // Somebody else may have been faster.
    let found = version(transaction).await?;
    if found > known {
        return Err(ConnectError::Newer { found, known }.into());
    }
    for (number, step) in (1_i64..).zip(STEPS).filter(|(n, _)| *n > found) {
        take(transaction, number, step).await?;
        tracing::info!(migration.number = number, migration.name = step.name, "changed the tables");
    }
    Ok(())
}

/// The number of the last step taken; 0 for a new database.
async fn version(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    // The catalogue is read as a table: `to_regclass` answers from a cache that, within a transaction, may
    // not have heard yet that another replica has made the table.
    let ask = "SELECT current_setting('server_encoding'), current_schema()::text,
        EXISTS (SELECT FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relname = 'schema_migrations')";
    let row = transaction.query_one(ask, &[]).await.map_err(fault::statement)?;
    let (encoding, schema, made): (String, Option<String>, bool) =
        (row.get(0), row.get(1), row.get(2));
    if encoding != "UTF8" {
        return Err(ConnectError::Encoding { found: encoding }.into());
    }
    if schema.is_none() {
        return Err(ConnectError::NoSchema.into());
    }
    if !made {
        return Ok(0);
    }
    let last = "SELECT coalesce(max(version), 0) FROM schema_migrations";
    let row = transaction.query_one(last, &[]).await.map_err(fault::statement)?;
    Ok(row.get(0))
}

async fn take(transaction: &Transaction<'_>, number: i64, step: &Step) -> Result<(), StoreError> {
    if number == 1 {
        let table =
            "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL)";
        transaction.batch_execute(table).await.map_err(fault::statement)?;
    }
    transaction.batch_execute(step.sql).await.map_err(fault::statement)?;
    match step.rest {
        Rest::Nothing => {}
        Rest::Identity => identity::finish(transaction).await?,
        Rest::AuthnMappings => authn_mappings::finish(transaction).await?,
    }
    let note = "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)";
    transaction.execute(note, &[&number, &step.name]).await.map_err(fault::statement).map(drop)
}

/// Names the lock under which tables are changed: "Csgn".
const LOCK: i64 = 0x4373_676e;

/// How long all steps may take.
const PATIENCE: Duration = Duration::from_secs(600);
