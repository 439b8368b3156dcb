//! Tests that what every request asks is answered by indexes alone, however many rows there are.

use auth_model::{AuditEventId, OrgId, RoleId, TeamId, Timestamp, UserId};
use mapping_store::{
    AppKeyQuery, ChainPlace, RoleQuery, Slice, TeamMemberQuery, TeamQuery, UserQuery,
    backend::lists,
    conformance::every_list::{Kind, event_queries, first_pages},
};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::{
    PostgresStore, admins, api_keys, app_keys, audit, authentication, authn, invitations,
    kept_assertions,
    lists::{Statement, page},
    resolution, roles, sessions, sign_ins, teams,
    testing::Schema,
    users,
};

/// Ten thousand mappings of each kind in each of two organizations.
const FILL: &str = "
    INSERT INTO organizations SELECT n, 0, 0, md5(n::text)::uuid, false, 'o' FROM generate_series(1, 1000) n;
    CREATE TEMP TABLE two AS SELECT id FROM organizations WHERE number <= 2;
    INSERT INTO users SELECT 0, 0, o.id, md5(n::text)::uuid, false, false, n || '@b', '', '', true, ''
        FROM two o, generate_series(1, 1000) n;
    INSERT INTO roles (created_at, modified_at, org_id, id, managed, name, folded)
        SELECT 0, n, o.id, md5(n::text)::uuid, false, 'role ' || n, '' FROM two o, generate_series(1, 1000) n;
    INSERT INTO role_permissions SELECT org_id, id, id FROM roles;
    INSERT INTO user_roles (org_id, user_id, role_id, position) SELECT org_id, id, id, 0 FROM users;
    INSERT INTO teams (created_at, modified_at, org_id, id, name, handle, visible_modules, hidden_modules, folded, folded_name)
        SELECT 0, 0, o.id, md5(n::text)::uuid, 'team ' || n, 'team-' || n, '{}', '{}', '', ''
        FROM two o, generate_series(1, 1000) n;
    INSERT INTO team_members SELECT 0, org_id, id, id, NULL, false FROM users;
    INSERT INTO invitations SELECT 0, 0, org_id, id, id, NULL FROM users;
    INSERT INTO api_keys (created_at, modified_at, org_id, id, hash, last4, name, remote_config_read_enabled, folded)
        SELECT n, n, o.id, md5(n::text)::uuid, sha256((n || o.id::text)::bytea), n % 100, 'key ' || n, false, ''
        FROM two o, generate_series(1, 10000) n;
    INSERT INTO app_keys (created_at, org_id, id, owner_id, hash, last4, name, folded)
        SELECT n, o.id, md5(n::text)::uuid, md5((1 + n % 1000)::text)::uuid, sha256((n || o.id::text)::bytea), n % 100,
            'key ' || n, ''
        FROM two o, generate_series(1, 10000) n;
    INSERT INTO audit_events (at, took_micros, id, org_id, replayed, purpose, outcome, reason, detail, request_id,
            sequence, chain, lane, hash)
        SELECT n, 0, gen_random_uuid(), o.id, false, '', '', '', '', '', n, o.id, n % 16, ''
        FROM two o, generate_series(1, 10000) n;
    INSERT INTO authn_mappings SELECT n, n, o.id, md5(n::text)::uuid,
            CASE n % 2 WHEN 0 THEN md5((1 + n % 1000)::text)::uuid END,
            CASE n % 2 WHEN 1 THEN md5((1 + n % 1000)::text)::uuid END, 'key ' || n % 10, 'value ' || n, ''
        FROM two o, generate_series(1, 10000) n;
    INSERT INTO sign_in_requests SELECT n, o.id, sha256(n::text::bytea), '', '', '' FROM two o, generate_series(1, 10000) n;
    INSERT INTO sessions SELECT n, n, n, o.id, md5(n::text)::uuid, md5((1 + n % 1000)::text)::uuid, 'saml',
        sha256(n::text::bytea), NULL, '' FROM two o, generate_series(1, 10000) n;
    INSERT INTO kept_assertions SELECT n, n, o.id, md5(n::text)::uuid, md5((1 + n % 1000)::text)::uuid, ''
        FROM two o, generate_series(1, 10000) n;
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
        let id = "md5('2')::uuid";
        let keys = "ARRAY['key 7', 'key 8', 'key 9']";
        let values = "ARRAY['value 7', 'value 8', 'value 8']";
        for (sql, types, values, index) in [
            (
                authn::BY_PAIRS,
                "(uuid, text[], text[])",
                &*format!("({id}, {keys}, {values})"),
                "authn_mappings_by_attribute",
            ),
            (
                authn::LOCK_OF_ROLE,
                "(uuid, uuid)",
                &*format!("({id}, gen_random_uuid())"),
                "authn_mappings_by_role",
            ),
            (
                authn::LOCK_OF_TEAM,
                "(uuid, uuid)",
                &*format!("({id}, gen_random_uuid())"),
                "authn_mappings_by_team",
            ),
            // As a role or team takes its mappings along.
            (
                "DELETE FROM authn_mappings WHERE org_id = $1 AND role_id = $2",
                "(uuid, uuid)",
                &*format!("({id}, gen_random_uuid())"),
                "authn_mappings_by_role",
            ),
            (
                "DELETE FROM authn_mappings WHERE org_id = $1 AND team_id = $2",
                "(uuid, uuid)",
                &*format!("({id}, gen_random_uuid())"),
                "authn_mappings_by_team",
            ),
        ] {
            let plan = explain(&client, sql, types, values).await;
            assert!(plan.contains(index), "analyzed {analyzed}:\n{plan}");
            assert!(!plan.contains("Rows Removed"), "analyzed {analyzed}:\n{plan}");
            assert_eq!(scans(&plan), 0, "analyzed {analyzed}:\n{plan}");
        }
    }
}

