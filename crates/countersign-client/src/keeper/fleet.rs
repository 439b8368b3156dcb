//! Ten thousand hosts over two days, on the schedule alone: what a server and its keys go through.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    str::FromStr,
    time::{Duration, Instant},
};

use auth_model::{KeyHash, ManagedKey, Timestamp};
use token_issuer::{ManagedKeyPolicy, ManagedKeyStep, managed_key_step};

use super::schedule::Schedule;

const HOSTS: usize = 10_000;
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);
/// The first key is half a day old when the first host starts.
const ROTATES: Duration = Duration::from_secs(12 * 3_600);
const END: Duration = Duration::from_secs(48 * 3_600);

/// What happens to a fleet.
#[derive(Clone, Copy)]
struct Scenario {
    /// Hosts start evenly over this.
    started_over: Duration,
    interval: Duration,
    /// From when the server is away, and for how long.
    away: Option<(Duration, Duration)>,
}

/// One host.
struct Host {
    born: Duration,
    schedule: Schedule,
    /// The generation that it holds, and all that it ever got.
    held: Option<i64>,
    picked_up: i64,
}

/// The server's keys by its own rule; one generation after the other.
struct Server {
    policy: ManagedKeyPolicy,
    keys: Vec<ManagedKey>,
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    per_minute: Vec<u32>,
    /// How often a host still held a refused key when it asked for the next.
    refused: u64,
    generations: i64,
    /// Hosts that do not hold the newest generation an hour and a tenth after it was made.
    stragglers: usize,
    /// Generations that some host never had, summed over hosts.
    missed: i64,
}

impl Server {
    fn new() -> Self {
        let mut server = Self { policy: ManagedKeyPolicy::default(), keys: Vec::new() };
        server.hand_out(FIRST_KEY);
        server
    }

    fn hand_out(&mut self, at: Timestamp) -> i64 {
        match managed_key_step(self.keys.last(), at) {
            ManagedKeyStep::HandOut => self.keys.last().unwrap().generation,
            ManagedKeyStep::Rotate { next_generation } => {
                let rotate_at = at.plus(self.policy.rotate_every);
                self.keys.push(ManagedKey {
                    id: same_id(),
                    org: same_id(),
                    mapping: same_id(),
                    generation: next_generation,
                    hash: KeyHash([0; 32]),
                    sealed: Vec::new(),
                    last4: String::new(),
                    created_at: at,
                    rotate_at,
                    expires_at: rotate_at.plus(self.policy.overlap),
                });
                next_generation
            }
        }
    }

    fn refuses(&self, generation: i64, now: Duration) -> bool {
        let key = self.keys.iter().find(|key| key.generation == generation).unwrap();
        stamp(now) >= key.expires_at
    }
}

impl Seen {
    /// The busiest minute after the first hour, in means of the same time; the second is the mean.
    fn peak(&self) -> (f64, f64) {
        let rest = &self.per_minute[60..];
        let mean = f64::from(rest.iter().sum::<u32>()) / rest.len() as f64;
        (f64::from(*rest.iter().max().unwrap()) / mean, mean)
    }
}

