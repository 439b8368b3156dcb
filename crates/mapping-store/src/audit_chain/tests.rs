//! What is found, and that nothing else is.

use std::sync::Mutex;

use async_trait::async_trait;
use auth_model::{AuditEvent, AuditOutcome, Clock, ManualClock, OsRandomness, Purpose, Timestamp};

use super::*;
use crate::{AuditQuery, MemoryStore, backend::broken};

/// A log whose rows and heads somebody has laid hands on.
struct Forged {
    rows: Mutex<Vec<ChainedEvent>>,
    heads: Vec<ChainHead>,
    /// Rows that are no events any more.
    unreadable: Vec<ChainPlace>,
}

#[async_trait]
impl AuditLog for Forged {
    async fn record(&self, _: &AuditEvent) -> Result<(), StoreError> {
        Ok(())
    }

    async fn events(&self, _: OrgId, _: AuditQuery) -> Result<Vec<AuditEvent>, StoreError> {
        Ok(Vec::new())
    }

    async fn chains(&self) -> Result<Vec<Option<OrgId>>, StoreError> {
        Ok(vec![None])
    }

    async fn chained_events(
        &self,
        _: Option<OrgId>,
        after: Option<ChainPlace>,
        limit: u32,
    ) -> Result<Vec<ChainedEvent>, StoreError> {
        let mut rows = self.rows.lock().unwrap().clone();
        rows.sort_by_key(|row| row.place);
        rows.retain(|row| after.is_none_or(|after| row.place > after));
        rows.truncate(limit as usize);
        match rows.iter().any(|row| self.unreadable.contains(&row.place)) {
            true => Err(broken("reading an audit event", "nonsense")),
            false => Ok(rows),
        }
    }

    async fn chain_heads(&self, _: Option<OrgId>) -> Result<Vec<ChainHead>, StoreError> {
        Ok(self.heads.clone())
    }
}

fn new_event(detail: &str) -> AuditEvent {
    let clock = ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000));
    let id = AuditEventId::new(&clock, &OsRandomness).unwrap();
    let purpose = Purpose::Change("role.create".into());
    let mut event = AuditEvent::new(id, clock.now(), purpose, AuditOutcome::Granted);
    event.detail = detail.to_owned();
    event
}

/// What a store writes: nine events in one lane.
async fn written() -> (Vec<ChainedEvent>, Vec<ChainHead>) {
    let store = MemoryStore::new();
    for n in 1..=9 {
        store.record(&new_event(&n.to_string())).await.unwrap();
    }
    let rows = store.chained_events(None, None, u32::MAX).await.unwrap();
    (rows, store.chain_heads(None).await.unwrap())
}

async fn check(rows: Vec<ChainedEvent>, heads: &[ChainHead], anchors: &[ChainHead]) -> Vec<String> {
    let log = Forged { rows: Mutex::new(rows), heads: heads.to_vec(), unreadable: Vec::new() };
    let report = verify(&log, None, anchors, &mut |_| {}).await.unwrap();
    report.faults.iter().map(ToString::to_string).collect()
}

/// Numbers from 1, and where `rehash` says so the hashes too.
fn renumber(rows: &mut [ChainedEvent], rehash: bool) {
    let mut before = [0; 32];
    for (row, n) in rows.iter_mut().zip(1..) {
        row.place.sequence = n;
        if rehash {
            row.hash = chain_hash(&before, &row.event);
        }
        before = row.hash;
    }
}

fn head_of(rows: &[ChainedEvent]) -> ChainHead {
    let last = rows.last().unwrap();
    ChainHead { place: last.place, hash: last.hash }
}

#[tokio::test]
async fn what_a_store_wrote_is_fine_and_is_counted() {
    let store = MemoryStore::new();
    let empty = verify(&store, None, &[], &mut |_| {}).await.unwrap();
    assert!(empty.is_fine() && empty.events == 0 && empty.heads.is_empty());
    for n in 0..2_500 {
        store.record(&new_event(&n.to_string())).await.unwrap();
    }
    let mut told = Vec::new();
    let report = verify(&store, None, &[], &mut |n| told.push(n)).await.unwrap();
    assert!(report.is_fine(), "{report:?}");
    assert_eq!((report.events, told), (2_500, vec![1_000, 2_000, 2_500]));
    let again = verify(&store, None, &report.heads, &mut |_| {}).await.unwrap();
    assert!(again.is_fine(), "its own heads are anchors that hold");
    store.record(&new_event("later")).await.unwrap();
    let later = verify(&store, None, &report.heads, &mut |_| {}).await.unwrap();
    assert!(later.is_fine(), "and go on holding when the log grows");
}