/// Nor do sign-ins and sessions, once PostgreSQL has looked at the tables; the values of a statement are not known to its plan.
#[tokio::test]
async fn nothing_that_signs_in_scans_a_table() {
    let schema = Schema::new().await;
    drop(PostgresStore::connect(&schema.url()).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SET plan_cache_mode = force_generic_plan; SET jit = off").await.unwrap();
    client.batch_execute(FILL).await.unwrap();
    client.batch_execute("ANALYZE").await.unwrap();
    let id = "md5('2')::uuid";
    let (two, by_id) = (&*format!("({id}, gen_random_uuid())"), &*format!("({id}, {id}, 0)"));
    for (sql, types, values, index) in [
        (sessions::BY_ID, "(uuid, uuid, bigint)", by_id, "sessions_pkey"),
        (
            sessions::ROTATE,
            "(uuid, uuid, bytea, bytea, bigint)",
            &*format!("({id}, gen_random_uuid(), '', '', 0)"),
            "sessions_pkey",
        ),
        (sessions::DELETE_OF_USER, "(uuid, uuid)", two, "sessions_by_user"),
        (
            sign_ins::TAKE_REQUEST,
            "(uuid, bytea, bytea, bigint)",
            &*format!("({id}, sha256('0'), '', 0)"),
            "sign_in_requests_pkey",
        ),
        (
            authn::MAPPED_TEAMS,
            "(uuid, uuid[])",
            &*format!("({id}, ARRAY[{id}, md5('3')::uuid])"),
            "authn_mappings_by_team",
        ),
        (kept_assertions::BY_ID, "(uuid, uuid, bigint)", by_id, "kept_assertions_pkey"),
        (sign_ins::SWEEP, "(bigint)", "(0)", "sign_in_requests_by_expiry"),
        (sign_ins::SWEEP, "(bigint)", "(0)", "sessions_by_expiry"),
        (sign_ins::SWEEP, "(bigint)", "(0)", "kept_assertions_by_end"),
    ] {
        let plan = explain(&client, sql, types, values).await;
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("Rows Removed"), "{plan}");
        assert_eq!(scans(&plan), 0, "{plan}");
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
        (admins::HAS_ADMIN, ("(uuid, uuid)", &*format!("({id}, {id})"))),
        (app_keys::NOTE_API_KEYS, ("(uuid[], uuid[], bigint[])", "('{}', '{}', '{}')")),
        (app_keys::NOTE_APP_KEYS, ("(uuid[], uuid[], bigint[])", "('{}', '{}', '{}')")),
    ] {
        let plan = explain(&client, sql, types, values).await;
        assert_eq!(scans(&plan), 0, "{plan}");
    }
}