fn run(scenario: Scenario) -> Seen {
    let mut random = Random(42);
    let mut server = Server::new();
    let mut hosts: Vec<_> = (0..HOSTS)
        .map(|number| Host {
            born: scenario.started_over.mul_f64(number as f64 / HOSTS as f64),
            schedule: Schedule::new(scenario.interval),
            held: None,
            picked_up: 0,
        })
        .collect();
    let mut due: BinaryHeap<_> =
        hosts.iter().enumerate().map(|(number, host)| Reverse((host.born, number))).collect();
    let minutes = usize::try_from(END.as_secs() / 60).unwrap();
    let mut seen = Seen { per_minute: vec![0; minutes], ..Seen::default() };

    while let Some(Reverse((now, number))) = due.pop().filter(|Reverse((now, _))| *now < END) {
        let host = &mut hosts[number];
        // Between two exchanges nothing changes but the clock, so just before the next is the worst moment.
        seen.refused += u64::from(host.held.is_some_and(|held| server.refuses(held, now)));
        seen.per_minute[usize::try_from(now.as_secs() / 60).unwrap()] += 1;
        let own = now - host.born;
        match scenario.away {
            Some((from, long)) if now >= from && now < from + long => {
                host.schedule.failed(own, None, random.next());
            }
            _ => {
                let generation = server.hand_out(stamp(now));
                host.picked_up += i64::from(host.held != Some(generation));
                host.held = Some(generation);
                host.schedule.succeeded(own, random.next());
            }
        }
        due.push(Reverse((host.born + host.schedule.due(), number)));
    }
    let refused = |host: &&Host| host.held.is_some_and(|held| server.refuses(held, END));
    seen.refused += hosts.iter().filter(refused).count() as u64;
    let newest = server.keys.last().unwrap();
    seen.generations = newest.generation;
    let settled = newest.created_at.plus(HOUR + HOUR / 10) < stamp(END);
    seen.stragglers =
        hosts.iter().filter(|host| settled && host.held != Some(newest.generation)).count();
    seen.missed = hosts.iter().map(|host| newest.generation - host.picked_up).sum();
    seen
}

fn check(name: &str, scenario: Scenario, most: f64) {
    let began = Instant::now();
    let seen = run(scenario);
    let (peak, mean) = seen.peak();
    println!(
        "{name}: {mean:.0} exchanges a minute, the busiest {peak:.2} times that; {} generations, {:?}",
        seen.generations,
        began.elapsed()
    );
    assert_eq!(seen.refused, 0, "{name}: a host held a key that the server refuses");
    assert_eq!(seen.generations, 3, "{name}");
    assert_eq!((seen.stragglers, seen.missed), (0, 0), "{name}: rotations are picked up");
    assert!(peak <= most, "{name}: the busiest minute is {peak} times the mean");
}

const HOURLY: Scenario = Scenario { started_over: HOUR, interval: HOUR, away: None };

#[test]
fn a_fleet_holds_good_keys_and_spreads_its_exchanges() {
    check("started within an hour", HOURLY, 1.5);
    check("all in one minute", Scenario { started_over: MINUTE, ..HOURLY }, 1.5);
    check("at the same instant", Scenario { started_over: Duration::ZERO, ..HOURLY }, 1.5);
    let quarter = Scenario { started_over: MINUTE, interval: MINUTE * 15, ..HOURLY };
    check("four times an hour", quarter, 1.5);
}

#[test]
fn a_server_that_is_away_cuts_nobody_off() {
    let moments = [MINUTE * 65, HOUR * 11, ROTATES - MINUTE, ROTATES + MINUTE * 30, HOUR * 13];
    for from in moments {
        for started_over in [HOUR, MINUTE] {
            let away = Some((from, HOUR));
            let name = format!("away for an hour from {from:?}, started over {started_over:?}");
            check(&name, Scenario { started_over, away, ..HOURLY }, 1.5);
        }
    }
    let often = Scenario { interval: MINUTE * 15, away: Some((ROTATES, HOUR)), ..HOURLY };
    check("four times an hour, away for an hour", often, 1.5);
    // The longest at the worst moment: 5 h of overlap, less a refresh just before the rotation and a wait just
    // before the server is back.
    let longest = Some((ROTATES + MINUTE * 65, MINUTE * 168));
    check("away for 2 h 48 min", Scenario { away: longest, ..HOURLY }, 1.5);
}

/// One server with one mapping needs no more than one id of each kind.
fn same_id<T: FromStr<Err: std::fmt::Debug>>() -> T {
    "3fa85f64-5717-4562-b3fc-2c963f66afa6".parse().unwrap()
}

fn stamp(now: Duration) -> Timestamp {
    FIRST_KEY.plus(ROTATES).plus(now)
}

const FIRST_KEY: Timestamp = Timestamp::from_unix_seconds(1_784_894_400);

/// SplitMix64: the same each time, and even.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}
