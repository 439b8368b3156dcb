//! What identifies an entry, and its hash.

use std::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::fast::{FoldHasher, RandomState};

use super::arena::Head;
use crate::anatomy::Owner;
use crate::pattern::{ArnPattern, PatternKind};

/// The random seed of an index. Tenants choose patterns, so they must not be able to make them collide.
#[derive(Clone, Debug)]
pub(super) struct Seed {
    own: RandomState,
    shared: &'static SharedSeed,
}

impl Default for Seed {
    fn default() -> Self {
        Self { own: RandomState::default(), shared: SharedSeed::global_random() }
    }
}

impl Seed {
    /// The hash of a role or a path. The hash of what lies under it starts from here.
    #[inline]
    pub(super) fn base(&self, scope: u64, owner: Owner, base: &[u8]) -> u64 {
        let mut hasher = self.own.build_hasher();
        hasher.write_u64(scope);
        hasher.write_u64(owner.word());
        hasher.write(base);
        hasher.finish()
    }

    /// The hash of a literal under a base.
    #[inline]
    pub(super) fn literal(&self, base: u64, end: End, last: &[u8]) -> u64 {
        let mut hasher = FoldHasher::with_seed(base ^ end as u64, self.shared);
        hasher.write(last);
        hasher.finish()
    }

    /// The hash of everything under a base.
    #[inline]
    pub(super) fn under(&self, base: u64) -> u64 {
        self.literal(base, End::Under, &[])
    }

    /// The hashes of a path and of all paths above it, shortest first, each at the cost of one segment.
    pub(super) fn paths<'a>(
        &'a self,
        scope: u64,
        owner: Owner,
        path: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], u64)> + 'a {
        let mut hash = self.base(scope, owner, &[]);
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = path.get(from..).filter(|rest| !rest.is_empty())?;
            let len = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            hash = self.literal(hash, End::Under, rest.get(..len)?);
            let end = from + len;
            from = end + 1;
            Some((path.get(..end)?, hash))
        })
    }

    /// The hash of a literal that is stored.
    pub(super) fn of_literal(&self, (head, names): (Head, &[u8])) -> u64 {
        let end = head.end();
        let (base, last) = match names.iter().rposition(|byte| *byte == b'/') {
            _ if end == End::Under => (names, <&[u8]>::default()),
            Some(slash) => names.split_at(slash),
            None => (<&[u8]>::default(), names),
        };
        let last = last.strip_prefix(b"/").unwrap_or(last);
        self.literal_at(head.scope(), head.owner(), end, (base, last))
    }

    /// The hash of a literal, from its parts.
    fn literal_at(&self, scope: u64, owner: Owner, end: End, (base, last): (&[u8], &[u8])) -> u64 {
        if end == End::Under && owner.is_user() {
            return self.paths(scope, owner, base).last().map_or(0, |(_, hash)| hash);
        }
        self.literal(self.base(scope, owner, base), end, last)
    }
}

/// How a literal ends; part of its key, so that `run` and `run*` are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A whole name.
    Exact,
    /// A part of a session.
    Prefix,
    /// A role or path: what follows its slash may be anything.
    Under,
}

/// The parts of a pattern that identify it within an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    scope: u64,
    owner: Owner,
    /// Role or path.
    pub(super) base: &'a str,
    /// Session, session prefix, or name; empty for what stands for all that is under the base.
    pub(super) last: &'a str,
    /// Base and last as one text.
    pub(super) names: &'a str,
    pub(super) end: End,
}

impl<'a> Key<'a> {
    /// A bare role has the key of its `ROLE/*`: both are of one role.
    pub(super) fn new(scope: u64, pattern: &'a ArnPattern) -> Self {
        let (anatomy, literal) = (pattern.anatomy(), pattern.literal());
        let names = anatomy.names(literal);
        let (base, last) = (anatomy.base(literal), anatomy.last(literal));
        let owner = anatomy.owner;
        match pattern.kind() {
            PatternKind::Exact | PatternKind::IamRole => {
                Self { scope, owner, base, last, names, end: End::Exact }
            }
            PatternKind::SessionPrefix => {
                Self { scope, owner, base, last, names, end: End::Prefix }
            }
            PatternKind::AnySession | PatternKind::UserPath => {
                Self { scope, owner, base, last: "", names: base, end: End::Under }
            }
            PatternKind::BareRole => {
                Self { scope, owner, base: names, last: "", names, end: End::Under }
            }
        }
    }

    /// The key of the role that a session is of.
    pub(super) fn role(&self) -> Self {
        Self { last: "", names: self.base, end: End::Under, ..*self }
    }

    /// The head under which it is stored.
    pub(super) fn head(&self) -> Head {
        Head::new(self.scope, self.owner, self.end, self.names.len())
    }

    pub(super) fn hash(&self, seed: &Seed) -> u64 {
        let parts = (self.base.as_bytes(), self.last.as_bytes());
        seed.literal_at(self.scope, self.owner, self.end, parts)
    }
}
