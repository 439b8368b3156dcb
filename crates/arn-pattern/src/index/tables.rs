//! The two tables, and how entries come and go.
//!
//! Entries are kept small, because a table has room for up to twice as many as it holds, and because a small table
//! stays in the processor's caches: an entry is a place in an arena and what it stands for.

use std::mem;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::arena::{Arena, Head, Place};
use super::key::{End, Key, Seed};
use crate::anatomy::Owner;

/// A pattern that is exact or ends in `*`: all but bare roles.
#[derive(Clone, Debug)]
struct Literal<V> {
    key: Place,
    held: Held<V>,
}

/// What a literal stands for.
#[derive(Clone, Debug)]
pub(super) enum Held<V> {
    /// A pattern.
    Value(V),
    /// `ROLE/*`, and the role's entry has patterns that are narrower.
    Both(V),
    /// The role's entry alone.
    Narrower,
}

impl<V> Held<V> {
    #[inline]
    pub(super) const fn value(&self) -> Option<&V> {
        match self {
            Self::Value(value) | Self::Both(value) => Some(value),
            Self::Narrower => None,
        }
    }

    #[inline]
    pub(super) const fn has_narrower(&self) -> bool {
        matches!(self, Self::Both(_) | Self::Narrower)
    }

    /// Takes a new value, and gives back the old one.
    fn set(&mut self, value: V) -> Option<V> {
        let (old, new) = match mem::replace(self, Self::Narrower) {
            Self::Value(old) => (Some(old), Self::Value(value)),
            Self::Both(old) => (Some(old), Self::Both(value)),
            Self::Narrower => (None, Self::Both(value)),
        };
        *self = new;
        old
    }

    /// Notes that there are narrower patterns.
    fn narrow(&mut self) {
        if let Self::Value(value) = mem::replace(self, Self::Narrower) {
            *self = Self::Both(value);
        }
    }
}

/// A role that is named bare, or has session prefixes.
#[derive(Clone, Debug)]
pub(super) struct Role<V> {
    key: Place,
    /// How many session prefixes there are.
    prefixes: usize,
    /// Bit k - 1: there is, or was, a session prefix of k bytes.
    pub(super) lengths: u64,
    /// The bare role's value, and whether it stands for any session.
    bare: Option<(V, bool)>,
}

impl<V> Role<V> {
    /// The value of the bare role, whatever it stands for.
    pub(super) fn bare(&self) -> Option<&V> {
        self.bare.as_ref().map(|(value, _)| value)
    }

    /// The value of the bare role if it stands for any session.
    pub(super) fn any_session(&self) -> Option<&V> {
        self.bare.as_ref().filter(|(_, open)| *open).map(|(value, _)| value)
    }

    /// Notes a session prefix of `len` bytes, from 1 to 64.
    fn add_prefix(&mut self, len: usize) {
        self.prefixes += 1;
        self.lengths |= 1 << (len.saturating_sub(1) & 63);
    }

    /// Forgets a session prefix. Lengths are not counted one by one: a stale bit costs a probe, never
    /// an answer.
    fn remove_prefix(&mut self) {
        self.prefixes -= 1;
        if self.prefixes == 0 {
            self.lengths = 0;
        }
    }
}

/// Both tables and their keys.
#[derive(Clone, Debug)]
pub(super) struct Tables<V> {
    literals: HashTable<Literal<V>>,
    roles: HashTable<Role<V>>,
    literal_keys: Arena,
    role_keys: Arena,
}

impl<V> Tables<V> {
    pub(super) fn with_capacity(patterns: usize) -> Self {
        Self {
            literals: HashTable::with_capacity(patterns),
            roles: HashTable::new(),
            literal_keys: Arena::default(),
            role_keys: Arena::default(),
        }
    }

    #[inline]
    pub(super) fn literal(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        end: End,
        names: &[u8],
    ) -> Option<&Held<V>> {
        let head = Head::new(scope, owner, end, names.len());
        let same = |entry: &Literal<V>| self.literal_keys.holds(entry.key, head, names);
        Some(&self.literals.find(hash, same)?.held)
    }

    #[inline]
    pub(super) fn role(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        name: &[u8],
    ) -> Option<&Role<V>> {
        let head = Head::new(scope, owner, End::Exact, name.len());
        self.roles.find(hash, |entry| self.role_keys.holds(entry.key, head, name))
    }

    /// Adds a pattern with or without `*`, or replaces its value.
    pub(super) fn insert(&mut self, seed: &Seed, key: &Key<'_>, end: End, value: V) -> Option<V> {
        let old = self.put(seed, key, end, value);
        if old.is_none() && key.is_session_prefix {
            self.change_role(seed, key, |role| role.add_prefix(key.last.len()));
        }
        old
    }

    /// Takes out a pattern with or without `*`.
    pub(super) fn remove(&mut self, seed: &Seed, key: &Key<'_>, end: End) -> Option<V> {
        let old = self.take(seed, key, end)?;
        if key.is_session_prefix {
            self.take_from_role(seed, key, Role::remove_prefix);
        }
        Some(old)
    }

    /// Adds a bare role, or replaces its value.
    pub(super) fn insert_bare(&mut self, seed: &Seed, key: &Key<'_>, bare: (V, bool)) -> Option<V> {
        self.change_role(seed, key, |role| role.bare.replace(bare)).map(|(value, _)| value)
    }

