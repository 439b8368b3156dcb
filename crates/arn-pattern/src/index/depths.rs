//! At which depths of an IAM path a scope has patterns, so that a caller with a path of 240 slashes
//! costs only the depths in use.

/// A set of depths; a depth is the number of segments of a path, from 1 to 255.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Depths {
    bits: [u64; 4],
    /// How many patterns stand behind the bits. Bits are cleared only when all of them are gone:
    /// a stale bit costs a probe, never an answer.
    patterns: usize,
}

impl Depths {
    #[inline]
    pub(super) fn contains(&self, depth: usize) -> bool {
        self.bits.get(depth / 64).is_some_and(|word| word >> (depth % 64) & 1 == 1)
    }

    /// The greatest depth in use; 0 if there is none.
    #[inline]
    pub(super) fn deepest(&self) -> usize {
        let highest = |(at, word): (usize, &u64)| word.checked_ilog2().map(|bit| at + bit as usize);
        (0..).step_by(64).zip(&self.bits).filter_map(highest).last().unwrap_or_default()
    }

    pub(super) fn add(&mut self, path: &str) {
        let depth = path.split('/').count();
        if let Some(word) = self.bits.get_mut(depth / 64) {
            *word |= 1 << (depth % 64);
        }
        self.patterns += 1;
    }

    pub(super) fn remove(&mut self) {
        self.patterns = self.patterns.saturating_sub(1);
        if self.patterns == 0 {
            self.bits = [0; 4];
        }
    }
}
