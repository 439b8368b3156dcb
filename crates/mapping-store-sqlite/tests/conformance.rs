//! The suite of every backend, on SQLite. Each test has a file of its own.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use mapping_store::{Store, conformance_tests};
use mapping_store_sqlite::SqliteStore;

async fn run(behaviour: impl AsyncFnOnce(&dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("countersign.db")).unwrap();
    behaviour(&store).await;
}

conformance_tests!(run);
