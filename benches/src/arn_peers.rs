//! Other people's structures that can hold the same rule, each behind the same question.
//!
//! Peers see a caller as text that ends in a line break. An exact pattern is stored with the line break,
//! a wildcard without its `*`; the longest prefix is then the most specific pattern.

use std::error::Error;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use arn_pattern::{ArnPattern, CallerArn};
use daachorse::DoubleArrayAhoCorasick;
use fst::raw::Fst;
use globset::{Glob, GlobSet, GlobSetBuilder};
use rart::{AdaptiveRadixTree, VectorKey};
use regex::RegexSet;

/// Something that finds the most specific pattern of a line.
pub trait Peer {
    /// The crate, for the print.
    fn name(&self) -> &'static str;

    /// The place of the winning pattern.
    fn find(&self, line: &str) -> Option<u32>;
}

/// Builds every peer that bears this number of patterns; the others are left out.
///
/// # Errors
/// Those of the peers' builders.
pub fn all(patterns: &[ArnPattern]) -> Result<Vec<Box<dyn Peer>>, Box<dyn Error>> {
    let keys = keys(patterns);
    let mut peers: Vec<Box<dyn Peer>> =
        vec![Box::new(FstWalk::new(&keys)?), Box::new(RadixTree::new(&keys))];
    if patterns.len() <= 100_000 {
        peers.push(Box::new(Daachorse::new(&keys)?));
        peers.push(Box::new(Aho::new(&keys)?));
        peers.push(Box::new(Globs::new(patterns)?));
    }
    if patterns.len() <= 10_000 {
        peers.push(Box::new(Regexes::new(patterns)?));
    }
    Ok(peers)
}

/// What is stored for each pattern.
#[must_use]
pub fn keys(patterns: &[ArnPattern]) -> Vec<Vec<u8>> {
    let key = |pattern: &ArnPattern| match pattern.as_str().strip_suffix('*') {
        Some(literal) => literal.as_bytes().to_vec(),
        None => [pattern.as_str(), "\n"].concat().into_bytes(),
    };
    patterns.iter().map(key).collect()
}

/// By hand: each pattern in turn, the best match wins.
#[must_use]
pub fn linear(patterns: &[ArnPattern], caller: &CallerArn) -> Option<u32> {
    (0..)
        .zip(patterns)
        .filter(|(_, pattern)| pattern.matches(caller))
        .max_by_key(|(_, pattern)| pattern.specificity())
        .map(|(value, _)| value)
}

/// `fst`: a walk along the line that remembers the last final state.
struct FstWalk(Fst<Vec<u8>>);

impl FstWalk {
    fn new(keys: &[Vec<u8>]) -> Result<Self, fst::Error> {
        let mut sorted: Vec<(&[u8], u64)> = keys.iter().map(Vec::as_slice).zip(0..).collect();
        sorted.sort_unstable();
        Ok(Self(Fst::from_iter_map(sorted)?))
    }
}

impl Peer for FstWalk {
    fn name(&self) -> &'static str {
        "fst"
    }

    fn find(&self, line: &str) -> Option<u32> {
        let (mut node, mut output, mut best) = (self.0.root(), 0, None);
        for byte in line.bytes() {
            let Some(next) = node.find_input(byte) else { break };
            let transition = node.transition(next);
            output += transition.out.value();
            node = self.0.node(transition.addr);
            if node.is_final() {
                best = Some(output + node.final_output().value());
            }
        }
        best.and_then(|value| u32::try_from(value).ok())
    }
}

/// `rart`: an adaptive radix tree, longest prefix.
pub struct RadixTree(AdaptiveRadixTree<VectorKey, u32>);

impl std::fmt::Debug for RadixTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RadixTree").finish_non_exhaustive()
    }
}

impl RadixTree {
    /// Adds the keys one by one.
    #[must_use]
    pub fn new(keys: &[Vec<u8>]) -> Self {
        let mut tree = AdaptiveRadixTree::new();
        for (key, value) in keys.iter().zip(0..) {
            tree.insert_k(&VectorKey::new_from_vec(key.clone()), value);
        }
        Self(tree)
    }
}

