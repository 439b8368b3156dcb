//! How long one caller takes against N patterns, beside the structures that others offer, and what
//! building and changing the set costs.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use arn_pattern::{CallerArn, PatternIndex};
use bench_suite::arn_data::{Data, SCOPE};
use bench_suite::arn_peers::{self, Peer, RadixTree};
use bench_suite::cpu_time;
use bench_suite::goals::{Goal, median, say};
use bench_suite::options::Options;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Callers whose answers are compared with the oracle's.
const CHECKED: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    if !options.measure {
        let (data, index) = prepare(1_000)?;
        return check(&data, &index, &arn_peers::all(&data.patterns)?);
    }
    ten()?;
    against_peers("A3b", 0.5, 1_000)?;
    against_peers("A3c", 0.3, 100_000)?;
    if options.full {
        against_peers("A3d", 0.3, 1_000_000)?;
        at_a_million()?;
    } else {
        let at = |id, at_most, what| Goal { id, at_most, what }.not_run("needs --full");
        at("A3d", 0.3, "lookup, N = 1,000,000 ÷ best peer");
        at("A3e", 5.0, "lookup, N = 1M ÷ hash + 1 missing load");
        at("A3f", 2.0, "cold lookup, N = 1M ÷ cold hash + load");
        at("A4", 5.0, "lookup at 1M ÷ lookup at 1k");
        at("A6", 0.15, "build 1M ÷ rart");
        at("A6b", 3.0, "add or remove one at 1M ÷ lookup");
    }
    if options.absolute {
        absolute()?;
    }
    Ok(())
}

fn prepare(patterns: usize) -> Result<(Data, PatternIndex<u32>), Box<dyn Error>> {
    let data = Data::new(patterns, (patterns * 20).clamp(CHECKED, 400_000))?;
    let index = build(&data);
    Ok((data, index))
}

fn build(data: &Data) -> PatternIndex<u32> {
    let mut index = PatternIndex::with_capacity(data.patterns.len());
    for (pattern, value) in data.patterns.iter().zip(0..) {
        index.insert(SCOPE, pattern, value);
    }
    index
}

/// Compares everybody's answers with the oracle's.
fn check(
    data: &Data,
    index: &PatternIndex<u32>,
    peers: &[Box<dyn Peer>],
) -> Result<(), Box<dyn Error>> {
    let answers = data.answers(CHECKED);
    for ((caller, line), answer) in data.callers.iter().zip(&data.lines).zip(answers) {
        if index.lookup(SCOPE, caller).copied() != answer {
            return Err(format!("the index is wrong about {caller}").into());
        }
        if let Some(peer) = peers.iter().find(|peer| peer.find(line) != answer) {
            return Err(format!("{} is wrong about {caller}", peer.name()).into());
        }
    }
    Ok(())
}

fn lookups(index: &PatternIndex<u32>, callers: &[&CallerArn]) -> f64 {
    cpu_time::each(callers, |caller| index.lookup(SCOPE, caller))
}

fn ten() -> Result<(), Box<dyn Error>> {
    let (data, index) = prepare(10)?;
    check(&data, &index, &[])?;
    let callers: Vec<&CallerArn> = data.callers.iter().collect();
    Goal { id: "A3a", at_most: 1.1, what: "lookup, N = 10 ÷ linear scan by hand" }.compare(
        || lookups(&index, &callers),
        || cpu_time::each(&callers, |caller| arn_peers::linear(&data.patterns, caller)),
    );
    Ok(())
}

fn against_peers(id: &'static str, at_most: f64, count: usize) -> Result<(), Box<dyn Error>> {
    let (data, index) = prepare(count)?;
    let peers = arn_peers::all(&data.patterns)?;
    check(&data, &index, &peers)?;
    let callers: Vec<&CallerArn> = data.callers.iter().collect();
    let lines: Vec<&str> = data.lines.iter().map(String::as_str).collect();
    // Slow peers see fewer callers; the ratio is of the time for one.
    let few = lines.get(..CHECKED).unwrap_or(&lines);
    for peer in &peers {
        let time = cpu_time::each(few, |line| peer.find(line));
        say(format_args!("note {id} N={count} {} {time:.0} ns", peer.name()));
    }
    let what = match count {
        1_000 => "lookup, N = 1,000 ÷ best peer",
        100_000 => "lookup, N = 100,000 ÷ best peer",
        _ => "lookup, N = 1,000,000 ÷ best peer",
    };
    // The fastest at each size is among these; the others were measured once, above.
    let mut fastest: Vec<&dyn Peer> = peers.iter().map(AsRef::as_ref).collect();
    fastest.sort_by_key(|peer| cpu_time::each(few, |line| peer.find(line)) as u64);
    fastest.truncate(2);
    Goal { id, at_most, what }.compare_best(&mut || lookups(&index, &callers), &mut || {
        let time = |peer: &&dyn Peer| (peer.name(), cpu_time::each(&lines, |line| peer.find(line)));
        fastest.iter().map(time).collect()
    });
    Ok(())
}

