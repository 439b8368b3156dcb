//! One caller's way through the tables, most specific pattern first.

use std::fmt;
use std::iter::FusedIterator;

use super::depths::Depths;
use super::key::{End, Seed};
use super::roles::Role;
use super::tables::{Held, Tables};
use super::{PatternIndex, Scope};
use crate::anatomy::{Owner, ResourceType};
use crate::caller::CallerArn;

/// Iterator over the values of matching patterns. See [`PatternIndex::matches`].
///
/// Probes are made as the iterator is asked, so the first match costs no more than it must.
pub struct Matches<'a, 'c, V> {
    walk: Option<Walk<'a, 'c, V>>,
    step: Step,
}

/// What stays the same during one walk.
pub(super) struct Walk<'a, 'c, V> {
    seed: &'a Seed,
    tables: &'a Tables<V>,
    user_paths: &'a Depths,
    at: (u64, Owner),
    resource: ResourceType,
    /// All names of the caller, and where the last of them begins.
    names: &'c [u8],
    last_at: usize,
    /// Hash of everything before the last name.
    base_hash: u64,
}

/// What is tried next.
enum Step {
    Exact,
    BareRole,
    /// Session prefixes of the role whose length bits are left.
    Sessions(u64),
    AnySession,
    /// User paths of fewer segments than this.
    UserPaths(usize),
    Done,
}

/// A value if the step found one, and the step after it.
type Found<'a, V> = (Option<&'a V>, Step);

impl<'a, 'c, V> Matches<'a, 'c, V> {
    #[inline]
    pub(super) fn new(
        index: &'a PatternIndex<V>,
        scope: Option<&'a Scope>,
        caller: &'c CallerArn,
    ) -> Self {
        let walk = scope.map(|scope| Walk::new(index, scope, caller));
        Self { walk, step: Step::Exact }
    }
}

impl<'a, 'c, V> Walk<'a, 'c, V> {
    #[inline]
    pub(super) fn new(index: &'a PatternIndex<V>, scope: &'a Scope, caller: &'c CallerArn) -> Self {
        let anatomy = caller.anatomy();
        let base = anatomy.base(caller.as_str()).as_bytes();
        Self {
            seed: &index.seed,
            tables: &index.tables,
            user_paths: &scope.user_paths,
            at: (scope.id, anatomy.owner),
            resource: anatomy.resource,
            names: anatomy.names(caller.as_str()).as_bytes(),
            last_at: usize::from(anatomy.last_at - anatomy.name_at),
            base_hash: index.seed.base(scope.id, anatomy.owner, base),
        }
    }

