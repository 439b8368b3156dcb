//! A database that an earlier version made is brought up to date with nothing lost.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests")]

use mapping_store::conformance::upgraded;
use mapping_store_postgres::PostgresStore;

#[path = "../src/testing.rs"]
mod testing;

const ROWS: &str = include_str!("upgrade/001_rows.sql");

/// A schema that has taken the first step.
async fn first(schema: &testing::Schema) {
    let versions =
        "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO schema_migrations VALUES (1, 'first');";
    for sql in [versions, include_str!("../migrations/001_first.sql")] {
        testing::execute(&schema.url(), sql).await;
    }
}

#[tokio::test]
async fn a_database_of_the_first_migration_is_brought_up_to_date() {
    let schema = testing::Schema::new().await;
    first(&schema).await;
    testing::execute(&schema.url(), ROWS).await;
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

#[tokio::test]
async fn teams_of_the_second_migration_are_brought_up_to_date() {
    let schema = testing::Schema::new().await;
    first(&schema).await;
    let rows = r"
        INSERT INTO schema_migrations VALUES (2, 'identity');
        INSERT INTO organizations (id, number, name, disabled, created_at, modified_at)
            VALUES ('00000000-0000-4000-8000-000000000001', 1, 'o', false, 0, 0);
        INSERT INTO teams (org_id, id, name, handle, visible_modules, hidden_modules, created_at, modified_at, folded)
            VALUES ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000051', E'Ä\nÖ', 'OPS',
                '{}', '{}', 0, 0, E'ä\nö\nops');";
    for sql in [include_str!("../migrations/002_identity.sql"), rows] {
        testing::execute(&schema.url(), sql).await;
    }
    let store = PostgresStore::connect(&schema.url()).await.unwrap();
    upgraded::mappings_are_found_by_the_names_of_old_teams(&store).await;
}
