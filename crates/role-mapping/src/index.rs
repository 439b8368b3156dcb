//! Many mappings at once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::{Attributes, Grants, LimitError, MAX_MAPPINGS, MappingRule, Part};

/// Mappings, found by their (key, value) pair.
///
/// The mappings are sorted, so those of one pair are neighbours; a hash table with a random seed holds
/// where each run of neighbours begins. Hashes only find a run: the bytes are compared.
///
/// * **Cost**: building sorts once; evaluating takes one probe for each pair of the attributes.
/// * **Memory**: the mappings, and about 5 bytes for each different pair.
#[derive(Clone)]
pub struct MappingIndex {
    sorted: Vec<MappingRule>,
    /// Where the mappings of a pair begin in `sorted`.
    runs: HashTable<u32>,
    seed: RandomState,
}

impl MappingIndex {
    /// Of these mappings. Their order does not matter.
    pub fn new(mappings: impl IntoIterator<Item = MappingRule>) -> Result<Self, LimitError> {
        let mut sorted = Vec::new();
        for mapping in mappings {
            LimitError::check(Part::Mappings, sorted.len() + 1, MAX_MAPPINGS)?;
            sorted.push(mapping);
        }
        sorted.sort_unstable_by(|a, b| (pair(a), a.id()).cmp(&(pair(b), b.id())));
        let mut index = Self { sorted, runs: HashTable::new(), seed: RandomState::default() };
        index.find_runs();
        Ok(index)
    }

    fn find_runs(&mut self) {
        let Self { sorted, runs, seed } = self;
        let hash_at = |start: &u32| at(sorted, *start).map_or(0, |m| seed.hash_one(pair(m)));
        let mut before = None;
        for (start, mapping) in (0_u32..).zip(sorted.iter()) {
            if before != Some(pair(mapping)) {
                runs.insert_unique(seed.hash_one(pair(mapping)), start, hash_at);
            }
            before = Some(pair(mapping));
        }
    }

    /// The mappings of exactly this pair.
    pub fn matching<'a>(&'a self, key: &str, value: &str) -> impl Iterator<Item = &'a MappingRule> {
        let wanted = (key, value);
        let start = self.runs.find(self.seed.hash_one(wanted), |start| {
            at(&self.sorted, *start).is_some_and(|mapping| pair(mapping) == wanted)
        });
        let run = start.and_then(|start| self.sorted.get(usize::try_from(*start).ok()?..));
        let first = run.and_then(<[MappingRule]>::first).map(pair);
        run.unwrap_or_default().iter().take_while(move |mapping| Some(pair(mapping)) == first)
    }

    /// The union of what all matching mappings give.
    #[must_use]
    pub fn evaluate(&self, attributes: &Attributes) -> Grants {
        let mut grants = Grants::default();
        for (key, value) in attributes.pairs() {
            for mapping in self.matching(key, value) {
                grants.add(mapping.target(), mapping.id());
            }
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

fn pair(mapping: &MappingRule) -> (&str, &str) {
    (mapping.key(), mapping.value())
}

fn at(sorted: &[MappingRule], start: u32) -> Option<&MappingRule> {
    sorted.get(usize::try_from(start).ok()?)
}
