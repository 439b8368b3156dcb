//! Somebody lays hands on the audit log behind the store's back, and is found.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use auth_model::{AuditEvent, AuditEventId, Clock, ManualClock, OrgId, OsRandomness, Timestamp};
use mapping_store::{
    AuditLog, ChainHead,
    audit_chain::{ChainReport, verify},
    backend::chain_hash,
};
use mapping_store_sqlite::SqliteStore;
use rusqlite::{Connection, params};

/// A log of nine events of an organization, and another organization's, which nothing happens to.
struct Log {
    folder: tempfile::TempDir,
    store: SqliteStore,
    org: OrgId,
    other: OrgId,
}

async fn log() -> Log {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).unwrap();
    let [org, other] = [0, 1].map(|_| OrgId::random(&OsRandomness).unwrap());
    let clock = ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000));
    for n in 1..=9 {
        for org in [org, other] {
            clock.advance_seconds(1);
            let id = AuditEventId::new(&clock, &OsRandomness).unwrap();
            let mut event = AuditEvent::change(id, clock.now(), org, "role.create");
            event.detail = format!("event {n}");
            store.record(&event).await.unwrap();
        }
    }
    Log { folder, store, org, other }
}

impl Log {
    /// What only somebody with the database file can do.
    fn tamper(&self, change: impl FnOnce(&Connection)) {
        let connection = Connection::open(self.folder.path().join("a.db")).unwrap();
        connection
            .execute_batch(
                "DROP TRIGGER audit_events_are_not_changed; DROP TRIGGER audit_events_are_not_removed",
            )
            .unwrap();
        change(&connection);
    }

    async fn check(&self, anchors: &[ChainHead]) -> ChainReport {
        let theirs = verify(&self.store, Some(self.other), &[], &mut |_| {}).await.unwrap();
        assert!(theirs.is_fine() && theirs.events == 9, "{theirs:?}");
        verify(&self.store, Some(self.org), anchors, &mut |_| {}).await.unwrap()
    }

    async fn faults(&self) -> Vec<String> {
        self.check(&[]).await.faults.iter().map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn the_triggers_stop_whoever_does_not_drop_them() {
    let log = log().await;
    let connection = Connection::open(log.folder.path().join("a.db")).unwrap();
    for change in ["UPDATE audit_events SET detail = 'x'", "DELETE FROM audit_events"] {
        assert!(connection.execute(change, []).unwrap_err().to_string().contains("never"));
    }
    assert!(log.faults().await.is_empty());
}

#[tokio::test]
async fn each_tampering_is_found_and_named_with_its_place() {
    const HERE: &str = "WHERE chain = ?1 AND sequence";
    #[rustfmt::skip]
    let cases: [(&str, &[String], &str); 9] = [
        ("an altered row",       &[format!("UPDATE audit_events SET detail = 'x' {HERE} = 5")],         "altered: lane 0, place 5, "),
        ("an altered time",      &[format!("UPDATE audit_events SET at = at + 1 {HERE} = 1")],          "altered: lane 0, place 1, "),
        ("no event any more",    &[format!("UPDATE audit_events SET outcome = 'nice' {HERE} = 5")],     "altered: lane 0, place 5 can't be read"),
        ("removed in the middle", &[format!("DELETE FROM audit_events {HERE} = 5")],                    "1 event removed: lane 0, place 5"),
        ("several removed",      &[format!("DELETE FROM audit_events {HERE} IN (3, 4, 5)")],            "3 events removed: lane 0, places 3 to 5"),
        ("removed at the end",   &[format!("DELETE FROM audit_events {HERE} = 9")],                     "1 event removed: lane 0, place 9"),
        ("all removed",          &[format!("DELETE FROM audit_events {HERE} > 0")],                     "9 events removed: lane 0, places 1 to 9"),
        ("a swapped pair",       &[
            format!("UPDATE audit_events SET sequence = -1 {HERE} = 4"),
            format!("UPDATE audit_events SET sequence = 4 {HERE} = 5"),
            format!("UPDATE audit_events SET sequence = 5 {HERE} = -1"),
        ],                                                                                              "reordered: lane 0, places 4 and 5"),
        ("the head removed",     &["DELETE FROM audit_heads WHERE chain = ?1".to_owned()],              "lane 0: where it ends"),
    ];
    for (what, statements, words) in cases {
        let log = log().await;
        log.tamper(|connection| {
            for statement in statements {
                assert!(connection.execute(statement, [log.org.0]).unwrap() > 0, "{what}");
            }
        });
        let faults = log.faults().await;
        assert_eq!(faults.len(), 1, "{what}: {faults:?}");
        assert!(faults[0].starts_with(words), "{what}: {faults:?}");
    }
}

/// Takes a row out and writes the rest of the chain anew, its head too: only what was noted elsewhere tells.
#[tokio::test]
async fn a_chain_that_was_written_anew_is_found_by_its_anchors() {
    let log = log().await;
    let before = log.check(&[]).await;
    let rows = log.store.chained_events(Some(log.org), None, u32::MAX).await.unwrap();
    log.tamper(|connection| {
        connection
            .execute("DELETE FROM audit_events WHERE chain = ?1 AND sequence = 5", [log.org.0])
            .unwrap();
        let (mut hash, mut sequence) = (rows[3].hash, 4);
        for row in &rows[5..] {
            (hash, sequence) = (chain_hash(&hash, &row.event), sequence + 1);
            let values = params![row.event.id.0, sequence, hash];
            connection
                .execute("UPDATE audit_events SET sequence = ?2, hash = ?3 WHERE id = ?1", values)
                .unwrap();
        }
        connection
            .execute(
                "UPDATE audit_heads SET sequence = ?2, hash = ?3 WHERE chain = ?1",
                params![log.org.0, sequence, hash],
            )
            .unwrap();
    });
    let report = log.check(&[]).await;
    assert!(report.is_fine() && report.events == 8, "{report:?}");
    let report = log.check(&before.heads).await;
    assert_eq!(report.faults.len(), 1);
    assert!(report.faults[0].to_string().starts_with("rewritten: lane 0, place 9"), "{report:?}");
}
