//! Which of several matching patterns wins.

/// How narrow a pattern is. The greater value wins:
/// exact, then bare role, then wildcards by the length of the text before the `*`.
///
/// Two different patterns that match one caller never have equal specificity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Specificity {
    // The order of the fields is the order of comparison.
    rank: Rank,
    literal: u16,
}

/// The three classes, narrowest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rank {
    /// `…*`
    Wildcard,
    /// A role without a session.
    BareRole,
    /// No wildcard at all.
    Exact,
}

impl Specificity {
    pub(crate) const fn new(rank: Rank, literal: u16) -> Self {
        Self { rank, literal }
    }

    /// Bytes that a caller ARN must begin with.
    #[must_use]
    pub const fn literal_bytes(self) -> usize {
        self.literal as usize
    }
}
