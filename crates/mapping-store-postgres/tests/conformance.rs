//! The suite of every backend, on PostgreSQL. Each test has a schema of its own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use mapping_store::{Store, conformance_tests};
use mapping_store_postgres::PostgresStore;

#[path = "../src/testing.rs"]
mod testing;

async fn run(behaviour: impl AsyncFnOnce(&dyn Store)) {
    let schema = testing::Schema::new().await;
    let store = PostgresStore::connect(&schema.url()).await.unwrap();
    behaviour(&store).await;
}

conformance_tests!(run);
