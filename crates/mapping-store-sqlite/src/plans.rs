//! Tests that what every request asks is answered by indexes alone, however many rows there are.

use rusqlite::Connection;

use crate::{SqliteStore, authentication, resolution};

/// Ten thousand mappings of each kind in each of two organizations.
fn database(folder: &tempfile::TempDir) -> Connection {
    let path = folder.path().join("plans.db");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TEMP TABLE numbers AS WITH RECURSIVE n (value) AS
                (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 10000) SELECT value FROM n;
            INSERT INTO organizations SELECT CAST(printf('%016d', value) AS BLOB), value, 'o', 0, 0, 0
                FROM numbers WHERE value <= 1000;
            CREATE TEMP TABLE two AS SELECT id FROM organizations WHERE number <= 2;
            INSERT INTO users SELECT id, CAST(printf('%016d', value) AS BLOB), value || '@b', '', '', 0, 0, 0, 0, 1, ''
                FROM two, numbers WHERE value <= 1000;
            INSERT INTO aws_accounts SELECT o.id, CAST(printf('%016d', value) AS BLOB), printf('%012d', value),
                'aws', 'r', 'e', NULL, NULL, '{}', 0, 0 FROM two o, numbers WHERE value <= 1000;
            INSERT INTO persona_mappings SELECT o.id, CAST(printf('%016d', value) AS BLOB),
                printf('arn:aws:sts::000000000001:assumed-role/role-%d/*', value), '000000000001', 'aws',
                CAST(printf('%016d', 1 + value % 1000) AS BLOB), NULL, value FROM two o, numbers;
            INSERT INTO intake_mappings SELECT org_id, id, pattern, account, partition, NULL, created_at
                FROM persona_mappings;",
        )
        .unwrap();
    connection
}

/// The steps of a plan, as SQLite words them.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps
}

#[test]
fn nothing_that_a_request_asks_scans_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let connection = database(&folder);
    for analyzed in [false, true] {
        if analyzed {
            connection.execute_batch("ANALYZE").unwrap();
        }
        for (name, sql) in [
            ("persona", resolution::PERSONA),
            ("intake", resolution::INTAKE),
            ("by API key", authentication::BY_API_KEY),
            ("by key pair", authentication::BY_KEY_PAIR),
            ("by mapping", authentication::BY_MAPPING),
        ] {
            let steps = plan(&connection, sql);
            // The list of patterns is read from end to end, as it must be.
            let scans =
                steps.iter().filter(|step| step.starts_with("SCAN") && !step.contains("json_each"));
            assert_eq!(scans.count(), 0, "{name}, analyzed {analyzed}: {steps:#?}");
        }
        for (sql, table) in
            [(resolution::PERSONA, "persona_mappings"), (resolution::INTAKE, "intake_mappings")]
        {
            let steps = plan(&connection, sql);
            let by_both = format!(
                "SEARCH m USING INDEX sqlite_autoindex_{table}_2 (org_id=? AND pattern=?) LEFT-JOIN"
            );
            assert!(steps.contains(&by_both), "analyzed {analyzed}: {steps:#?}");
        }
    }
}
