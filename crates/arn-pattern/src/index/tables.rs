//! The two tables, and how entries come and go.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::key::{End, Key, Seed};
use super::stored::Stored;
use crate::anatomy::Owner;

/// An exact pattern or a session prefix.
#[derive(Clone, Debug)]
pub(super) struct Literal<V> {
    key: Stored,
    end: End,
    pub(super) value: V,
}

/// A role or a user path with something under it that is not exact.
#[derive(Clone, Debug)]
pub(super) struct Base<V> {
    key: Stored,
    /// `ROLE/*` or `PATH/*`.
    pub(super) any: Option<V>,
    /// `ROLE`.
    pub(super) bare: Option<V>,
    /// Whether the bare role stands for any session.
    pub(super) open: bool,
    /// How many session prefixes there are.
    prefixes: u32,
    /// Bit k - 1: there is, or was, a session prefix of k bytes.
    pub(super) lengths: u64,
}

/// Both tables, and how much their keys weigh.
#[derive(Clone, Debug)]
pub(super) struct Tables<V> {
    literals: HashTable<Literal<V>>,
    bases: HashTable<Base<V>>,
    key_bytes: usize,
}

impl<V> Tables<V> {
    pub(super) fn with_capacity(each: usize) -> Self {
        Self {
            literals: HashTable::with_capacity(each),
            bases: HashTable::with_capacity(each),
            key_bytes: 0,
        }
    }

    #[inline]
    pub(super) fn literal(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        end: End,
        names: &[u8],
    ) -> Option<&Literal<V>> {
        self.literals.find(hash, |entry| entry.end == end && entry.key.is(scope, owner, names))
    }

    #[inline]
    pub(super) fn base(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        names: &[u8],
    ) -> Option<&Base<V>> {
        self.bases.find(hash, |entry| entry.key.is(scope, owner, names))
    }

    pub(super) fn insert_literal(&mut self, seed: &Seed, key: &Key<'_>, value: V) -> Option<V> {
        self.put(seed, key, End::Exact, value)
    }

    pub(super) fn insert_prefix(&mut self, seed: &Seed, key: &Key<'_>, value: V) -> Option<V> {
        let old = self.put(seed, key, End::Prefix, value);
        if old.is_none() {
            let base = self.base_mut(seed, key);
            base.prefixes = base.prefixes.saturating_add(1);
            base.lengths |= length_bit(key.last.len());
        }
        old
    }

    pub(super) fn remove_literal(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        self.take(seed, key, End::Exact)
    }

    pub(super) fn remove_prefix(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        let old = self.take(seed, key, End::Prefix)?;
        self.remove_from_base(seed, key, |base| {
            base.prefixes = base.prefixes.saturating_sub(1);
            // Lengths are not counted one by one: a stale bit costs a probe, never an answer.
            if base.prefixes == 0 {
                base.lengths = 0;
            }
            None
        });
        Some(old)
    }

    /// The base of a key, made if it is not there.
    pub(super) fn base_mut(&mut self, seed: &Seed, key: &Key<'_>) -> &mut Base<V> {
        let hash = seed.base(key.scope, key.owner, key.base.as_bytes());
        let key_bytes = &mut self.key_bytes;
        self.bases
            .entry(
                hash,
                |entry| entry.key.is(key.scope, key.owner, key.base.as_bytes()),
                |entry| entry.key.hash_as_base(seed),
            )
            .or_insert_with(|| {
                let key = Stored::new(key.scope, key.owner, key.base);
                *key_bytes += key.len();
                Base { key, any: None, bare: None, open: false, prefixes: 0, lengths: 0 }
            })
            .into_mut()
    }

    /// Takes something out of a base, and the base away if nothing is left in it.
    pub(super) fn remove_from_base(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        take: impl FnOnce(&mut Base<V>) -> Option<V>,
    ) -> Option<V> {
        let hash = seed.base(key.scope, key.owner, key.base.as_bytes());
        let same = |entry: &Base<V>| entry.key.is(key.scope, key.owner, key.base.as_bytes());
        let mut found = self.bases.find_entry(hash, same).ok()?;
        let base = found.get_mut();
        let taken = take(base);
        if base.any.is_none() && base.bare.is_none() && base.prefixes == 0 {
            self.key_bytes -= base.key.len();
            found.remove();
        }
        taken
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.literals.allocation_size() + self.bases.allocation_size() + self.key_bytes
    }

    pub(super) fn shrink_to_fit(&mut self, seed: &Seed) {
        self.literals.shrink_to_fit(|entry| entry.key.hash_as_literal(seed, entry.end));
        self.bases.shrink_to_fit(|entry| entry.key.hash_as_base(seed));
    }

    fn put(&mut self, seed: &Seed, key: &Key<'_>, end: End, value: V) -> Option<V> {
        let found = self.literals.entry(
            hash_of_key(seed, end, key),
            |entry| entry.end == end && entry.key.is(key.scope, key.owner, key.names.as_bytes()),
            |entry| entry.key.hash_as_literal(seed, entry.end),
        );
        match found {
            Entry::Occupied(mut entry) => {
                Some(std::mem::replace(&mut entry.get_mut().value, value))
            }
            Entry::Vacant(entry) => {
                let key = Stored::new(key.scope, key.owner, key.names);
                self.key_bytes += key.len();
                entry.insert(Literal { key, end, value });
                None
            }
        }
    }

    fn take(&mut self, seed: &Seed, key: &Key<'_>, end: End) -> Option<V> {
        let same = |entry: &Literal<V>| {
            entry.end == end && entry.key.is(key.scope, key.owner, key.names.as_bytes())
        };
        let found = self.literals.find_entry(hash_of_key(seed, end, key), same).ok()?;
        let (entry, _) = found.remove();
        self.key_bytes -= entry.key.len();
        Some(entry.value)
    }
}

/// The bit of a session prefix of `len` bytes, from 1 to 64.
const fn length_bit(len: usize) -> u64 {
    1 << (len.saturating_sub(1) & 63)
}

fn hash_of_key(seed: &Seed, end: End, key: &Key<'_>) -> u64 {
    let base = seed.base(key.scope, key.owner, key.base.as_bytes());
    seed.literal(base, end, key.last.as_bytes())
}
