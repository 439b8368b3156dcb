//! Patterns and callers as large installations have them, from a fixed seed.
//!
//! Half of the patterns are exact; of the others four in five are `ROLE/*`, the rest `ROLE/run-…*`. One
//! account has 60 % of them, the rest is spread unevenly; one role has 6 % of all. Of the callers
//! 40 % are covered by a wildcard, 30 % by an exact pattern, 20 % have an unknown role, 10 % miss narrowly.

use std::collections::{HashMap, HashSet};

use arn_pattern::{ArnPattern, CallerArn, ParseError};

/// The scope of all patterns.
pub const SCOPE: u128 = 0x0198_c2a1_7f00_7000_8000_0000_0000_0001;

/// SplitMix64 (Steele, Lea, Flood 2014): enough for data, the same on every run.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that always starts the same way.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub const fn below(&mut self, limit: u64) -> u64 {
        ((self.bits() as u128 * limit as u128) >> 64) as u64
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u64) as usize)
    }
}

/// Patterns, and callers in random order.
#[derive(Debug)]
pub struct Data {
    /// All different. A pattern's value is its place in this list.
    pub patterns: Vec<ArnPattern>,
    /// Parsed callers.
    pub callers: Vec<CallerArn>,
    /// The same callers as text that ends in a line break: peers know an exact pattern by it.
    pub lines: Vec<String>,
}

impl Data {
    /// Makes `patterns` patterns and `callers` callers.
    ///
    /// # Errors
    /// Only if the generator makes what the parser refuses.
    pub fn new(patterns: usize, callers: usize) -> Result<Self, ParseError> {
        let mut random = Random::new(patterns as u64);
        let texts = pattern_texts(&mut random, patterns);
        let patterns = texts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        let lines: Vec<String> =
            (0..callers).map(|_| caller_text(&mut random, &texts) + "\n").collect();
        let callers =
            lines.iter().map(|line| line.trim_end().parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { patterns, callers, lines })
    }

    /// Bytes of the patterns without their `*`.
    #[must_use]
    pub fn literal_bytes(&self) -> usize {
        self.patterns.iter().map(|pattern| pattern.specificity().literal_bytes()).sum()
    }

    /// The obvious answers for the first callers: each candidate text is looked for, most specific first.
    #[must_use]
    pub fn answers(&self, callers: usize) -> Vec<Option<u32>> {
        let by_text: HashMap<&str, u32> =
            (0..).zip(&self.patterns).map(|(value, pattern)| (pattern.as_str(), value)).collect();
        let answer = |caller: &CallerArn| {
            caller.candidates().find_map(|text| by_text.get(text.as_str()).copied())
        };
        self.callers.iter().take(callers).map(answer).collect()
    }
}

fn pattern_texts(random: &mut Random, count: usize) -> Vec<String> {
    let mut seen = HashSet::with_capacity(count);
    let mut texts = Vec::with_capacity(count);
    while texts.len() < count {
        let text = pattern_text(random, count as u64);
        if seen.insert(text.clone()) {
            texts.push(text);
        }
    }
    texts
}

fn pattern_text(random: &mut Random, count: u64) -> String {
    let account = account(random, count);
    let busy = random.below(100) < 6;
    let role = if busy { "busy-shared-deployment-role".to_owned() } else { role(random, count) };
    let account = if busy { 100_000_000_000 } else { account };
    let base = format!("arn:aws:sts::{account:012}:assumed-role/{role}");
    let session = session(random);
    match random.below(10) {
        0..5 => format!("{base}/{session}"),
        5 => format!("{base}/{}*", session.get(..4 + random.below(8) as usize).unwrap_or("run-")),
        _ if busy => format!("{base}/{session}"),
        _ => format!("{base}/*"),
    }
}

/// 60 % in one account, the others the more often the smaller their number.
fn account(random: &mut Random, count: u64) -> u64 {
    let others = (count / 100).max(2);
    let reach = 1 + random.below(others);
    let rank = if random.below(10) < 6 { 0 } else { 1 + random.below(reach) };
    100_000_000_000 + rank * 7_919
}

fn role(random: &mut Random, count: u64) -> String {
    const TEAMS: [&str; 6] = ["payments", "search", "platform", "data", "mobile", "edge"];
    let team = random.pick(&TEAMS).copied().unwrap_or_default();
    format!("{team}-service-{:x}-runner", random.below(count * 4))
}

fn session(random: &mut Random) -> String {
    format!("run-{:016x}", random.bits())
}

fn caller_text(random: &mut Random, patterns: &[String]) -> String {
    let kind = random.below(10);
    let wanted_wildcard = kind < 4;
    let mut pattern = "";
    for _ in 0..64 {
        pattern = random.pick(patterns).map_or("", String::as_str);
        if pattern.ends_with('*') == wanted_wildcard {
            break;
        }
    }
    let literal = pattern.trim_end_matches('*');
    let base = literal.rsplit_once('/').map_or(literal, |(base, _)| base);
    match kind {
        0..4 if pattern.ends_with('*') => format!("{literal}{:012x}", random.bits() >> 16),
        0..7 => literal.trim_end_matches('/').to_owned(),
        7..9 => format!("{base}-unknown/{}", session(random)),
        _ => near_miss(literal),
    }
}

/// The same text with another last character.
fn near_miss(text: &str) -> String {
    let mut missed = text.trim_end_matches('/').to_owned();
    let last = missed.pop();
    missed.push(if last == Some('z') { 'y' } else { 'z' });
    missed
}