impl Peer for RadixTree {
    fn name(&self) -> &'static str {
        "rart"
    }

    fn find(&self, line: &str) -> Option<u32> {
        self.0.longest_prefix_value_bytes(line.as_bytes()).copied()
    }
}

/// `daachorse`: leftmost-longest; patterns begin with `arn:`, so leftmost is the start of the line.
struct Daachorse(DoubleArrayAhoCorasick<u32>);

impl Daachorse {
    fn new(keys: &[Vec<u8>]) -> Result<Self, Box<dyn Error>> {
        let built = daachorse::DoubleArrayAhoCorasickBuilder::new()
            .match_kind(daachorse::MatchKind::LeftmostLongest)
            .build(keys)
            .map_err(|error| error.to_string())?;
        Ok(Self(built))
    }
}

impl Peer for Daachorse {
    fn name(&self) -> &'static str {
        "daachorse"
    }

    fn find(&self, line: &str) -> Option<u32> {
        self.0.leftmost_find_iter(line).next().map(|found| found.value())
    }
}

/// `aho-corasick`: leftmost-longest, anchored.
struct Aho(AhoCorasick);

impl Aho {
    fn new(keys: &[Vec<u8>]) -> Result<Self, aho_corasick::BuildError> {
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Anchored)
            .build(keys)?;
        Ok(Self(built))
    }
}

impl Peer for Aho {
    fn name(&self) -> &'static str {
        "aho-corasick"
    }

    fn find(&self, line: &str) -> Option<u32> {
        let input = Input::new(line).anchored(Anchored::Yes);
        self.0.try_find(input).ok().flatten().map(|found| found.pattern().as_u32())
    }
}

/// Ranks for sets that name all matches: the place of each pattern and how specific it is.
fn best(patterns: &[u16], found: impl Iterator<Item = usize>) -> Option<u32> {
    let place = found.max_by_key(|place| patterns.get(*place).copied())?;
    u32::try_from(place).ok()
}

/// The longer literal wins; an exact pattern is longer than any prefix by its line break.
fn ranks(patterns: &[ArnPattern]) -> Vec<u16> {
    let rank = |pattern: &ArnPattern| {
        let exact = !pattern.as_str().ends_with('*');
        (pattern.specificity().literal_bytes() * 2 + usize::from(exact)) as u16
    };
    patterns.iter().map(rank).collect()
}

/// `globset`: all globs at once.
struct Globs(GlobSet, Vec<u16>);

impl Globs {
    fn new(patterns: &[ArnPattern]) -> Result<Self, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let text = pattern.as_str();
            let literal = globset::escape(text.trim_end_matches('*'));
            let end = if text.ends_with('*') { "*" } else { "" };
            set.add(Glob::new(&format!("{literal}{end}"))?);
        }
        Ok(Self(set.build()?, ranks(patterns)))
    }
}

impl Peer for Globs {
    fn name(&self) -> &'static str {
        "globset"
    }

    fn find(&self, line: &str) -> Option<u32> {
        best(&self.1, self.0.matches(line.trim_end_matches('\n')).into_iter())
    }
}

/// `regex`: all expressions at once.
struct Regexes(RegexSet, Vec<u16>);

impl Regexes {
    fn new(patterns: &[ArnPattern]) -> Result<Self, regex::Error> {
        let expression = |pattern: &ArnPattern| {
            let text = pattern.as_str();
            let end = if text.ends_with('*') { "" } else { "$" };
            format!("^{}{end}", regex::escape(text.trim_end_matches('*')))
        };
        let set = regex::RegexSetBuilder::new(patterns.iter().map(expression))
            .size_limit(1 << 30)
            .dfa_size_limit(1 << 28)
            .build()?;
        Ok(Self(set, ranks(patterns)))
    }
}

impl Peer for Regexes {
    fn name(&self) -> &'static str {
        "regex"
    }

    fn find(&self, line: &str) -> Option<u32> {
        best(&self.1, self.0.matches(line.trim_end_matches('\n')).into_iter())
    }
}
