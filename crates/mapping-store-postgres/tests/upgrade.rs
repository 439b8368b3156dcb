//! A database that an earlier version made is brought up to date with nothing lost.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use mapping_store::conformance::upgraded;
use mapping_store_postgres::PostgresStore;

#[path = "../src/testing.rs"]
mod testing;

const ROWS: &str = include_str!("upgrade/001_rows.sql");

#[tokio::test]
async fn a_database_of_the_first_migration_is_brought_up_to_date() {
    let schema = testing::Schema::new().await;
    let versions =
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO schema_migrations VALUES (1, 'first');";
    for sql in [versions, include_str!("../migrations/001_first.sql"), ROWS] {
        testing::execute(&schema.url(), sql).await;
    }
    let store = PostgresStore::connect(&schema.url()).await.unwrap();
    upgraded::nothing_is_lost(&store).await;
    // And no event can be changed, as before.
    testing::execute(
        &schema.url(),
        "DO $$ BEGIN
            UPDATE audit_events SET reason = 'x';
            RAISE EXCEPTION 'an event was changed';
        EXCEPTION WHEN raise_exception THEN
            IF SQLERRM = 'an event was changed' THEN RAISE; END IF;
        END $$",
    )
    .await;
}
