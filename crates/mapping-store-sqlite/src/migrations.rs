//! The tables, as a list of numbered steps that only ever grows at its end.

mod authn_mappings;
mod identity;

use std::path::Path;

use mapping_store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    fault::Fault,
    open::{OpenError, explain},
    store::opening,
};

/// One step. Its number is its place in the list, from 1.
struct Step {
    name: &'static str,
    sql: &'static str,
    /// What SQL can't do, afterwards.
    finish: fn(&Connection) -> Result<(), Fault>,
}

const STEPS: &[Step] = &[
    Step { name: "first", sql: include_str!("../migrations/001_first.sql"), finish: |_| Ok(()) },
    Step {
        name: "identity",
        sql: include_str!("../migrations/002_identity.sql"),
        finish: identity::finish,
    },
    Step {
        name: "authn_mappings",
        sql: include_str!("../migrations/003_authn_mappings.sql"),
        finish: authn_mappings::finish,
    },
    Step {
        name: "sign_ins",
        sql: include_str!("../migrations/004_sign_ins.sql"),
        finish: |_| Ok(()),
    },
];

/// Marks the file as ours: "Csgn".
const APPLICATION_ID: i64 = 0x4373_676e;

/// Takes the steps that the file has not taken yet, all in one transaction. Of several processes that
/// start at once, the others wait for the first and find nothing left to do.
pub(crate) fn apply(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| explain(path, error))?;
    let found = version(&transaction, path)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(opening(OpenError::Newer { path: path.to_owned(), found, known }));
    }
    for (number, step) in (1_i64..).zip(STEPS).filter(|(n, _)| *n > found) {
        take(&transaction, number, step).map_err(|fault| match fault {
            Fault::Sqlite(error) => explain(path, error),
            Fault::Store(error) => error,
        })?;
        tracing::info!(migration.number = number, migration.name = step.name, "changed the tables");
    }
    transaction.commit().map_err(|error| explain(path, error))
}

/// The number of the last step taken; 0 for a new file.
fn version(transaction: &Transaction<'_>, path: &Path) -> Result<i64, StoreError> {
    let ask = || -> Result<Option<i64>, rusqlite::Error> {
        let ours: i64 = transaction.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = transaction.query_row(tables, [], |row| row.get(0))?;
        match (ours == APPLICATION_ID, tables) {
            (false, 0) => Ok(Some(0)),
            (false, _) => Ok(None),
            (true, _) => {
                let last = "SELECT coalesce(max(version), 0) FROM schema_migrations";
                transaction.query_row(last, [], |row| row.get(0)).map(Some)
            }
        }
    };
    ask()
        .map_err(|error| explain(path, error))?
        .ok_or_else(|| opening(OpenError::Foreign { path: path.to_owned() }))
}

fn take(transaction: &Transaction<'_>, number: i64, step: &Step) -> Result<(), Fault> {
    if number == 1 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.execute_batch(
            "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
        )?;
    }
    transaction.execute_batch(step.sql)?;
    (step.finish)(transaction)?;
    let note = "INSERT INTO schema_migrations (version, name) VALUES (?1, ?2)";
    transaction.execute(note, (number, step.name))?;
    Ok(())
}