/// The plan of a statement for its values, with how many rows each step read.
async fn explain_for(client: &Client, statement: &Statement) -> String {
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {}", statement.sql);
    let rows = client.query(&explain, &statement.values()).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

/// Some organization with many rows.
const ORG: &str = "SELECT id FROM organizations WHERE number = 2";

/// A client of a database that is filled and analyzed; nothing is forced on its planner.
async fn filled(schema: &Schema) -> (Client, OrgId) {
    drop(PostgresStore::connect(&schema.url()).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let settings = "SET plan_cache_mode = force_custom_plan; SET jit = off";
    client.batch_execute(settings).await.unwrap();
    client.batch_execute(FILL).await.unwrap();
    client.batch_execute("ANALYZE").await.unwrap();
    let org = client.query_one(ORG, &[]).await.unwrap().get(0);
    (client, OrgId(org))
}

#[tokio::test]
async fn the_first_page_of_a_list_is_a_walk_along_an_index() {
    let schema = Schema::new().await;
    let (client, org) = filled(&schema).await;
    let assert_walk = async |statement: &Statement| {
        let plan = explain_for(&client, statement).await;
        assert!(!plan.contains("Sort") && scans(&plan) == 0, "{}:\n{plan}", statement.sql);
        assert!(!plan.contains("Bitmap"), "{}:\n{plan}", statement.sql);
    };
    for (kind, list) in first_pages(org) {
        let shape = match kind {
            Kind::Users => users::LIST,
            Kind::Roles => roles::LIST,
            Kind::Teams => teams::LIST,
            Kind::Invitations => invitations::LIST,
            Kind::ApiKeys => api_keys::LIST,
            Kind::AppKeys => app_keys::LIST,
            Kind::AuthnMappings => authn::LIST,
        };
        assert_walk(&page(shape, &list)).await;
        let mut total = Statement::default();
        total.parts(&list.total);
        assert!(total.sql.contains("row_counts"), "{}", total.sql);
    }
    let (slice, now) = (Slice { offset: 0, limit: 50 }, Timestamp::from_unix_micros(0));
    for list in [lists::kept_assertions(org, slice, now), lists::latest_assertions(org, slice, now)]
    {
        assert_walk(&page(kept_assertions::LIST, &list)).await;
    }
    for query in event_queries((Timestamp::from_unix_micros(5_000), AuditEventId(Uuid::nil()))) {
        assert_walk(&audit::events(org, &query)).await;
    }
    for after in [None, Some(ChainPlace { lane: 3, sequence: 100 })] {
        assert_walk(&audit::chained(Some(org), after, 50)).await;
    }
}

/// Whoever asks for a few of the rows does not read all the others: these are read by index, and then sorted.
#[tokio::test]
async fn a_part_of_a_list_that_belongs_together_is_read_alone() {
    let schema = Schema::new().await;
    let (client, org) = filled(&schema).await;
    let id: Uuid = client.query_one("SELECT md5('7')::uuid", &[]).await.unwrap().get(0);
    let holders = UserQuery { role: Some(RoleId(id)), ..UserQuery::default() };
    let mine = TeamQuery { member: Some(UserId(id)), ..TeamQuery::default() };
    let some = RoleQuery { ids: vec![RoleId(id)], ..RoleQuery::default() };
    let members = TeamMemberQuery::of(TeamId(id));
    let owned = AppKeyQuery { owner: Some(UserId(id)), ..AppKeyQuery::default() };
    for (shape, list) in [
        (users::LIST, lists::users(org, &holders)),
        (teams::LIST, lists::teams(org, &mine)),
        (teams::MEMBERS, lists::team_members(org, &members)),
        (app_keys::LIST, lists::app_keys(org, &owned)),
        (roles::LIST, lists::roles(org, &some)),
    ] {
        let plan = explain_for(&client, &page(shape, &list)).await;
        assert_eq!(scans(&plan), 0, "{plan}");
        let most = plan.lines().filter_map(|line| line.split("rows=").nth(1));
        let most = most.filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok()).max();
        assert!(most <= Some(10), "{plan}");
        assert!(!plan.contains("Rows Removed"), "{plan}");
    }
}
