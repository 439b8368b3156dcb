//! Many mappings at once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::{Attributes, Grants, LimitError, MAX_MAPPINGS, MappingRule, Part};

/// Mappings, found by their (key, value) pair.
///
/// The mappings are sorted, so those of one pair are neighbours; a hash table with a random seed holds
/// where each run of neighbours is. Hashes only find a run: the bytes are compared.
///
/// * **Cost**: building sorts once; evaluating takes one probe for each pair of the attributes.
/// * **Memory**: the mappings, and about 10 bytes for each different pair.
#[derive(Clone)]
pub struct MappingIndex {
    sorted: Vec<MappingRule>,
    runs: HashTable<Run>,
    seed: RandomState,
}

/// Where the mappings of a pair are in `sorted`.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    count: u32,
}

impl MappingIndex {
    /// Of these mappings. Their order does not matter.
    pub fn new(mappings: impl IntoIterator<Item = MappingRule>) -> Result<Self, LimitError> {
        let mut sorted = Vec::new();
        for mapping in mappings {
            LimitError::check(Part::Mappings, sorted.len() + 1, MAX_MAPPINGS)?;
            sorted.push(mapping);
        }
        sorted.sort_unstable_by(|a, b| (a.pair(), a.id()).cmp(&(b.pair(), b.id())));
        let mut index = Self { sorted, runs: HashTable::new(), seed: RandomState::default() };
        index.find_runs();
        Ok(index)
    }

    fn find_runs(&mut self) {
        let Self { sorted, runs, seed } = self;
        let hash_of = |run: &Run| of(sorted, *run).first().map_or(0, |m| seed.hash_one(m.pair()));
        let mut start = 0;
        for run in sorted.chunk_by(|a, b| a.pair() == b.pair()) {
            // No more are let in than 32 bits can count.
            let count = u32::try_from(run.len()).unwrap_or(u32::MAX);
            if let Some(first) = run.first() {
                runs.insert_unique(seed.hash_one(first.pair()), Run { start, count }, hash_of);
            }
            start = start.saturating_add(count);
        }
    }

    /// The mappings of exactly this pair.
    pub fn matching<'a>(&'a self, key: &str, value: &str) -> impl Iterator<Item = &'a MappingRule> {
        self.find(self.seed.hash_one((key, value)), (key, value)).iter()
    }

    fn find(&self, hash: u64, wanted: (&str, &str)) -> &[MappingRule] {
        let run = self.runs.find(hash, |run| is(of(&self.sorted, *run), wanted));
        run.map_or(&[], |run| of(&self.sorted, *run))
    }

    /// The union of what all matching mappings give.
    ///
    /// Among many mappings nearly every step is to memory that is far away, so the pairs go through each step together: the
    /// processor waits for many of them at once.
    #[must_use]
    pub fn evaluate(&self, attributes: &Attributes) -> Grants {
        let guess = |pair| {
            let hash = self.seed.hash_one(pair);
            // The first whose hash looks right; nearly always the one, or there is none.
            Some((pair, hash, *self.runs.find(hash, |_| true)?))
        };
        let guesses: Vec<_> = attributes.pairs().filter_map(guess).collect();
        let look = |(pair, hash, run)| {
            let rules = of(&self.sorted, run);
            (pair, hash, rules, rules.first().map(MappingRule::pair))
        };
        let looked: Vec<_> = guesses.into_iter().map(look).collect();
        let found = looked.into_iter().map(|(pair, hash, rules, seen)| match seen == Some(pair) {
            true => rules,
            false => self.find(hash, pair),
        });
        let found: Vec<&[MappingRule]> = found.collect();
        let mut grants = Grants::default();
        for mapping in found.into_iter().flatten() {
            grants.add(mapping.target(), mapping.id());
        }
        grants
    }

    /// How many mappings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }
}

impl std::fmt::Debug for MappingIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappingIndex").field("mappings", &self.len()).finish_non_exhaustive()
    }
}

/// The mappings of a run.
fn of(sorted: &[MappingRule], run: Run) -> &[MappingRule] {
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let start = place(run.start);
    sorted.get(start..start.saturating_add(place(run.count))).unwrap_or_default()
}

/// Whether the mappings of a run are those of this pair.
fn is(run: &[MappingRule], pair: (&str, &str)) -> bool {
    run.first().is_some_and(|mapping| mapping.pair() == pair)
}