/// The least that a lookup must do: hash the caller, and load once from a table of the index's size.
struct Floor {
    table: Vec<u64>,
    hash: FixedState,
}

impl Floor {
    fn new(bytes: usize) -> Self {
        Self { table: (0..bytes as u64 / 8).collect(), hash: FixedState::default() }
    }

    fn load(&self, caller: &CallerArn) -> Option<u64> {
        let hash = self.hash.hash_one(caller.as_str());
        let place = (u128::from(hash) * self.table.len() as u128) >> 64;
        self.table.get(place as usize).copied()
    }
}

fn at_a_million() -> Result<(), Box<dyn Error>> {
    let (data, mut index) = prepare(1_000_000)?;
    let callers: Vec<&CallerArn> = data.callers.iter().collect();
    let floor = Floor::new(index.memory_bytes());
    Goal { id: "A3e", at_most: 5.0, what: "lookup, N = 1M ÷ hash + 1 missing load" }.compare(
        || lookups(&index, &callers),
        || cpu_time::each(&callers, |caller| floor.load(caller)),
    );
    let mut sweep = Sweep::new(&callers);
    let mut again = Sweep::new(&callers);
    Goal { id: "A3f", at_most: 2.0, what: "cold lookup, N = 1M ÷ cold hash + load, p50 (wall)" }
        .compare(
            || {
                sweep.median(|caller| {
                    u64::from(index.lookup(SCOPE, caller).copied().unwrap_or_default())
                })
            },
            || again.median(|caller| floor.load(caller).unwrap_or_default()),
        );
    let (small_data, small) = prepare(1_000)?;
    let few: Vec<&CallerArn> = small_data.callers.iter().collect();
    Goal { id: "A4", at_most: 5.0, what: "lookup at 1M ÷ lookup at 1k" }
        .compare(|| lookups(&index, &callers), || lookups(&small, &few));
    changes(&data, &mut index, &callers);
    Ok(())
}

/// A6 and A6b.
fn changes(data: &Data, index: &mut PatternIndex<u32>, callers: &[&CallerArn]) {
    let keys = arn_peers::keys(&data.patterns);
    let build_time = || cpu_time::nanoseconds(|| build(data)) / 1e6;
    Goal { id: "A6", at_most: 0.15, what: "build 1M ÷ rart (ms)" }
        .compare(build_time, || cpu_time::nanoseconds(|| RadixTree::new(&keys)) / 1e6);
    // Each of 50,000 scattered patterns is taken out and put back.
    let some: Vec<usize> = (0..50_000).map(|n| n * 7_919 % data.patterns.len()).collect();
    let reference = build(data);
    let mut change = || {
        let one = cpu_time::each(&some, |place| {
            let pattern = data.patterns.get(place)?;
            let value = index.remove(SCOPE, pattern)?;
            index.insert(SCOPE, pattern, value)
        });
        one / 2.0
    };
    Goal { id: "A6b", at_most: 3.0, what: "add or remove one at 1M ÷ lookup" }
        .compare(&mut change, || lookups(&reference, callers));
    let rebuild = build_time() * 1e6;
    Goal { id: "A6b-rebuild", at_most: 1e-5, what: "add or remove one at 1M ÷ rebuild" }
        .compare(change, || rebuild);
}

/// Times single lookups after the caches of the core were filled with something else.
struct Sweep<'a> {
    callers: std::iter::Cycle<std::slice::Iter<'a, &'a CallerArn>>,
    filler: Vec<u64>,
}

impl<'a> Sweep<'a> {
    fn new(callers: &'a [&'a CallerArn]) -> Self {
        // Four times the level-2 cache.
        Self { callers: callers.iter().cycle(), filler: (0..1 << 20).collect() }
    }

    fn median(&mut self, work: impl Fn(&CallerArn) -> u64) -> f64 {
        let mut times = Vec::with_capacity(200);
        for _ in 0..200 {
            let Some(caller) = self.callers.nth(37) else { break };
            black_box(self.filler.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word)));
            // The caller itself has just been parsed in a real service.
            black_box(caller.as_str().bytes().fold(0_u8, u8::wrapping_add));
            let start = Instant::now();
            black_box(work(black_box(caller)));
            times.push(start.elapsed().as_secs_f64() * 1e9);
        }
        median(&times)
    }
}

fn absolute() -> Result<(), Box<dyn Error>> {
    let mut criterion = cpu_time::criterion();
    let mut group = criterion.benchmark_group("arn_pattern/lookup");
    for count in [10_usize, 1_000, 100_000] {
        let (data, index) = prepare(count)?;
        let mut callers = data.callers.iter().cycle();
        group.bench_function(criterion::BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| callers.next().map(|caller| index.lookup(SCOPE, caller)));
        });
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
