//! A key at rest.

use super::key::{End, Seed};
use crate::anatomy::Owner;

/// Bytes of a stored key before its names: scope and owner.
const HEAD: usize = 16;

/// Scope, owner and names in one allocation of the exact size. The ARN's constant beginning is not kept:
/// the owner says the same in eight bytes.
#[derive(Clone, Debug)]
pub(super) struct Stored(Box<[u8]>);

impl Stored {
    pub(super) fn new(scope: u64, owner: Owner, names: &str) -> Self {
        let (scope, owner) = (scope.to_le_bytes(), owner.word().to_le_bytes());
        Self([scope.as_slice(), &owner, names.as_bytes()].concat().into_boxed_slice())
    }

    /// Compares every byte.
    #[inline]
    pub(super) fn is(&self, scope: u64, owner: Owner, names: &[u8]) -> bool {
        let (own_scope, own_owner, own_names) = self.parts();
        own_scope == scope && own_owner == owner && own_names == names
    }

    pub(super) fn hash_as_base(&self, seed: &Seed) -> u64 {
        let (scope, owner, names) = self.parts();
        seed.base(scope, owner, names)
    }

    pub(super) fn hash_as_literal(&self, seed: &Seed, end: End) -> u64 {
        let (scope, owner, names) = self.parts();
        let (base, last) = match names.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => names.split_at(slash),
            None => (<&[u8]>::default(), names),
        };
        let last = last.strip_prefix(b"/").unwrap_or(last);
        seed.literal(seed.base(scope, owner, base), end, last)
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn parts(&self) -> (u64, Owner, &[u8]) {
        let Some((head, names)) = self.0.split_first_chunk::<HEAD>() else {
            return (u64::MAX, Owner::from_word(u64::MAX), &[]);
        };
        let words = u128::from_le_bytes(*head);
        (words as u64, Owner::from_word((words >> 64) as u64), names)
    }
}
