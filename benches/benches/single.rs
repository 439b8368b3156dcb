//! How long one pattern takes against one caller: half match, a quarter miss at the end, a quarter
//! belongs to another account.

use std::error::Error;
use std::hint::black_box;

use arn_pattern::{ArnPattern, CallerArn};
use bench_suite::cpu_time;
use bench_suite::goals::Goal;
use bench_suite::options::Options;
use wildmatch::WildMatch;

const REPEATS: usize = 2_000;

struct Pair {
    pattern: ArnPattern,
    caller: CallerArn,
    peer: WildMatch,
}

fn pairs() -> Result<Vec<Pair>, Box<dyn Error>> {
    let pair = |n: usize| -> Result<Pair, Box<dyn Error>> {
        let arn = |account: usize, end: &str| {
            format!("arn:aws:sts::{account:012}:assumed-role/payments-service-{n:02}-runner/{end}")
        };
        let session = format!("run-{n:016}");
        let (exact, account) = (n.is_multiple_of(2), 100_000_000_000 + n);
        let text = arn(account, if exact { &session } else { "*" });
        let caller = match n % 4 {
            0 | 1 => arn(account, &session),
            2 => arn(account, &format!("run-{:016}", n + 1)),
            _ => arn(account + 1, &session),
        };
        let peer = WildMatch::new(&text);
        Ok(Pair { pattern: text.parse()?, caller: caller.parse()?, peer })
    };
    (0..64).map(pair).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let pairs = pairs()?;
    for pair in &pairs {
        let (ours, theirs) =
            (pair.pattern.matches(&pair.caller), pair.peer.matches(pair.caller.as_str()));
        if ours != theirs {
            return Err(format!("{} and wildmatch differ on {}", pair.pattern, pair.caller).into());
        }
    }
    if !options.measure {
        return Ok(());
    }
    let ours = || over(&pairs, |pair| pair.pattern.matches(&pair.caller));
    // Equal texts of the callers' length: the comparison that no matcher can do without.
    let copies: Vec<(Vec<u8>, Vec<u8>)> = pairs
        .iter()
        .map(|pair| (pair.caller.as_str().into(), pair.caller.as_str().into()))
        .collect();
    let floor = || over(&copies, |(left, right)| left == right);
    let wildmatch = || over(&pairs, |pair| pair.peer.matches(pair.caller.as_str()));

    Goal { id: "A1", at_most: 1.3, what: "match ÷ memcmp of equal length" }.compare(ours, floor);
    Goal { id: "A1b", at_most: 0.06, what: "match ÷ wildmatch" }.compare(ours, wildmatch);
    if options.absolute {
        let mut criterion = cpu_time::criterion();
        criterion.bench_function("arn_pattern/match/64_pairs", |bencher| {
            bencher.iter(|| {
                let all = black_box(&pairs).iter();
                all.filter(|pair| pair.pattern.matches(&pair.caller)).count()
            });
        });
        criterion.final_summary();
    }
    Ok(())
}

/// Nanoseconds of one `work`, over all items many times.
fn over<T>(items: &[T], work: impl Fn(&T) -> bool) -> f64 {
    let total = cpu_time::nanoseconds(|| {
        let mut matches = 0_usize;
        for _ in 0..REPEATS {
            for item in items {
                matches += usize::from(work(black_box(item)));
            }
        }
        matches
    });
    total / (REPEATS * items.len()) as f64
}
