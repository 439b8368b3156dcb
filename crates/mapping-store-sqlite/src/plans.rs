//! Tests that what every request asks is answered by indexes alone, however many rows there are.

use auth_model::{AuditEventId, OrgId, Timestamp};
use mapping_store::{
    Slice, TeamMemberQuery, TeamQuery, UserQuery,
    backend::lists,
    conformance::every_list::{Kind, event_queries, first_pages},
};
use rusqlite::Connection;
use uuid::Uuid;

use crate::{
    SqliteStore, api_keys, app_keys, audit, authentication, authn, invitations, kept_assertions,
    lists::{Statement, page},
    resolution, roles, sessions, sign_ins, teams, users,
};

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
            INSERT INTO roles SELECT id, CAST(printf('%016d', value) AS BLOB), 'role ' || value, 0, 0, 0, '', 0
                FROM two, numbers WHERE value <= 1000;
            INSERT INTO role_permissions SELECT org_id, id, id FROM roles;
            INSERT INTO user_roles SELECT org_id, id, 0, id FROM users;
            INSERT INTO teams SELECT id, CAST(printf('%016d', value) AS BLOB), 'team ' || value, 'team-' || value,
                NULL, NULL, NULL, NULL, '[]', '[]', 0, 0, '', 0, '' FROM two, numbers WHERE value <= 1000;
            INSERT INTO team_members SELECT org_id, id, id, 0, NULL, 0 FROM teams;
            INSERT INTO invitations SELECT org_id, id, id, NULL, 0, 0 FROM users;
            INSERT INTO api_keys SELECT org_id, id, 'key', CAST(org_id || id AS BLOB), '', NULL, NULL, NULL, NULL, NULL, 0, NULL,
                NULL, 0, 0, NULL, '' FROM users;
            INSERT INTO app_keys SELECT org_id, id, id, 'key', CAST(org_id || id AS BLOB), '', NULL, 0, NULL, '' FROM users;
            INSERT INTO audit_events SELECT CAST(org_id || id AS BLOB), org_id, 0, '', '', '', '', '', NULL, NULL, NULL, NULL, NULL,
                NULL, NULL, NULL, NULL, NULL, 0, 0, org_id, 0, rowid, x'' FROM users;
            INSERT INTO authn_mappings SELECT id, CAST(printf('%016d', value) AS BLOB), 'key ' || value % 10, 'value ' || value,
                CASE WHEN value % 2 THEN CAST(printf('%016d', 1 + value % 1000) AS BLOB) END,
                CASE WHEN NOT value % 2 THEN CAST(printf('%016d', 1 + value % 1000) AS BLOB) END, 0, 0, ''
                FROM two, numbers;
            INSERT INTO sign_in_requests SELECT org_id, CAST(id || id AS BLOB), CAST(id || id AS BLOB), '', '', 0 FROM users;
            INSERT INTO sessions SELECT org_id, id, id, 'saml', CAST(id || id AS BLOB), NULL, 0, 0, 0, x'' FROM users;
            INSERT INTO kept_assertions SELECT id, CAST(printf('%016d', value) AS BLOB), CAST(printf('%016d', 1 + value % 1000) AS BLOB),
                value, value, x'' FROM two, numbers;
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

/// Reads no table, and no organization, from end to end.
#[track_caller]
fn assert_indexed(connection: &Connection, name: &str, sql: &str) {
    let steps = plan(connection, sql);
    // The list of patterns is read from end to end, as it must be.
    let scans = steps.iter().filter(|step| step.starts_with("SCAN") && !step.contains("json_each"));
    assert_eq!(scans.count(), 0, "{name}: {steps:#?}");
    // By the organization alone is a scan too, of all that an organization has.
    let whole = steps.iter().filter(|step| step.contains("(org_id=?)"));
    assert_eq!(whole.count(), 0, "{name}: {steps:#?}");
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
            ("authN mappings by pairs", authn::BY_PAIRS),
            ("has admin", roles::HAS_ADMIN),
            ("users by ids", users::BY_IDS),
            ("roles by ids", roles::BY_IDS),
            ("memberships", teams::MEMBERSHIPS),
            ("managed key", api_keys::MANAGED),
            ("expired managed keys", api_keys::SWEEP),
            ("owned application keys", app_keys::OWNED),
        ] {
            assert_indexed(&connection, name, sql);
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
        for (sql, index) in [
            (authn::BY_PAIRS, "authn_mappings_by_attribute (org_id=? AND key=? AND value=?)"),
            // As a role or team takes its mappings along.
            (
                "DELETE FROM authn_mappings WHERE org_id = ?1 AND role_id = ?2",
                "authn_mappings_by_role (org_id=? AND role_id=?)",
            ),
            (
                "DELETE FROM authn_mappings WHERE org_id = ?1 AND team_id = ?2",
                "authn_mappings_by_team (org_id=? AND team_id=?)",
            ),
        ] {
            let steps = plan(&connection, sql);
            let by_it = |step: &String| step.starts_with("SEARCH") && step.ends_with(index);
            assert!(steps.iter().any(by_it), "analyzed {analyzed}: {steps:#?}");
        }
    }
}

