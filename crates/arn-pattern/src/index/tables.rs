//! The table of literals, the roles that some of them lead to, and how entries come and go.
//!
//! Entries are kept small, because a table has room for up to twice as many as it holds, and because a small table
//! stays in the processor's caches: an entry is a place in an arena and what it stands for.

use std::mem;

use hashbrown::HashTable;
use hashbrown::hash_table::{Entry, OccupiedEntry};

use super::arena::{Arena, Head, Place};
use super::key::{End, Key, Seed};
use super::roles::{Role, RoleId, Roles};
use crate::anatomy::Owner;

/// A text that callers begin with, or are.
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
    /// A role with more than `ROLE/*`.
    Role(RoleId),
}

/// Literals, their keys, and roles.
#[derive(Clone, Debug)]
pub(super) struct Tables<V> {
    literals: HashTable<Literal<V>>,
    keys: Arena,
    roles: Roles<V>,
}

impl<V> Tables<V> {
    pub(super) fn with_capacity(patterns: usize) -> Self {
        Self {
            literals: HashTable::with_capacity(patterns),
            keys: Arena::default(),
            roles: Roles::new(),
        }
    }

    #[inline]
    pub(super) fn find(
        &self,
        hash: u64,
        (scope, owner): (u64, Owner),
        end: End,
        names: &[u8],
    ) -> Option<&Held<V>> {
        let head = Head::new(scope, owner, end, names.len());
        let found = self.literals.find(hash, |entry| self.keys.holds(entry.key, head, names))?;
        Some(&found.held)
    }

    /// The pattern that is this literal itself.
    #[inline]
    pub(super) fn value<'a>(&'a self, held: &'a Held<V>) -> Option<&'a V> {
        match held {
            Held::Value(value) => Some(value),
            Held::Role(id) => self.roles.get(*id)?.any.as_ref(),
        }
    }

    #[inline]
    pub(super) fn role(&self, id: RoleId) -> Option<&Role<V>> {
        self.roles.get(id)
    }

    /// Adds a pattern that is not a bare role, or replaces its value.
    pub(super) fn insert(&mut self, seed: &Seed, key: &Key<'_>, value: V) -> Option<V> {
        let old = match entry(&mut self.literals, &self.keys, seed, key) {
            Entry::Occupied(mut entry) => match &mut entry.get_mut().held {
                Held::Value(own) => Some(mem::replace(own, value)),
                Held::Role(id) => self.roles.get_mut(*id)?.any.replace(value),
            },
            Entry::Vacant(entry) => {
                let key = self.keys.add(key.head(), key.names.as_bytes());
                entry.insert(Literal { key, held: Held::Value(value) });
                None
            }
        };
        if old.is_none() && key.end == End::Prefix {
            self.change_role(seed, &key.role(), |role| role.add_prefix(key.last.len()));
        }
        old
    }

    /// Takes out a pattern that is not a bare role.
    pub(super) fn remove(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        let mut found = find_entry(&mut self.literals, &self.keys, seed, key)?;
        if let Held::Role(id) = &mut found.get_mut().held {
            return self.roles.get_mut(*id)?.any.take();
        }
        let (Literal { key: place, held }, _) = found.remove();
        self.keys.remove(place);
        self.tidy();
        if key.end == End::Prefix {
            self.take_from_role(seed, &key.role(), Role::remove_prefix);
        }
        match held {
            Held::Value(value) => Some(value),
            Held::Role(_) => None,
        }
    }

    /// Adds a bare role, or replaces its value. `open` says whether it stands for any session.
    pub(super) fn insert_bare(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        value: V,
        open: bool,
    ) -> Option<V> {
        self.change_role(seed, key, |role| role.set_bare(value, open))?
    }

    /// Takes out a bare role.
    pub(super) fn remove_bare(&mut self, seed: &Seed, key: &Key<'_>) -> Option<V> {
        self.take_from_role(seed, key, Role::take_bare)?
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.literals.allocation_size() + self.keys.memory_bytes() + self.roles.memory_bytes()
    }

    pub(super) fn shrink_to_fit(&mut self, seed: &Seed) {
        self.move_keys();
        self.keys.shrink_to_fit();
        self.roles.move_together(self.literals.iter_mut().filter_map(
            |entry| match &mut entry.held {
                Held::Role(id) => Some(id),
                Held::Value(_) => None,
            },
        ));
        let keys = &self.keys;
        self.literals.shrink_to_fit(|entry| seed.of_literal(keys.get(entry.key)));
    }

    /// Changes the role that a key is of. It is made if it is not there.
    fn change_role<T>(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        change: impl FnOnce(&mut Role<V>) -> T,
    ) -> Option<T> {
        let roles = &mut self.roles;
        let id = match entry(&mut self.literals, &self.keys, seed, key) {
            Entry::Occupied(mut entry) => match &mut entry.get_mut().held {
                Held::Role(id) => *id,
                held @ Held::Value(_) => {
                    let id = roles.add(Role::default());
                    if let Held::Value(value) = mem::replace(held, Held::Role(id)) {
                        roles.get_mut(id)?.any = Some(value);
                    }
                    id
                }
            },
            Entry::Vacant(entry) => {
                let (id, key) =
                    (roles.add(Role::default()), self.keys.add(key.head(), key.names.as_bytes()));
                entry.insert(Literal { key, held: Held::Role(id) });
                id
            }
        };
        roles.get_mut(id).map(change)
    }

    /// Takes something out of the role that a key is of, and the role away if that leaves at most `ROLE/*`.
    fn take_from_role<T>(
        &mut self,
        seed: &Seed,
        key: &Key<'_>,
        take: impl FnOnce(&mut Role<V>) -> T,
    ) -> Option<T> {
        let mut found = find_entry(&mut self.literals, &self.keys, seed, key)?;
        let Held::Role(id) = found.get().held else { return None };
        let role = self.roles.get_mut(id)?;
        let taken = take(role);
        if role.is_plain() {
            match self.roles.remove(id) {
                Some(any) => found.get_mut().held = Held::Value(any),
                None => {
                    let (entry, _) = found.remove();
                    self.keys.remove(entry.key);
                    self.tidy();
                }
            }
        }
        Some(taken)
    }

    /// Moves the keys together once half of their space is waste: seldom enough to cost a removal nothing
    /// on average.
    fn tidy(&mut self) {
        if self.keys.is_wasteful() {
            self.move_keys();
        }
    }

    fn move_keys(&mut self) {
        self.keys.move_together(self.literals.iter_mut().map(|entry| &mut entry.key));
    }
}

/// Where a key is, or is to be.
fn entry<'a, V>(
    literals: &'a mut HashTable<Literal<V>>,
    keys: &Arena,
    seed: &Seed,
    key: &Key<'_>,
) -> Entry<'a, Literal<V>> {
    let (head, names) = (key.head(), key.names.as_bytes());
    literals.entry(
        key.hash(seed),
        |entry| keys.holds(entry.key, head, names),
        |entry| seed.of_literal(keys.get(entry.key)),
    )
}

/// Where a key is, if it is.
fn find_entry<'a, V>(
    literals: &'a mut HashTable<Literal<V>>,
    keys: &Arena,
    seed: &Seed,
    key: &Key<'_>,
) -> Option<OccupiedEntry<'a, Literal<V>>> {
    let (head, names) = (key.head(), key.names.as_bytes());
    literals.find_entry(key.hash(seed), |entry| keys.holds(entry.key, head, names)).ok()
}
