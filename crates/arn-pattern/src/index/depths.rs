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
    pub(super) const fn is_empty(&self) -> bool {
        self.patterns == 0
    }

    #[inline]
    pub(super) fn contains(&self, depth: usize) -> bool {
        self.bits.get(depth / 64).is_some_and(|word| word >> (depth % 64) & 1 == 1)
    }

    pub(super) fn add(&mut self, path: &str) {
        let depth = depth(path.as_bytes());
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

/// How many segments a path has; the empty path has none.
pub(super) fn depth(path: &[u8]) -> usize {
    if path.is_empty() { 0 } else { 1 + path.iter().filter(|byte| **byte == b'/').count() }
}
