//! The two tables, and how entries come and go.
//!
//! Entries are kept small, because a table has room for up to twice as many as it holds, and because a small table
//! stays in the processor's caches: an entry is a place in the arena and what it stands for.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::arena::{Arena, Head, Place};
use super::key::{End, Key, Seed};
use crate::anatomy::Owner;

/// An exact pattern or a session prefix.
#[derive(Clone, Debug)]
struct Literal<V> {
    key: Place,
    value: V,
}

/// A role or a user path with something under it that is not exact.
#[derive(Clone, Debug)]
pub(super) struct Base<V> {
    key: Place,
    /// `ROLE/*` or `PATH/*`.
    pub(super) any: Option<V>,
    /// Most bases have nothing else.
    pub(super) more: Option<Box<More<V>>>,
}

/// What a role may have beside `ROLE/*`.
#[derive(Clone, Debug)]
pub(super) struct More<V> {
    /// `ROLE`, and whether it stands for any session.
    pub(super) bare: Option<(V, bool)>,
    /// Bit k - 1: there is, or was, a session prefix of k bytes.
    pub(super) lengths: u64,
    /// How many session prefixes there are.
    prefixes: usize,
}

impl<V> Base<V> {
    /// The seldom part, made if it is not there.
    pub(super) fn more(&mut self) -> &mut More<V> {
        self.more.get_or_insert_with(|| Box::new(More { bare: None, lengths: 0, prefixes: 0 }))
    }

    /// The bare role's value, and whether it stands for any session.
    #[inline]
    pub(super) fn bare(&self) -> Option<&(V, bool)> {
        self.more.as_ref()?.bare.as_ref()
    }

    /// Takes the bare role's value.
    pub(super) fn take_bare(&mut self) -> Option<V> {
        self.more.as_mut()?.bare.take().map(|(value, _)| value)
    }

    /// Forgets a session prefix.
    fn forget_prefix(&mut self) {
        if let Some(more) = &mut self.more {
            more.prefixes -= 1;
            // Lengths are not counted one by one: a stale bit costs a probe, never an answer.
            if more.prefixes == 0 {
                more.lengths = 0;
            }
        }
    }

    /// Gives back what holds nothing. True if that is all.
    fn is_spent(&mut self) -> bool {
        if self.more.as_ref().is_some_and(|more| more.bare.is_none() && more.prefixes == 0) {
            self.more = None;
        }
        self.any.is_none() && self.more.is_none()
    }
}

/// Both tables, and the keys of both.
#[derive(Clone, Debug)]
pub(super) struct Tables<V> {
    literals: HashTable<Literal<V>>,
    bases: HashTable<Base<V>>,
    // Apart, because the few keys of bases are read more often than those of literals.
    literal_keys: Arena,
    base_keys: Arena,
    /// How many bases have the seldom part.
    boxed: usize,
}

impl<V> Tables<V> {
    pub(super) fn with_capacity(patterns: usize) -> Self {
        Self {
            literals: HashTable::with_capacity(patterns / 2),
            // Several patterns often share a role.
            bases: HashTable::with_capacity(patterns / 8 * 3),
            literal_keys: Arena::default(),
            base_keys: Arena::default(),
            boxed: 0,
        }
    }

    #[inline]
    pub(super) fn literal(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        end: End,
        names: &[u8],
    ) -> Option<&V> {
        let head = Head::new(scope, owner, end, names.len());
        let found =
            self.literals.find(hash, |entry| self.literal_keys.holds(entry.key, head, names))?;
        Some(&found.value)
    }

    #[inline]
    pub(super) fn base(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        names: &[u8],
    ) -> Option<&Base<V>> {
        let head = Head::new(scope, owner, End::Exact, names.len());
        self.bases.find(hash, |entry| self.base_keys.holds(entry.key, head, names))
    }

    pub(super) fn insert_literal(&mut self, seed: &Seed, key: &Key<'_>, value: V) -> Option<V> {
        self.put(seed, key, End::Exact, value)
    }

    pub(super) fn insert_prefix(&mut self, seed: &Seed, key: &Key<'_>, value: V) -> Option<V> {
        let old = self.put(seed, key, End::Prefix, value);
        if old.is_none() {
            self.change_base(seed, key, |base| {
                let more = base.more();
                more.prefixes += 1;
                more.lengths |= length_bit(key.last.len());
            });
        }
        old
    }

