//! Checking the chains of the audit log: whether what is there is all that was written, and as it was written.
//!
//! * **Finds** rows that were altered, removed, inserted or put into another order, each with its place. Whoever can write to the
//!   database can also write the chain anew from the place that they changed; [anchors](verify), which are heads that were noted
//!   elsewhere, find that too.
//! * **Cost**: one pass over the log in parts of 1000 events, and one hash for each.
//! * A log that grows meanwhile is no fault.

use std::collections::BTreeMap;

use auth_model::{AuditEventId, OrgId};

use crate::{AuditLog, ChainHead, ChainPlace, ChainedEvent, StoreError, backend::chain_hash};

/// What is to be said of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainReport {
    /// Whose chain; `None` for the events that concern no organization.
    pub chain: Option<OrgId>,
    /// How many events there are.
    pub events: u64,
    /// Where its lanes ended when the check began, by lane: what to keep elsewhere as anchors.
    pub heads: Vec<ChainHead>,
    /// What is wrong, in the order of the log, but no more than [`MAX_FAULTS`].
    pub faults: Vec<ChainFault>,
    /// How many more faults there are.
    pub more_faults: u64,
}

impl ChainReport {
    /// Whether nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.faults.is_empty()
    }

    fn add(&mut self, fault: ChainFault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }
}

/// Something wrong in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// Places are empty that must hold events.
    #[error("{} removed: lane {lane}, {}", were(*.first, *.last), places(*.first, *.last))]
    Removed {
        /// In which lane.
        lane: i32,
        /// The first empty place.
        first: i64,
        /// The last one.
        last: i64,
    },
    /// An event does not fit the hash that was noted of it.
    #[error(
        "altered: lane {}, place {}, event {event}; its hash is not that of what it says and of the event before it",
        .place.lane, .place.sequence
    )]
    Altered {
        /// Where.
        place: ChainPlace,
        /// The event.
        event: AuditEventId,
    },
    /// An event stands between two that follow one another, or where no event can be.
    #[error("inserted: lane {}, place {}, event {event}", .place.lane, .place.sequence)]
    Inserted {
        /// Where.
        place: ChainPlace,
        /// The event.
        event: AuditEventId,
    },
    /// An event and the one after it stand in each other's place.
    #[error("reordered: lane {}, places {} and {}", .place.lane, .place.sequence, .place.sequence.saturating_add(1))]
    Reordered {
        /// The place of the first.
        place: ChainPlace,
    },
    /// What is there is no event.
    #[error("altered: lane {}, place {} can't be read as an event", .place.lane, .place.sequence)]
    Unreadable {
        /// Where.
        place: ChainPlace,
    },
    /// The last event has another hash than the one that is noted beside the log.
    #[error("altered: lane {}, place {} has another hash than the end that is noted beside the log", .place.lane, .place.sequence)]
    End {
        /// Where.
        place: ChainPlace,
    },
    /// The end of a lane is not noted beside the log.
    #[error("lane {lane}: where it ends is not noted beside the log any more")]
    NoEnd {
        /// Which lane.
        lane: i32,
    },
    /// An anchored place holds another event, or none: the chain was written anew, or cut off.
    #[error("rewritten: lane {}, place {} is not what it was when the anchor was written", .place.lane, .place.sequence)]
    Anchor {
        /// Where.
        place: ChainPlace,
    },
}

