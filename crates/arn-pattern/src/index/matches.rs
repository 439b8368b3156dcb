//! One caller's way through the tables, most specific pattern first.

use std::fmt;
use std::iter::FusedIterator;

use super::depths::{Depths, depth};
use super::key::{End, Seed};
use super::tables::Tables;
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
    /// Session prefixes of the role whose length bits are left, then any session.
    Sessions(u64),
    /// User paths that end here or before.
    UserPaths {
        end: usize,
        depth: usize,
    },
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
        let (found, next) = self.exact();
        if found.is_some() {
            return found;
        }
        match next {
            Step::BareRole => {
                let (found, next) = self.bare_role();
                match next {
                    Step::Sessions(lengths) if found.is_none() => self.sessions(lengths).0,
                    _ => found,
                }
            }
            Step::UserPaths { end, depth } => self.user_paths(end, depth).0,
            _ => None,
        }
    }

    /// The literal that is the first `len` bytes of the caller's names.
    #[inline]
    fn literal(&self, end: End, len: usize) -> Option<&'a V> {
        let names = self.names.get(..len)?;
        let hash = self.seed.literal(self.base_hash, end, names.get(self.last_at..)?);
        self.tables.literal(hash, self.at, end, names)
    }

    #[inline]
    fn exact(&self) -> Found<'a, V> {
        let next = match self.resource {
            ResourceType::AssumedRole => Step::BareRole,
            ResourceType::User if self.last_at > 0 && !self.user_paths.is_empty() => {
                let end = self.last_at - 1;
                Step::UserPaths { end, depth: depth(self.names.get(..end).unwrap_or_default()) }
            }
            _ => Step::Done,
        };
        (self.literal(End::Exact, self.names.len()), next)
    }

    #[inline]
    fn bare_role(&self) -> Found<'a, V> {
        if self.last_at == 0 {
            // The caller itself is a bare role: only the same text matches it.
            let hash = self.seed.base(self.at.0, self.at.1, self.names);
            let role = self.tables.role(hash, self.at, self.names);
            let bare = role.and_then(|role| role.bare.as_ref());
            return (bare.map(|(value, _)| value), Step::Done);
        }
        let name = self.names.get(..self.last_at - 1).unwrap_or_default();
        match self.tables.role(self.base_hash, self.at, name) {
            Some(role) => {
                let bare = role.bare.as_ref().filter(|(_, open)| *open);
                (bare.map(|(value, _)| value), Step::Sessions(role.lengths))
            }
            None => (None, Step::Sessions(0)),
        }
    }

    #[inline]
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
        (self.literal(End::Prefix, self.last_at), Step::Done)
    }

    fn user_paths(&self, mut end: usize, mut depth: usize) -> Found<'a, V> {
        while depth > 0 {
            let path = self.names.get(..end).unwrap_or_default();
            let found = self.user_paths.contains(depth).then(|| {
                let base = self.seed.base(self.at.0, self.at.1, path);
                let hash = self.seed.literal(base, End::Prefix, &[]);
                self.tables.literal(hash, self.at, End::Prefix, self.names.get(..=end)?)
            });
            end = path.iter().rposition(|byte| *byte == b'/').unwrap_or_default();
            depth -= 1;
            if let Some(value) = found.flatten() {
                return (Some(value), Step::UserPaths { end, depth });
            }
        }
        (None, Step::Done)
    }
}

impl<'a, V> Iterator for Matches<'a, '_, V> {
    type Item = &'a V;

    #[inline]
    fn next(&mut self) -> Option<&'a V> {
        let walk = self.walk.as_ref()?;
        loop {
            let (found, next) = match self.step {
                Step::Exact => walk.exact(),
                Step::BareRole => walk.bare_role(),
                Step::Sessions(lengths) => walk.sessions(lengths),
                Step::UserPaths { end, depth } => walk.user_paths(end, depth),
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
