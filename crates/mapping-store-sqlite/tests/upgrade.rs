//! A file that an earlier version made is brought up to date with nothing lost.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use mapping_store::conformance::upgraded;
use mapping_store_sqlite::SqliteStore;
use rusqlite::Connection;

const ROWS: &str = include_str!("upgrade/001_rows.sql");

/// A file that has taken the first step and is marked as ours.
fn first(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    connection.pragma_update(None, "application_id", 0x4373_676e).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
            INSERT INTO schema_migrations VALUES (1, 'first')",
        )
        .unwrap();
    connection.execute_batch(include_str!("../migrations/001_first.sql")).unwrap();
    connection
}

#[tokio::test]
async fn a_database_of_the_first_migration_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let connection = first(&path);
    connection.execute_batch(ROWS).unwrap();
    drop(connection);
    let store = SqliteStore::open(&path).unwrap();
    upgraded::nothing_is_lost(&store).await;
    drop(store);
    let connection = Connection::open(&path).unwrap();
    let faults = "SELECT count(*) FROM pragma_foreign_key_check";
    let faults: i64 = connection.query_row(faults, [], |row| row.get(0)).unwrap();
    assert_eq!(faults, 0);
    let check = "SELECT integrity_check FROM pragma_integrity_check";
    let check: String = connection.query_row(check, [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    // And no event can be changed, as before.
    connection.execute("UPDATE audit_events SET reason = 'x'", []).unwrap_err();
    connection.execute("DELETE FROM audit_events", []).unwrap_err();
}

#[tokio::test]
async fn teams_of_the_second_migration_are_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let connection = first(&path);
    connection.execute_batch(include_str!("../migrations/002_identity.sql")).unwrap();
    connection
        .execute_batch(
            "DROP TABLE unchained_audit_events;
            INSERT INTO schema_migrations VALUES (2, 'identity');
            INSERT INTO organizations VALUES (x'00000000000040008000000000000001', 1, 'o', 0, 0, 0);
            INSERT INTO teams VALUES (x'00000000000040008000000000000001', x'00000000000040008000000000000051',
                'Ä' || char(10) || 'Ö', 'OPS', NULL, NULL, NULL, NULL, '[]', '[]', 0, 0,
                'ä' || char(10) || 'ö' || char(10) || 'ops', 0)",
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(&path).unwrap();
    upgraded::mappings_are_found_by_the_names_of_old_teams(&store).await;
}
