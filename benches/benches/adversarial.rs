//! What a tenant can do to a lookup with patterns and names of its choice, beside a usual lookup.

use std::error::Error;

use arn_pattern::{ArnPattern, CallerArn, ParseError, PatternIndex};
use bench_suite::arn_data::{Data, Random, SCOPE};
use bench_suite::cpu_time;
use bench_suite::goals::{Goal, say};
use bench_suite::options::Options;

const CALLERS: usize = 20_000;
const ROLE: &str = "arn:aws:sts::123456789012:assumed-role/crowded";
const USER: &str = "arn:aws:iam::123456789012:user";

/// A set of patterns, and callers that make the worst of it.
struct Attack {
    id: &'static str,
    what: &'static str,
    index: PatternIndex<u32>,
    callers: Vec<CallerArn>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read();
    let count = match (options.measure, options.full) {
        (false, _) => 1_000,
        (true, false) => 100_000,
        (true, true) => 1_000_000,
    };
    let data = Data::new(count, 200_000.min(count * 20))?;
    let usual = index(SCOPE, data.patterns.iter().cloned().map(Ok))?;
    let attacks = [
        nested(usual.clone())?,
        lengths(count)?,
        sessions(count)?,
        slashes(usual.clone())?,
        depths(usual.clone())?,
    ];
    for attack in &attacks {
        let found =
            attack.callers.iter().filter(|caller| attack.index.lookup(SCOPE, caller).is_some());
        let expected = if attack.id == "A7-sessions" { attack.callers.len() } else { 0 };
        if found.count() != expected {
            return Err(format!("{} gives wrong answers", attack.id).into());
        }
    }
    if !options.measure {
        return Ok(());
    }
    say(format_args!("note A7 N={count}"));
    for attack in &attacks {
        let callers: Vec<&CallerArn> = attack.callers.iter().collect();
        let some: Vec<&CallerArn> = data.callers.iter().collect();
        Goal { id: attack.id, at_most: 5.0, what: attack.what }.compare(
            || cpu_time::each(&callers, |caller| attack.index.lookup(SCOPE, caller)),
            || cpu_time::each(&some, |caller| usual.lookup(SCOPE, caller)),
        );
    }
    Ok(())
}

fn index(
    scope: u128,
    patterns: impl Iterator<Item = Result<ArnPattern, ParseError>>,
) -> Result<PatternIndex<u32>, ParseError> {
    let mut index = PatternIndex::new();
    add(&mut index, scope, patterns)?;
    Ok(index)
}

fn add(
    index: &mut PatternIndex<u32>,
    scope: u128,
    patterns: impl Iterator<Item = Result<ArnPattern, ParseError>>,
) -> Result<(), ParseError> {
    for (pattern, value) in patterns.zip(0..) {
        index.insert(scope, pattern?, value);
    }
    Ok(())
}

fn callers(text: impl Fn(usize) -> String) -> Result<Vec<CallerArn>, ParseError> {
    (0..CALLERS).map(|n| text(n).parse()).collect()
}

/// 63 prefixes, each one byte longer than the last, and a session that none of them begins.
fn nested(mut index: PatternIndex<u32>) -> Result<Attack, ParseError> {
    let patterns = (1..64).map(|len| format!("{ROLE}/{}*", "a".repeat(len)).parse());
    add(&mut index, SCOPE, patterns)?;
    let callers = callers(|n| format!("{ROLE}/{n:b>64}"))?;
    Ok(Attack { id: "A7-nested", what: "63 nested prefixes, miss ÷ usual lookup", index, callers })
}

/// Prefixes of 56 lengths in one role, and sessions that none of them begins.
fn lengths(count: usize) -> Result<Attack, ParseError> {
    let mut random = Random::new(1);
    let patterns = (0..count).map(|n| {
        let digits = format!(
            "{:016x}{:016x}{:016x}{:016x}",
            random.bits(),
            random.bits(),
            random.bits(),
            random.bits()
        );
        let prefix = digits.get(..8 + n % 56).unwrap_or_default();
        format!("{ROLE}/{prefix}*").parse()
    });
    let index = index(SCOPE, patterns)?;
    let callers = callers(|n| format!("{ROLE}/{n:x>64}"))?;
    Ok(Attack {
        id: "A7-lengths",
        what: "prefixes of 56 lengths, miss ÷ usual lookup",
        index,
        callers,
    })
}

/// Exact sessions of one role.
fn sessions(count: usize) -> Result<Attack, ParseError> {
    let text = |n: usize| format!("{ROLE}/session-{:016x}", Random::new(n as u64).bits());
    let index = index(SCOPE, (0..count).map(|n| text(n).parse()))?;
    let callers = callers(|n| text(n * 7_919 % count))?;
    Ok(Attack {
        id: "A7-sessions",
        what: "all sessions in one role, hit ÷ usual lookup",
        index,
        callers,
    })
}

/// A user whose path has 240 slashes, in a set that has user paths of four depths.
fn slashes(mut index: PatternIndex<u32>) -> Result<Attack, ParseError> {
    let patterns = (1..5).map(|depth| {
        format!("{USER}/{}/*", ["eng"; 4].get(..depth).unwrap_or_default().join("/")).parse()
    });
    add(&mut index, SCOPE, patterns)?;
    let path = ["p"; 240].join("/");
    let callers = callers(|n| format!("{USER}/{path}/user-{n}"))?;
    Ok(Attack {
        id: "A7-slashes",
        what: "240 slashes, 4 depths in use, miss ÷ usual lookup",
        index,
        callers,
    })
}

/// The same user where the tenant has made patterns of all 240 depths: its own lookups alone pay for it.
fn depths(mut index: PatternIndex<u32>) -> Result<Attack, ParseError> {
    let patterns = (1..241).map(|depth| format!("{USER}/{}/*", vec!["q"; depth].join("/")).parse());
    add(&mut index, SCOPE, patterns)?;
    let path = ["p"; 240].join("/");
    let callers = callers(|n| format!("{USER}/{path}/user-{n}"))?;
    Ok(Attack {
        id: "A7-depths",
        what: "240 slashes, 240 depths in use, miss ÷ usual lookup",
        index,
        callers,
    })
}