#[test]
fn nothing_that_signs_in_scans_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let connection = database(&folder);
    for analyzed in [false, true] {
        if analyzed {
            connection.execute_batch("ANALYZE").unwrap();
        }
        for (name, sql) in [
            ("session", sessions::BY_ID),
            ("rotated session", sessions::ROTATE),
            ("ended session", sessions::DELETE),
            ("ended sessions of a user", sessions::DELETE_OF_USER),
            ("taken sign-in request", sign_ins::TAKE_REQUEST),
            ("mapped teams", authn::MAPPED_TEAMS),
            ("kept assertion", kept_assertions::BY_ID),
            ("expired sign-in requests", sign_ins::SWEEPS[0]),
            ("expired sessions", sign_ins::SWEEPS[1]),
            ("expired kept assertions", sign_ins::SWEEPS[2]),
        ] {
            assert_indexed(&connection, name, sql);
        }
    }
}

/// Walks along an index from the first row wanted and stops: neither a scan, nor a sort.
#[track_caller]
fn assert_walk(connection: &Connection, name: &str, statement: &Statement) {
    let steps = plan(connection, &statement.sql);
    let bad =
        |step: &&String| step.starts_with("SCAN") || step.contains("TEMP B-TREE FOR ORDER BY");
    assert_eq!(steps.iter().filter(bad).count(), 0, "{name}: {}: {steps:#?}", statement.sql);
}

#[test]
fn the_first_page_of_a_list_is_a_walk_along_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let connection = database(&folder);
    let (org, id) = (OrgId(Uuid::nil()), Uuid::nil());
    for analyzed in [false, true] {
        if analyzed {
            connection.execute_batch("ANALYZE").unwrap();
        }
        for (kind, list) in first_pages(org) {
            let columns = match kind {
                Kind::Users => users::COLUMNS,
                Kind::Roles => roles::COUNTED_COLUMNS,
                Kind::Teams => teams::COLUMNS,
                Kind::Invitations => invitations::COLUMNS,
                Kind::ApiKeys => api_keys::COLUMNS,
                Kind::AppKeys => app_keys::COLUMNS,
                Kind::AuthnMappings => authn::COLUMNS,
            };
            assert_walk(&connection, "page", &page(columns, &list).unwrap());
            let mut total = Statement::default();
            assert_walk(&connection, "total", total.parts(&list.total).unwrap());
            assert!(total.sql.contains("row_counts"), "{}", total.sql);
        }
        for query in event_queries((Timestamp::from_unix_micros(0), AuditEventId(id))) {
            assert_walk(&connection, "events", &audit::events(org, &query).unwrap());
        }
        let (slice, now) = (Slice { offset: 0, limit: 50 }, Timestamp::from_unix_micros(0));
        let (kept, latest) =
            (lists::kept_assertions(org, slice, now), lists::latest_assertions(org, slice, now));
        let [mut kept_total, mut latest_total] = [Statement::default(), Statement::default()];
        let latest_page = page(kept_assertions::COLUMNS, &latest).unwrap();
        assert_walk(&connection, "kept", &page(kept_assertions::COLUMNS, &kept).unwrap());
        assert_walk(&connection, "latest", &latest_page);
        // An index alone is read to count them, and to find who is on the page.
        for statement in [
            kept_total.parts(&kept.total).unwrap(),
            latest_total.parts(&latest.total).unwrap(),
            &latest_page,
        ] {
            let steps = plan(&connection, &statement.sql);
            assert!(steps[0].contains("COVERING INDEX"), "{steps:#?}");
        }
        let mut chained = Statement::default();
        assert_walk(&connection, "chain", chained.push(audit::CHAINED));
    }
}

/// Whoever asks for a few of the rows does not read all the others: these are read by index, and then sorted.
#[test]
fn a_part_of_a_list_that_belongs_together_is_read_alone() {
    let folder = tempfile::tempdir().unwrap();
    let connection = database(&folder);
    let (org, id) = (OrgId(Uuid::nil()), Uuid::nil());
    let holders = UserQuery { role: Some(auth_model::RoleId(id)), ..UserQuery::default() };
    let mine = TeamQuery { member: Some(auth_model::UserId(id)), ..TeamQuery::default() };
    let members = TeamMemberQuery::of(auth_model::TeamId(id));
    let owned = mapping_store::AppKeyQuery {
        owner: Some(auth_model::UserId(id)),
        ..mapping_store::AppKeyQuery::default()
    };
    for analyzed in [false, true] {
        if analyzed {
            connection.execute_batch("ANALYZE").unwrap();
        }
        for (columns, list, first) in [
            (
                users::COLUMNS,
                lists::users(org, &holders),
                "SEARCH h USING COVERING INDEX user_roles_by_role (org_id=? AND role_id=?)",
            ),
            (
                teams::COLUMNS,
                lists::teams(org, &mine),
                "SEARCH m USING COVERING INDEX team_members_by_user (org_id=? AND user_id=?)",
            ),
            (
                teams::MEMBER_COLUMNS,
                lists::team_members(org, &members),
                "SEARCH m USING PRIMARY KEY (org_id=? AND team_id=?)",
            ),
            (
                app_keys::COLUMNS,
                lists::app_keys(org, &owned),
                "SEARCH k USING INDEX owned_app_keys_by_name (org_id=? AND owner_id=?)",
            ),
        ] {
            let statement = page(columns, &list).unwrap();
            let steps = plan(&connection, &statement.sql);
            assert_eq!(steps[0], first, "{}: {steps:#?}", statement.sql);
        }
    }
}