    /// The first of all matches, without the bookkeeping of the iterator.
    #[inline]
    pub(super) fn first(&self) -> Option<&'a V> {
        if let Some(value) = self.exact() {
            return Some(value);
        }
        match self.after_exact() {
            Step::BareRole if self.last_at > 0 => match self.under_role()? {
                Held::Value(value) => Some(value),
                Held::Role(id) => {
                    let role = self.tables.role(*id)?;
                    let narrower = role.open().or_else(|| self.sessions(role.lengths).0);
                    narrower.or(role.any.as_ref())
                }
            },
            Step::BareRole => self.bare_role().0,
            Step::UserPaths(below) => self.user_path(below).map(|(value, _)| value),
            _ => None,
        }
    }

    /// The literal that is the first `len` bytes of the caller's names.
    fn literal(&self, end: End, len: usize) -> Option<&'a V> {
        let names = self.names.get(..len)?;
        let hash = self.seed.literal(self.base_hash, end, names.get(self.last_at..)?);
        self.tables.value(self.tables.find(hash, self.at, end, names)?)
    }

    #[inline]
    fn exact(&self) -> Option<&'a V> {
        self.literal(End::Exact, self.names.len())
    }

    #[inline]
    fn after_exact(&self) -> Step {
        match self.resource {
            ResourceType::AssumedRole => Step::BareRole,
            ResourceType::User if self.last_at > 0 => Step::UserPaths(usize::MAX),
            _ => Step::Done,
        }
    }

    /// The name of the caller's role, or the path of a user.
    #[inline]
    fn base(&self) -> &'c [u8] {
        self.names.get(..self.last_at.saturating_sub(1)).unwrap_or_default()
    }

    /// `ROLE/*`, or the role if it has more.
    #[inline]
    fn under_role(&self) -> Option<&'a Held<V>> {
        self.tables.find(self.seed.under(self.base_hash), self.at, End::Under, self.base())
    }

    fn bare_role(&self) -> Found<'a, V> {
        if self.last_at == 0 {
            return (self.same_bare_role(), Step::Done);
        }
        match self.under_role() {
            Some(Held::Role(id)) => match self.tables.role(*id) {
                Some(role) => (role.open(), Step::Sessions(role.lengths)),
                None => (None, Step::Done),
            },
            Some(Held::Value(value)) => (Some(value), Step::Done),
            None => (None, Step::Done),
        }
    }

    /// For a caller that is a bare role itself: only the same text matches it.
    fn same_bare_role(&self) -> Option<&'a V> {
        let hash = self.seed.under(self.seed.base(self.at.0, self.at.1, self.names));
        match self.tables.find(hash, self.at, End::Under, self.names)? {
            Held::Role(id) => self.tables.role(*id).and_then(Role::bare),
            Held::Value(_) => None,
        }
    }

    fn sessions(&self, lengths: u64) -> Found<'a, V> {
        let session = self.names.len() - self.last_at;
        // Prefixes longer than the session cannot match it.
        let mut left = lengths & (u64::MAX >> (64 - session.clamp(1, 64)));
        while left != 0 {
            let bit = 63 - left.leading_zeros();
            left &= !(1 << bit);
            if let Some(value) = self.literal(End::Prefix, self.last_at + 1 + bit as usize) {
                return (Some(value), Step::Sessions(left));
            }
        }
        (None, Step::AnySession)
    }

    /// The longest path of fewer than `below` segments, and how many it has. Hashes go from the shortest
    /// path on, so the deepest one in use bounds the cost, not the caller's own. Who asks for all matches
    /// pays for that anew with each, which is less than keeping 255 hashes in every iterator.
    fn user_path(&self, below: usize) -> Option<(&'a V, usize)> {
        let (scope, owner) = self.at;
        let deepest = self.user_paths.deepest().min(below - 1);
        (1..=deepest)
            .zip(self.seed.paths(scope, owner, self.base()))
            .filter(|(depth, _)| self.user_paths.contains(*depth))
            .filter_map(|(depth, (path, hash))| {
                let held = self.tables.find(hash, self.at, End::Under, path)?;
                Some((self.tables.value(held)?, depth))
            })
            .last()
    }
}

impl<'a, V> Iterator for Matches<'a, '_, V> {
    type Item = &'a V;

    #[inline]
    fn next(&mut self) -> Option<&'a V> {
        let walk = self.walk.as_ref()?;
        loop {
            let (found, next) = match self.step {
                Step::Exact => (walk.exact(), walk.after_exact()),
                Step::BareRole => walk.bare_role(),
                Step::Sessions(lengths) => walk.sessions(lengths),
                Step::AnySession => {
                    (walk.under_role().and_then(|held| walk.tables.value(held)), Step::Done)
                }
                Step::UserPaths(below) => match walk.user_path(below) {
                    Some((value, depth)) => (Some(value), Step::UserPaths(depth)),
                    None => (None, Step::Done),
                },
                Step::Done => return None,
            };
            self.step = next;
            if found.is_some() {
                return found;
            }
        }
    }
}

impl<V> FusedIterator for Matches<'_, '_, V> {}

impl<V> fmt::Debug for Matches<'_, '_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matches").finish_non_exhaustive()
    }
}
