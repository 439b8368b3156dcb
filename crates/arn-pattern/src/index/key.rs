//! What identifies an entry, and its hash.

use std::hash::{BuildHasher, Hasher};

use super::arena::Head;
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

    /// The hash of a base that is stored.
    pub(super) fn of_base(&self, (head, names): (Head, &[u8])) -> u64 {
        self.base(head.scope(), head.owner(), names)
    }

    /// The hash of a literal that is stored.
    pub(super) fn of_literal(&self, (head, names): (Head, &[u8])) -> u64 {
        let (base, last) = match names.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => names.split_at(slash),
            None => (<&[u8]>::default(), names),
        };
        let last = last.strip_prefix(b"/").unwrap_or(last);
        self.literal(self.base(head.scope(), head.owner(), base), head.end(), last)
    }
}

/// How a literal ends; part of its key, so that `run` and `run*` are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Exact,
    Prefix,
}

impl End {
    /// How the literal of a pattern ends.
    pub(super) const fn of(kind: PatternKind) -> Self {
        match kind {
            PatternKind::Exact | PatternKind::BareRole | PatternKind::IamRole => Self::Exact,
            PatternKind::AnySession | PatternKind::SessionPrefix | PatternKind::UserPath => {
                Self::Prefix
            }
        }
    }
}

/// The parts of a pattern that identify it within an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) scope: u64,
    pub(super) owner: Owner,
    /// Role or path. For a bare role the role.
    pub(super) base: &'a str,
    /// Session, session prefix, or name; empty for `ROLE/*` and `PATH/*`.
    pub(super) last: &'a str,
    /// Base and last as one text.
    pub(super) names: &'a str,
    /// Whether the role must know of this pattern.
    pub(super) is_session_prefix: bool,
}

impl<'a> Key<'a> {
    pub(super) fn new(scope: u64, pattern: &'a ArnPattern) -> Self {
        let (anatomy, literal) = (pattern.anatomy(), pattern.literal());
        let names = anatomy.names(literal);
        let base =
            if pattern.kind() == PatternKind::BareRole { names } else { anatomy.base(literal) };
        Self {
            scope,
            owner: anatomy.owner,
            base,
            last: anatomy.last(literal),
            names,
            is_session_prefix: pattern.kind() == PatternKind::SessionPrefix,
        }
    }

    /// The head under which the base is stored.
    pub(super) fn base_head(&self) -> Head {
        Head::new(self.scope, self.owner, End::Exact, self.base.len())
    }

    /// The head under which the literal is stored.
    pub(super) fn literal_head(&self, end: End) -> Head {
        Head::new(self.scope, self.owner, end, self.names.len())
    }

    pub(super) fn base_hash(&self, seed: &Seed) -> u64 {
        seed.base(self.scope, self.owner, self.base.as_bytes())
    }

    pub(super) fn literal_hash(&self, seed: &Seed, end: End) -> u64 {
        seed.literal(self.base_hash(seed), end, self.last.as_bytes())
    }
}
