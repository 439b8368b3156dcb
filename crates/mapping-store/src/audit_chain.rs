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

    /// Passes over the row after a place and returns where it must be: the next place of the lane, or of the next lane where that one
    /// has ended.
    fn unreadable(&mut self, after: Option<ChainPlace>) -> ChainPlace {
        let heads = &self.report.heads;
        let next_lane = heads.iter().map(|head| head.place.lane).find(|lane| {
            after.is_none_or(|after| {
                let ended = |head: &ChainHead| {
                    head.place.lane == after.lane && head.place.sequence <= after.sequence
                };
                *lane > after.lane && heads.iter().any(ended)
            })
        });
        let place = match (next_lane, after) {
            (Some(lane), _) => ChainPlace { lane, sequence: 1 },
            (None, Some(after)) => {
                ChainPlace { sequence: after.sequence.saturating_add(1), ..after }
            }
            (None, None) => ChainPlace { lane: 0, sequence: 1 },
        };
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
mod tests;
