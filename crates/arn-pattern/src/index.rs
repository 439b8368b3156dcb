//! Many patterns at once: which of them covers a caller, at a cost that does not grow with their number.
//!
//! A hash table with a random seed holds the patterns by the text before their `*`. What is known of a role beside
//! `ROLE/*` (the bare role, and a bitmap of the lengths that its session prefixes have) stands in a list, and the literal
//! `ROLE/*` leads there, be it a pattern or not. So a caller costs two probes, and one for each bit of its role.
//! Hashes only find entries: the bytes are compared at each hit.

use std::borrow::Borrow;
use std::fmt;

use hashbrown::HashMap;

use crate::caller::CallerArn;
use crate::pattern::{ArnPattern, PatternKind};

mod arena;
mod depths;
mod key;
mod matches;
mod roles;
mod tables;

pub use matches::Matches;

use depths::Depths;
use key::{Key, Seed};
use matches::Walk;
use tables::Tables;

/// A set of patterns with a value for each, kept apart by scope.
///
/// A scope is whatever keeps tenants apart, such as an organization's UUID as a number; no lookup sees
/// another scope's patterns. Within a scope a pattern's text is the key.
///
/// * **Cost**: a lookup takes two probes, and one more for each length of session prefix in use under the caller's role,
///   or for each depth of user path in use in the scope; it allocates nothing. Adding and removing take one or two
///   probes, whatever the size (growth is amortised).
/// * **Memory**: about 1.3 bytes for each byte of pattern text when `V` is four bytes.
///
/// ```
/// use std::str::FromStr;
///
/// use arn_pattern::{ArnPattern, PatternIndex};
///
/// let mut index = PatternIndex::new();
/// index.insert(7, ArnPattern::from_str("arn:aws:sts::123456789012:assumed-role/ci/*")?, "any");
/// index.insert(7, ArnPattern::from_str("arn:aws:sts::123456789012:assumed-role/ci/run-*")?, "runs");
///
/// let caller = "arn:aws:sts::123456789012:assumed-role/ci/run-1".parse()?;
/// assert_eq!(index.lookup(7, &caller), Some(&"runs"));
/// assert_eq!(index.matches(7, &caller).collect::<Vec<_>>(), [&"runs", &"any"]);
/// assert_eq!(index.lookup(8, &caller), None);
/// # Ok::<(), arn_pattern::ParseError>(())
/// ```
#[derive(Clone)]
pub struct PatternIndex<V> {
    seed: Seed,
    scopes: HashMap<u128, Scope, foldhash::fast::RandomState>,
    /// Ids are never used twice, so no entry can fall to a later scope.
    next_scope: u64,
    tables: Tables<V>,
    len: usize,
}

/// What is known about one scope.
#[derive(Clone, Copy, Debug)]
struct Scope {
    /// Stands for the scope in keys: half its size.
    id: u64,
    patterns: usize,
    user_paths: Depths,
}

impl<V> PatternIndex<V> {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty index with room for that many patterns.
    #[must_use]
    pub fn with_capacity(patterns: usize) -> Self {
        Self {
            seed: Seed::default(),
            scopes: HashMap::default(),
            next_scope: 0,
            tables: Tables::with_capacity(patterns),
            len: 0,
        }
    }

    /// Adds a pattern, or replaces the value it has in this scope and returns the old one.
    pub fn insert(&mut self, scope: u128, pattern: impl Borrow<ArnPattern>, value: V) -> Option<V> {
        let pattern = pattern.borrow();
        let fresh = Scope { id: self.next_scope, patterns: 0, user_paths: Depths::default() };
        let known = self.scopes.entry(scope).or_insert_with(|| {
            self.next_scope += 1;
            fresh
        });
        let key = Key::new(known.id, pattern);
        let old = match pattern.kind() {
            PatternKind::BareRole => {
                self.tables.insert_bare(&self.seed, &key, value, pattern.is_open())
            }
            _ => self.tables.insert(&self.seed, &key, value),
        };
        if old.is_none() {
            self.len += 1;
            known.patterns += 1;
            if pattern.kind() == PatternKind::UserPath {
                known.user_paths.add(key.base);
            }
        }
        old
    }

    /// Removes a pattern from a scope and returns its value.
    pub fn remove(&mut self, scope: u128, pattern: &ArnPattern) -> Option<V> {
        let known = self.scopes.get_mut(&scope)?;
        let key = Key::new(known.id, pattern);
        let old = match pattern.kind() {
            PatternKind::BareRole => self.tables.remove_bare(&self.seed, &key),
            _ => self.tables.remove(&self.seed, &key),
        }?;
        self.len -= 1;
        known.patterns -= 1;
        if pattern.kind() == PatternKind::UserPath {
            known.user_paths.remove();
        }
        if known.patterns == 0 {
            self.scopes.remove(&scope);
        }
        Some(old)
    }

    /// The value of the most specific pattern of the scope that covers the caller.
    #[must_use]
    pub fn lookup(&self, scope: u128, caller: &CallerArn) -> Option<&V> {
        Walk::new(self, self.scopes.get(&scope)?, caller).first()
    }

    /// The values of all patterns of the scope that cover the caller, most specific first.
    pub fn matches<'a, 'c>(&'a self, scope: u128, caller: &'c CallerArn) -> Matches<'a, 'c, V> {
        Matches::new(self, self.scopes.get(&scope), caller)
    }

    /// How many patterns there are, in all scopes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if there is no pattern in any scope.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of heap in use: tables, keys and scopes. What values own on the heap is not counted.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.tables.memory_bytes() + self.scopes.allocation_size()
    }

    /// Gives back table space that the present number of patterns does not need.
    pub fn shrink_to_fit(&mut self) {
        self.tables.shrink_to_fit(&self.seed);
        self.scopes.shrink_to_fit();
    }
}

impl<V> Default for PatternIndex<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> fmt::Debug for PatternIndex<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatternIndex")
            .field("patterns", &self.len)
            .field("scopes", &self.scopes.len())
            .finish_non_exhaustive()
    }
}