    /// Takes out a bare role.
    pub(super) fn remove_bare(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        self.take_from_role(seed, key, |role| role.bare.take())?.map(|(value, _)| value)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.literals.allocation_size()
            + self.roles.allocation_size()
            + self.literal_keys.memory_bytes()
            + self.role_keys.memory_bytes()
    }

    pub(super) fn shrink_to_fit(&mut self, seed: &Seed) {
        self.move_keys();
        self.literal_keys.shrink_to_fit();
        self.role_keys.shrink_to_fit();
        let (literals, roles) = (&self.literal_keys, &self.role_keys);
        self.literals.shrink_to_fit(|entry| seed.of_literal(literals.get(entry.key)));
        self.roles.shrink_to_fit(|entry| seed.of_base(roles.get(entry.key)));
    }

    /// Changes the role of a key, made if it is not there.
    fn change_role<T>(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        change: impl FnOnce(&mut Role<V>) -> T,
    ) -> T {
        let (head, name) = (key.base_head(), key.base.as_bytes());
        let keys = &mut self.role_keys;
        let found = self.roles.entry(
            key.base_hash(seed),
            |entry| keys.holds(entry.key, head, name),
            |entry| seed.of_base(keys.get(entry.key)),
        );
        match found {
            Entry::Occupied(mut entry) => change(entry.get_mut()),
            Entry::Vacant(entry) => {
                let place = keys.add(head, name);
                let mut fresh = Role { key: place, prefixes: 0, lengths: 0, bare: None };
                let outcome = change(&mut fresh);
                entry.insert(fresh);
                self.lead_to_role(seed, key);
                outcome
            }
        }
    }

    /// Takes something out of a role, and the role away if nothing is left in it.
    fn take_from_role<T>(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        take: impl FnOnce(&mut Role<V>) -> T,
    ) -> Option<T> {
        let (head, name) = (key.base_head(), key.base.as_bytes());
        let same = |entry: &Role<V>| self.role_keys.holds(entry.key, head, name);
        let mut found = self.roles.find_entry(key.base_hash(seed), same).ok()?;
        let role = found.get_mut();
        let taken = take(role);
        if role.bare.is_none() && role.prefixes == 0 {
            self.role_keys.remove(role.key);
            found.remove();
            self.lead_nowhere(seed, key);
            self.tidy();
        }
        Some(taken)
    }

    fn put(&mut self, seed: &Seed, key: &Key<'_>, end: End, value: V) -> Option<V> {
        let (head, names) = (key.literal_head(end), key.names.as_bytes());
        let keys = &mut self.literal_keys;
        let found = self.literals.entry(
            key.literal_hash(seed, end),
            |entry| keys.holds(entry.key, head, names),
            |entry| seed.of_literal(keys.get(entry.key)),
        );
        match found {
            Entry::Occupied(mut entry) => entry.get_mut().held.set(value),
            Entry::Vacant(entry) => {
                entry.insert(Literal { key: keys.add(head, names), held: Held::Value(value) });
                None
            }
        }
    }

    fn take(&mut self, seed: &Seed, key: &Key<'_>, end: End) -> Option<V> {
        let (head, names) = (key.literal_head(end), key.names.as_bytes());
        let same = |entry: &Literal<V>| self.literal_keys.holds(entry.key, head, names);
        let mut found = self.literals.find_entry(key.literal_hash(seed, end), same).ok()?;
        match mem::replace(&mut found.get_mut().held, Held::Narrower) {
            Held::Value(value) => {
                let (entry, _) = found.remove();
                self.literal_keys.remove(entry.key);
                self.tidy();
                Some(value)
            }
            Held::Both(value) => Some(value),
            Held::Narrower => None,
        }
    }

    /// Lets `ROLE/*` lead to the role's entry, whether or not it is a pattern itself.
    fn lead_to_role(&mut self, seed: &Seed, key: &Key<'_>) {
        let (head, name) = (key.under_head(), key.base.as_bytes());
        let keys = &mut self.literal_keys;
        let found = self.literals.entry(
            seed.under(key.base_hash(seed)),
            |entry| keys.holds(entry.key, head, name),
            |entry| seed.of_literal(keys.get(entry.key)),
        );
        match found {
            Entry::Occupied(mut entry) => entry.get_mut().held.narrow(),
            Entry::Vacant(entry) => {
                entry.insert(Literal { key: keys.add(head, name), held: Held::Narrower });
            }
        }
    }

    /// Undoes [`lead_to_role`](Self::lead_to_role).
    fn lead_nowhere(&mut self, seed: &Seed, key: &Key<'_>) {
        let (head, name) = (key.under_head(), key.base.as_bytes());
        let same = |entry: &Literal<V>| self.literal_keys.holds(entry.key, head, name);
        let hash = seed.under(key.base_hash(seed));
        let Ok(mut found) = self.literals.find_entry(hash, same) else { return };
        let held = &mut found.get_mut().held;
        match mem::replace(held, Held::Narrower) {
            Held::Value(value) | Held::Both(value) => *held = Held::Value(value),
            Held::Narrower => {
                let (entry, _) = found.remove();
                self.literal_keys.remove(entry.key);
            }
        }
    }

    /// Moves the keys together once half of their space is waste: seldom enough to cost a removal nothing
    /// on average.
    fn tidy(&mut self) {
        if self.literal_keys.is_wasteful() || self.role_keys.is_wasteful() {
            self.move_keys();
        }
    }

    fn move_keys(&mut self) {
        self.literal_keys.move_together(self.literals.iter_mut().map(|entry| &mut entry.key));
        self.role_keys.move_together(self.roles.iter_mut().map(|entry| &mut entry.key));
    }
}
