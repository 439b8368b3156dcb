//! What was acknowledged is never lost, and what was told is never untold.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use auth_model::{
    AuditEvent, AuditEventId, Clock, ManualClock, OrgId, Organization, OsRandomness, Timestamp,
};
use mapping_store::{AuditLog, AuditQuery, Organizations};
use mapping_store_sqlite::SqliteStore;
use rusqlite::Connection;

/// Tells the child process that it is one, and which file to write to.
const FILE: &str = "COUNTERSIGN_TEST_DURABILITY_FILE";

/// Writers at once in the child, so that transactions hold several changes.
const WRITERS: i64 = 8;

fn organization(number: i64) -> (Organization, AuditEvent) {
    let clock = ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000 + number));
    let id = OrgId::random(&OsRandomness).unwrap();
    let organization = Organization {
        id,
        number,
        name: format!("organization {number}"),
        disabled: false,
        created_at: clock.now(),
        modified_at: clock.now(),
    };
    let event_id = AuditEventId::new(&clock, &OsRandomness).unwrap();
    let event = AuditEvent::change(event_id, clock.now(), id, "organization.create");
    (organization, event)
}

/// Writes and says so, until somebody ends the process.
async fn write_until_killed(path: &Path) {
    let store = SqliteStore::open(path).unwrap();
    let store = &store;
    let write = |writer: i64| async move {
        for n in 0.. {
            let (row, event) = organization(n * WRITERS + writer);
            store.insert_organization(&row, &event).await.unwrap();
            println!("acknowledged {}", row.id);
        }
    };
    futures_util::future::join_all((0..WRITERS).map(write)).await;
}

fn spawn(test: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn acknowledged(line: &str) -> Option<OrgId> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() {
    if let Some(path) = std::env::var_os(FILE) {
        return write_until_killed(Path::new(&path)).await;
    }
    for enough in [1, 50, 400] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("killed.db");
        let mut child = spawn("acknowledged_writes_survive_kill_9", &path);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told: BTreeSet<OrgId> =
            lines.by_ref().filter_map(|line| acknowledged(&line)).take(enough).collect();
        assert_eq!(told.len(), enough);
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        told.extend(lines.filter_map(|line| acknowledged(&line)));
        child.wait().unwrap();

        let store = SqliteStore::open(&path).unwrap();
        let kept: BTreeSet<OrgId> =
            store.organizations().await.unwrap().into_iter().map(|row| row.id).collect();
        let lost: Vec<_> = told.difference(&kept).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        for org in kept {
            assert_eq!(
                store.events(org, AuditQuery::newest(10)).await.unwrap().len(),
                1,
                "each with its event"
            );
        }
    }
}

#[tokio::test]
async fn two_processes_write_to_one_file() {
    const TEST: &str = "two_processes_write_to_one_file";
    if let Some(path) = std::env::var_os(FILE) {
        return write_until_killed(Path::new(&path)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let mut child = spawn(TEST, &path);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let first = lines.by_ref().find_map(|line| acknowledged(&line)).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    assert!(store.organization(first).await.unwrap().is_some());
    for number in 1..50 {
        let (row, event) = organization(-number);
        store.insert_organization(&row, &event).await.unwrap();
        // Whatever the other process tells is there for this one at once.
        let theirs = lines.by_ref().find_map(|line| acknowledged(&line)).unwrap();
        assert!(store.organization(theirs).await.unwrap().is_some());
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn audit_events_are_never_changed_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let store = SqliteStore::open(&path).unwrap();
    let (row, event) = organization(1);
    store.insert_organization(&row, &event).await.unwrap();
    let connection = Connection::open(&path).unwrap();
    for (sql, why) in [
        ("UPDATE audit_events SET outcome = 'refused'", "audit events are never changed"),
        ("DELETE FROM audit_events", "audit events are never removed"),
    ] {
        let error = connection.execute(sql, []).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    let columns = "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events";
    connection.execute_batch("PRAGMA recursive_triggers = ON").unwrap();
    assert!(connection.execute(columns, []).is_err());
}