/// Checks a chain: each lane is numbered 1, 2, 3, … without a gap; each hash is that of the event and the hash before it; each lane
/// ends where it is noted beside the log; each of the `anchors`, heads of this chain from an earlier report, still has its hash.
/// `progress` is told from time to time how many events were looked at.
///
/// # Errors
/// If the log can't be read.
pub async fn verify(
    log: &dyn AuditLog,
    chain: Option<OrgId>,
    anchors: &[ChainHead],
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<ChainReport, StoreError> {
    let heads = log.chain_heads(chain).await?;
    let mut check = Check {
        report: ChainReport { chain, events: 0, heads, faults: Vec::new(), more_faults: 0 },
        noted: BTreeMap::new(),
        lanes: BTreeMap::new(),
    };
    for anchor in anchors {
        check.noted.entry(anchor.place).or_default().push((anchor.hash, Noted::Anchor));
    }
    for head in &check.report.heads {
        check.noted.entry(head.place).or_default().push((head.hash, Noted::End));
    }
    let (mut after, mut part, mut unreadable) = (None, PART, 0);
    loop {
        let events = match log.chained_events(chain, after, part).await {
            Ok(events) => events,
            // Some row of the part is no event. One by one it is found, and passed over.
            Err(StoreError::Broken { .. }) if part > 1 => {
                part = 1;
                continue;
            }
            Err(StoreError::Broken { .. }) if unreadable < MAX_UNREADABLE => {
                unreadable += 1;
                after = Some(check.unreadable(after));
                part = PART;
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(last) = events.last() else { break };
        after = Some(last.place);
        events.iter().for_each(|chained| check.event(chained));
        progress(check.report.events);
    }
    let ends = log.chain_heads(chain).await?;
    Ok(check.finish(&ends))
}

/// What was noted of a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// Beside the log: it is the last, or was when the check began.
    End,
    /// Elsewhere.
    Anchor,
}

struct Check {
    report: ChainReport,
    /// Places whose hash is known from elsewhere, until they are met.
    noted: BTreeMap<ChainPlace, Vec<([u8; 32], Noted)>>,
    lanes: BTreeMap<i32, Lane>,
}

/// How far a lane was followed.
struct Lane {
    sequence: i64,
    /// What the next event is chained to; `None` after a place that can't be known.
    hash: Option<[u8; 32]>,
    last: Option<Step>,
}

/// The event that was looked at last.
struct Step {
    /// What it should be chained to.
    before: [u8; 32],
    event: ChainedEvent,
    /// Its place among the faults, if it is one.
    fault: Option<usize>,
}

const START: Lane = Lane { sequence: 0, hash: Some([0; 32]), last: None };

impl Check {
    fn event(&mut self, chained: &ChainedEvent) {
        let ChainedEvent { place, hash, event } = chained;
        self.report.events += 1;
        self.meet(*place, Some(*hash));
        let mut lane = self.lanes.remove(&place.lane).unwrap_or(START);
        if place.sequence <= lane.sequence {
            self.report.add(ChainFault::Inserted { place: *place, event: event.id });
            self.lanes.insert(place.lane, lane);
            return;
        }
        let first = lane.sequence + 1;
        if place.sequence > first {
            let last = place.sequence - 1;
            self.report.add(ChainFault::Removed { lane: place.lane, first, last });
            lane = Lane { sequence: last, hash: None, last: None };
        }
        lane.sequence = place.sequence;
        match lane.hash {
            None => (lane.hash, lane.last) = (Some(*hash), None),
            Some(before) if chain_hash(&before, event) == *hash => {
                let step = Step { before, event: chained.clone(), fault: None };
                (lane.hash, lane.last) = (Some(*hash), Some(step));
            }
            Some(before) => self.broken(&mut lane, before, chained),
        }
        self.lanes.insert(place.lane, lane);
    }

    /// An event that does not follow the one before it: what the two say together tells what was done.
    fn broken(&mut self, lane: &mut Lane, before: [u8; 32], chained: &ChainedEvent) {
        if let Some(last) = lane.last.take() {
            let (a, b) = (&last.event, chained);
            // The rows changed places with their hashes, or without them.
            let rows = chain_hash(&last.before, &b.event) == b.hash;
            if rows && chain_hash(&b.hash, &a.event) == a.hash {
                self.restate(&last, ChainFault::Reordered { place: a.place });
                lane.hash = Some(a.hash);
                return;
            }
            let contents = chain_hash(&last.before, &b.event) == a.hash;
            if contents && chain_hash(&a.hash, &a.event) == b.hash {
                self.restate(&last, ChainFault::Reordered { place: a.place });
                lane.hash = Some(b.hash);
                return;
            }
            if rows {
                self.restate(&last, ChainFault::Inserted { place: a.place, event: a.event.id });
                lane.hash = Some(b.hash);
                return;
            }
        }
        let fault = self.report.faults.len();
        self.report.add(ChainFault::Altered { place: chained.place, event: chained.event.id });
        let fault = Some(fault).filter(|_| fault < MAX_FAULTS);
        lane.hash = Some(chained.hash);
        lane.last = Some(Step { before, event: chained.clone(), fault });
    }

    /// Says something else of the event before than was said of it.
    fn restate(&mut self, step: &Step, fault: ChainFault) {
        match step.fault.and_then(|at| self.report.faults.get_mut(at)) {
            Some(said) => *said = fault,
            None => self.report.add(fault),
        }
    }

    /// Passes over the row after a place and returns where it must be.
    fn unreadable(&mut self, after: Option<ChainPlace>) -> ChainPlace {
        let first = self.report.heads.first().map_or(0, |head| head.place.lane);
        let place = after.map_or(ChainPlace { lane: first, sequence: 1 }, |after| ChainPlace {
            sequence: after.sequence.saturating_add(1),
            ..after
        });
        self.report.add(ChainFault::Unreadable { place });
        self.meet(place, None);
        let lane = Lane { sequence: place.sequence, hash: None, last: None };
        self.lanes.insert(place.lane, lane);
        place
    }

    /// Compares a place with what was noted of it. A place that can't be read is a fault already.
    fn meet(&mut self, place: ChainPlace, hash: Option<[u8; 32]>) {
        for (noted, whence) in self.noted.remove(&place).unwrap_or_default() {
            if hash.is_some_and(|hash| hash != noted) {
                self.report.add(match whence {
                    Noted::End => ChainFault::End { place },
                    Noted::Anchor => ChainFault::Anchor { place },
                });
            }
        }
    }

    /// Compares where the lanes end with where they should: not before `heads` at the beginning, not after `ends` now.
    fn finish(mut self, ends: &[ChainHead]) -> ChainReport {
        let began = self.report.heads.clone();
        for head in &began {
            let place = head.place;
            let seen = self.lanes.get(&place.lane).map_or(0, |lane| lane.sequence);
            if seen < place.sequence {
                let (first, last) = (seen + 1, place.sequence);
                self.report.add(ChainFault::Removed { lane: place.lane, first, last });
            }
        }
        for (number, lane) in &self.lanes {
            match ends.iter().find(|end| end.place.lane == *number) {
                None => self.report.add(ChainFault::NoEnd { lane: *number }),
                Some(end) if end.place.sequence < lane.sequence => {
                    let place = ChainPlace { lane: *number, sequence: lane.sequence };
                    self.report.add(match &lane.last {
                        Some(last) => ChainFault::Inserted { place, event: last.event.event.id },
                        None => ChainFault::End { place },
                    });
                }
                Some(end) if end.place.sequence == lane.sequence => {
                    let known = began.iter().any(|head| head.place == end.place);
                    if !known && lane.hash.is_some_and(|hash| hash != end.hash) {
                        self.report.add(ChainFault::End { place: end.place });
                    }
                }
                Some(_) => {}
            }
        }
        for (place, noted) in std::mem::take(&mut self.noted) {
            if noted.iter().any(|(_, whence)| *whence == Noted::Anchor) {
                self.report.add(ChainFault::Anchor { place });
            }
        }
        self.report
    }
}

fn were(first: i64, last: i64) -> String {
    match last.saturating_sub(first).saturating_add(1) {
        1 => "1 event".to_owned(),
        many => format!("{many} events"),
    }
}

fn places(first: i64, last: i64) -> String {
    if first == last { format!("place {first}") } else { format!("places {first} to {last}") }
}

/// As many faults of a chain are told one by one.
pub const MAX_FAULTS: usize = 100;

/// So many events are read at once.
const PART: u32 = 1_000;

/// So many rows that are no events are passed over; then the log as a whole can't be read.
const MAX_UNREADABLE: u32 = 1_000;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use auth_model::{
        AuditEvent, AuditOutcome, Clock, ManualClock, OsRandomness, Purpose, Timestamp,
    };

    use super::*;
    use crate::{AuditQuery, MemoryStore};

    /// A log whose rows and heads somebody has laid hands on.
    struct Forged {
        rows: Mutex<Vec<ChainedEvent>>,
        heads: Vec<ChainHead>,
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
            Ok(rows)
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

    async fn check(
        rows: Vec<ChainedEvent>,
        heads: &[ChainHead],
        anchors: &[ChainHead],
    ) -> Vec<String> {
        let log = Forged { rows: Mutex::new(rows), heads: heads.to_vec() };
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
        };
        let report = verify(&log, None, &[], &mut |_| {}).await.unwrap();
        assert_eq!(report.faults.len(), MAX_FAULTS);
        assert!(report.more_faults >= 399, "{}", report.more_faults);
    }
}