#[tokio::test]
async fn every_tampering_is_named_with_its_place() {
    let (rows, heads) = written().await;
    type Tamper = fn(&mut Vec<ChainedEvent>);
    #[rustfmt::skip]
    let cases: [(&str, Tamper, &[&str]); 13] = [
        ("nothing",                     |_| {},                                                   &[]),
        ("an altered event",            |r| r[4].event.detail = "x".to_owned(),                   &["altered: lane 0, place 5"]),
        ("the first one",               |r| r[0].event.detail = "x".to_owned(),                   &["altered: lane 0, place 1"]),
        ("the last one",                |r| r[8].event.detail = "x".to_owned(),                   &["altered: lane 0, place 9"]),
        ("with its hash made to fit",   |r| { r[4].event.detail = "x".to_owned(); r[4].hash = chain_hash(&r[3].hash, &r[4].event); },
                                                                                                  &["altered: lane 0, place 6"]),
        ("the last one and its hash",   |r| { r[8].event.detail = "x".to_owned(); r[8].hash = chain_hash(&r[7].hash, &r[8].event); },
                                                                                                  &["altered: lane 0, place 9 has another hash than the end"]),
        ("one removed",                 |r| { r.remove(4); },                                     &["1 event removed: lane 0, place 5"]),
        ("the first ones removed",      |r| { r.drain(..2); },                                    &["2 events removed: lane 0, places 1 to 2"]),
        ("the last ones removed",       |r| r.truncate(6),                                        &["3 events removed: lane 0, places 7 to 9"]),
        ("all removed",                 Vec::clear,                                               &["9 events removed: lane 0, places 1 to 9"]),
        ("a pair reordered",            |r| { r[3].place.sequence = 5; r[4].place.sequence = 4; },
                                                                                                  &["reordered: lane 0, places 4 and 5"]),
        ("a pair's contents reordered", |r| { let e = r[3].event.clone(); r[3].event = r[4].event.clone(); r[4].event = e; },
                                                                                                  &["reordered: lane 0, places 4 and 5"]),
        ("one inserted before all",     |r| { let mut row = r[0].clone(); row.place.sequence = 0; r.push(row); },
                                                                                                  &["inserted: lane 0, place 0"]),
    ];
    for (what, tamper, expected) in cases {
        let mut rows = rows.clone();
        tamper(&mut rows);
        let faults = check(rows, &heads, &[]).await;
        assert_eq!(faults.len(), expected.len(), "{what}: {faults:?}");
        for (fault, words) in faults.iter().zip(expected) {
            assert!(fault.contains(words), "{what}: {fault}");
        }
    }
}

#[tokio::test]
async fn rows_put_between_or_behind_the_others_are_named() {
    let (rows, heads) = written().await;
    for rehashed in [false, true] {
        let mut forged = rows.clone();
        let mut row = ChainedEvent { event: new_event("never happened"), ..rows[4].clone() };
        row.hash = if rehashed { chain_hash(&rows[3].hash, &row.event) } else { [7; 32] };
        forged.insert(4, row);
        renumber(&mut forged, false);
        let faults = check(forged.clone(), &[head_of(&forged)], &[]).await;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("inserted: lane 0, place 5"), "{faults:?}");
    }
    let mut behind = rows.clone();
    let event = new_event("never happened");
    let hash = chain_hash(&rows[8].hash, &event);
    behind.push(ChainedEvent { place: ChainPlace { lane: 0, sequence: 10 }, hash, event });
    let faults = check(behind, &heads, &[]).await;
    assert!(faults[0].starts_with("inserted: lane 0, place 10"), "{faults:?}");
}

#[tokio::test]
async fn one_who_rewrites_the_whole_chain_is_found_by_an_anchor_only() {
    let (rows, heads) = written().await;
    let anchors: Vec<ChainHead> =
        [3, 8].map(|n: usize| ChainHead { place: rows[n].place, hash: rows[n].hash }).into();
    let mut forged = rows.clone();
    forged.remove(5);
    renumber(&mut forged, true);
    let head = [head_of(&forged)];
    assert!(check(forged.clone(), &head, &[]).await.is_empty());
    let faults = check(forged, &head, &anchors).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("rewritten: lane 0, place 9"), "{faults:?}");
    assert!(check(rows, &heads, &anchors).await.is_empty());
    let gone = check(Vec::new(), &[], &anchors).await;
    assert_eq!(gone.len(), 2, "{gone:?}");
}

#[tokio::test]
async fn rows_that_are_no_events_are_named_and_passed_over() {
    let (first, heads) = written().await;
    let mut rows = first.clone();
    let second = first.iter().cloned().map(|mut row| {
        row.place.lane = 3;
        row
    });
    rows.extend(second);
    let mut ends = heads.clone();
    ends.push(ChainHead { place: ChainPlace { lane: 3, sequence: 9 }, ..heads[0] });
    let at = |lane, sequence| ChainPlace { lane, sequence };
    let cases =
        [vec![at(0, 1)], vec![at(0, 5), at(0, 6)], vec![at(0, 9), at(3, 1)], vec![at(3, 9)]];
    for unreadable in cases {
        let log = Forged {
            rows: Mutex::new(rows.clone()),
            heads: ends.clone(),
            unreadable: unreadable.clone(),
        };
        let report = verify(&log, None, &[], &mut |_| {}).await.unwrap();
        let expected: Vec<_> =
            unreadable.into_iter().map(|place| ChainFault::Unreadable { place }).collect();
        assert_eq!(report.faults, expected);
    }
}

#[tokio::test]
async fn a_lane_without_its_end_is_named_and_faults_are_counted() {
    let (rows, heads) = written().await;
    let faults = check(rows.clone(), &[], &[]).await;
    assert!(faults[0].starts_with("lane 0: where it ends"), "{faults:?}");
    let log = Forged {
        rows: Mutex::new(
            (0..500)
                .map(|n| {
                    let mut row = rows[0].clone();
                    row.place.sequence = 1 + 2 * n;
                    row
                })
                .collect(),
        ),
        heads,
        unreadable: Vec::new(),
    };
    let report = verify(&log, None, &[], &mut |_| {}).await.unwrap();
    assert_eq!(report.faults.len(), MAX_FAULTS);
    assert!(report.more_faults >= 399, "{}", report.more_faults);
}
