//! Parts of lists: sorted and cut when they are asked for.

use std::cmp::Ordering;

use crate::{Direction, Listed, Slice, backend::wanted};

/// A part of the rows that are looked for, in an order; `total` counts all of them.
pub(super) fn listed<R>(
    total: usize,
    mut rows: Vec<R>,
    direction: Direction,
    slice: Slice,
    order: impl Fn(&R, &R) -> Ordering,
) -> Listed<R> {
    rows.sort_by(|a, b| match direction {
        Direction::Ascending => order(a, b),
        Direction::Descending => order(b, a),
    });
    let filtered = rows.len();
    let rows = rows.into_iter().skip(size(slice.offset)).take(size(slice.limit)).collect();
    Listed { rows, total: count(total), filtered: count(filtered) }
}

/// Whether a folded text holds what is looked for.
pub(super) fn holds(folded: &str, text: &str) -> bool {
    text.is_empty() || folded.contains(&wanted(text))
}

/// As many as a port's answer counts.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn size(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