    pub(super) fn remove_literal(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        self.take(seed, key, End::Exact)
    }

    pub(super) fn remove_prefix(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        let old = self.take(seed, key, End::Prefix)?;
        self.take_from_base(seed, key, |base| {
            base.forget_prefix();
            None
        });
        Some(old)
    }

    /// Changes the base of a key, made if it is not there.
    pub(super) fn change_base<T>(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        change: impl FnOnce(&mut Base<V>) -> T,
    ) -> T {
        let (head, names) = (key.base_head(), key.base.as_bytes());
        let (bases, keys) = (&mut self.bases, &mut self.base_keys);
        let found = bases.entry(
            key.base_hash(seed),
            |entry| keys.holds(entry.key, head, names),
            |entry| seed.of_base(keys.get(entry.key)),
        );
        let base = match found {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let key = keys.add(head, names);
                entry.insert(Base { key, any: None, more: None }).into_mut()
            }
        };
        let was_boxed = base.more.is_some();
        let answer = change(base);
        self.boxed += usize::from(!was_boxed && base.more.is_some());
        answer
    }

    /// Takes something out of a base, and the base away if nothing is left in it.
    pub(super) fn take_from_base(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        take: impl FnOnce(&mut Base<V>) -> Option<V>,
    ) -> Option<V> {
        let (head, names) = (key.base_head(), key.base.as_bytes());
        let same = |entry: &Base<V>| self.base_keys.holds(entry.key, head, names);
        let mut found = self.bases.find_entry(key.base_hash(seed), same).ok()?;
        let base = found.get_mut();
        let was_boxed = base.more.is_some();
        let taken = take(base);
        let is_spent = base.is_spent();
        self.boxed -= usize::from(was_boxed && base.more.is_none());
        if is_spent {
            self.base_keys.remove(base.key);
            found.remove();
            self.tidy();
        }
        taken
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.literals.allocation_size()
            + self.bases.allocation_size()
            + self.boxed * size_of::<More<V>>()
            + self.literal_keys.memory_bytes()
            + self.base_keys.memory_bytes()
    }

    pub(super) fn shrink_to_fit(&mut self, seed: &Seed) {
        self.move_keys();
        self.literal_keys.shrink_to_fit();
        self.base_keys.shrink_to_fit();
        let (literals, bases) = (&self.literal_keys, &self.base_keys);
        self.literals.shrink_to_fit(|entry| seed.of_literal(literals.get(entry.key)));
        self.bases.shrink_to_fit(|entry| seed.of_base(bases.get(entry.key)));
    }

    fn put(&mut self, seed: &Seed, key: &Key<'_>, end: End, value: V) -> Option<V> {
        let (head, names) = (key.literal_head(end), key.names.as_bytes());
        let found = self.literals.entry(
            key.literal_hash(seed, end),
            |entry| self.literal_keys.holds(entry.key, head, names),
            |entry| seed.of_literal(self.literal_keys.get(entry.key)),
        );
        match found {
            Entry::Occupied(mut entry) => {
                Some(std::mem::replace(&mut entry.get_mut().value, value))
            }
            Entry::Vacant(entry) => {
                entry.insert(Literal { key: self.literal_keys.add(head, names), value });
                None
            }
        }
    }

    fn take(&mut self, seed: &Seed, key: &Key<'_>, end: End) -> Option<V> {
        let (head, names) = (key.literal_head(end), key.names.as_bytes());
        let same = |entry: &Literal<V>| self.literal_keys.holds(entry.key, head, names);
        let found = self.literals.find_entry(key.literal_hash(seed, end), same).ok()?;
        let (entry, _) = found.remove();
        self.literal_keys.remove(entry.key);
        self.tidy();
        Some(entry.value)
    }

    /// Moves the keys together once half of their space is waste: seldom enough to cost a removal nothing
    /// on average.
    fn tidy(&mut self) {
        if self.literal_keys.is_wasteful() || self.base_keys.is_wasteful() {
            self.move_keys();
        }
    }

    fn move_keys(&mut self) {
        self.literal_keys.move_together(self.literals.iter_mut().map(|entry| &mut entry.key));
        self.base_keys.move_together(self.bases.iter_mut().map(|entry| &mut entry.key));
    }
}

/// The bit of a session prefix of `len` bytes, from 1 to 64.
const fn length_bit(len: usize) -> u64 {
    1 << (len.saturating_sub(1) & 63)
}
