//! Tests that what every request asks is answered by indexes alone, however many rows there are.

use tokio_postgres::{Client, NoTls};

use crate::{PostgresStore, authentication, resolution, testing::Schema};

/// Ten thousand mappings of each kind in each of two organizations.
const FILL: &str = "
    INSERT INTO organizations SELECT n, 0, 0, md5(n::text)::uuid, false, 'o' FROM generate_series(1, 1000) n;
    CREATE TEMP TABLE two AS SELECT id FROM organizations WHERE number <= 2;
    INSERT INTO users SELECT 0, 0, o.id, md5(n::text)::uuid, false, false, n || '@b', '', '', true, ''
        FROM two o, generate_series(1, 1000) n;
    INSERT INTO aws_accounts SELECT 0, 0, o.id, gen_random_uuid(), lpad(n::text, 12, '0'), 'aws', 'r', 'e',
        NULL, NULL, '{}' FROM two o, generate_series(1, 1000) n;
    INSERT INTO persona_mappings SELECT n, o.id, gen_random_uuid(), md5((1 + n % 1000)::text)::uuid, NULL,
        'arn:aws:sts::000000000001:assumed-role/role-' || n || '/*' FROM two o, generate_series(1, 10000) n;
    INSERT INTO intake_mappings SELECT created_at, org_id, id, NULL, pattern FROM persona_mappings;";

/// One organization, its account, and seventy patterns, of which two exist.
fn asked() -> String {
    let roles = 9_999..9_999 + 70;
    let pattern = |n| format!("'arn:aws:sts::000000000001:assumed-role/role-{n}/*'");
    let patterns: Vec<String> = roles.map(pattern).collect();
    format!("(md5('1')::uuid, '000000000001', 'aws', ARRAY[{}])", patterns.join(", "))
}

async fn explain(client: &Client, sql: &str, types: &str, values: &str) -> String {
    let prepare = format!("DEALLOCATE ALL; PREPARE asked {types} AS {sql}");
    client.batch_execute(&prepare).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) EXECUTE asked {values}");
    let rows = client.query(&explain, &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

/// Lines that mention a table being read from end to end.
fn scans(plan: &str) -> usize {
    plan.lines().filter(|line| line.contains("Seq Scan")).count()
}

#[tokio::test]
async fn nothing_that_a_request_asks_scans_a_table() {
    let schema = Schema::new().await;
    drop(PostgresStore::connect(&schema.url()).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SET plan_cache_mode = force_generic_plan; SET jit = off").await.unwrap();
    client.batch_execute(FILL).await.unwrap();
    for analyzed in [false, true] {
        if analyzed {
            client.batch_execute("ANALYZE").await.unwrap();
        }
        for (sql, table) in
            [(resolution::PERSONA, "persona_mappings"), (resolution::INTAKE, "intake_mappings")]
        {
            let plan = explain(&client, sql, "(uuid, text, text, text[])", &asked()).await;
            // Of twenty thousand rows only the two that are asked for are visited.
            let visited = format!("on {table} m (actual rows=2");
            let index = format!("{table}_by_pattern");
            assert!(
                plan.contains(&visited) && plan.contains(&index),
                "analyzed {analyzed}:\n{plan}"
            );
            assert!(!plan.contains("Rows Removed by Filter"), "analyzed {analyzed}:\n{plan}");
            assert_eq!(scans(&plan), 0, "analyzed {analyzed}:\n{plan}");
        }
    }
}

/// With so few keys and users PostgreSQL would rather read a table than an index, so it is told that reading costs more.
#[tokio::test]
async fn whoever_makes_a_request_is_found_by_indexes() {
    let schema = Schema::new().await;
    drop(PostgresStore::connect(&schema.url()).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let settings =
        "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off";
    client.batch_execute(settings).await.unwrap();
    client.batch_execute(FILL).await.unwrap();
    client.batch_execute("ANALYZE").await.unwrap();
    let hashes = ("(bytea, bytea)", "('a', 'b')");
    let id = "gen_random_uuid()";
    for (sql, (types, values)) in [
        (authentication::BY_API_KEY, ("(bytea, bigint)", "('a', 0)")),
        (authentication::BY_KEY_PAIR, hashes),
        (authentication::BY_MAPPING, ("(uuid, uuid, uuid)", &*format!("({id}, {id}, {id})"))),
    ] {
        let plan = explain(&client, sql, types, values).await;
        assert_eq!(scans(&plan), 0, "{plan}");
    }
}
