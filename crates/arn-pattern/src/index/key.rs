//! What identifies an entry, and its hash.

use std::hash::{BuildHasher, Hasher};

use crate::anatomy::Owner;
use crate::pattern::{ArnPattern, PatternKind};

/// The random seed of an index. Tenants choose patterns, so they must not be able to make them collide.
#[derive(Clone, Debug, Default)]
pub(super) struct Seed(foldhash::fast::RandomState);

impl Seed {
    /// The hash of a role or a path. The hash of what lies under it starts from here.
    #[inline]
    pub(super) fn base(&self, scope: u64, owner: Owner, base: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(scope);
        hasher.write_u64(owner.word());
        hasher.write(base);
        hasher.finish()
    }

    /// The hash of a literal under a base.
    #[inline]
    pub(super) fn literal(&self, base: u64, end: End, last: &[u8]) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(base ^ end as u64);
        hasher.write(last);
        hasher.finish()
    }
}

/// How a literal ends; part of its key, so that `run` and `run*` are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Exact,
    Prefix,
}

/// The parts of a pattern that identify it within an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) scope: u64,
    pub(super) owner: Owner,
    /// Role or path. For a bare role the role.
    pub(super) base: &'a str,
    /// Session, session prefix, or name.
    pub(super) last: &'a str,
    /// Base and last as one text.
    pub(super) names: &'a str,
}

impl<'a> Key<'a> {
    pub(super) fn new(scope: u64, pattern: &'a ArnPattern) -> Self {
        let (anatomy, literal) = (pattern.anatomy(), pattern.literal());
        let names = anatomy.names(literal);
        let base =
            if pattern.kind() == PatternKind::BareRole { names } else { anatomy.base(literal) };
        Self { scope, owner: anatomy.owner, base, last: anatomy.last(literal), names }
    }
}
