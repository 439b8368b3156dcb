//! Keys at rest, one behind the other in large pieces of memory.
//!
//! A key is a head of 16 bytes and the names. The constant beginning of an ARN is not kept: the owner in
//! the head says the same in six bytes. Pieces are filled in turn and never move, so that growing an index does
//! not need its keys twice.

use super::key::End;
use crate::anatomy::Owner;

/// Bytes of a head.
const HEAD: usize = 16;
/// Keys begin at multiples of this, so that 32 bits reach 32 GiB.
const UNIT: usize = 8;
/// Units of a piece: 512 KiB.
const PIECE: usize = 1 << 16;
/// Less waste than this is not worth the time.
const TOLERATED: usize = 1 << 16;

/// Where a key lies: piece and unit within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// Everything that must be equal before names are compared: scope, owner, how the pattern ends, and
/// the length of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head(u128);

impl Head {
    /// The owner takes 47 bits of its word; 12 bits above it hold the length, two the end.
    #[inline]
    pub(super) fn new(scope: u64, owner: Owner, end: End, names: usize) -> Self {
        let word = owner.word() | (names as u64) << 48 | (end as u64) << 60;
        Self(u128::from(scope) << 64 | u128::from(word))
    }

    pub(super) const fn scope(self) -> u64 {
        (self.0 >> 64) as u64
    }

    pub(super) const fn owner(self) -> Owner {
        Owner::from_word(self.0 as u64 & ((1 << 48) - 1))
    }

    pub(super) const fn end(self) -> End {
        match (self.0 >> 60) & 3 {
            0 => End::Exact,
            1 => End::Prefix,
            _ => End::Under,
        }
    }

    #[inline]
    const fn names(self) -> usize {
        (self.0 >> 48) as usize & 0xFFF
    }

    /// Bytes that the key takes, padding included.
    const fn size(self) -> usize {
        (HEAD + self.names()).next_multiple_of(UNIT)
    }
}

/// The keys of one table.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    pieces: Vec<Vec<u8>>,
    live: usize,
    dead: usize,
}

impl Arena {
    /// Compares every byte of a key.
    #[inline]
    pub(super) fn holds(&self, place: Place, head: Head, names: &[u8]) -> bool {
        let (own_head, rest) = self.read(place);
        own_head == head && rest.get(..names.len()).is_some_and(|own| own == names)
    }

    /// The head and the names of a key.
    pub(super) fn get(&self, place: Place) -> (Head, &[u8]) {
        let (head, rest) = self.read(place);
        (head, rest.get(..head.names()).unwrap_or_default())
    }

    /// Adds a key.
    ///
    /// # Panics
    /// Past 32 GiB of keys, as collections do when a capacity overflows.
    pub(super) fn add(&mut self, head: Head, names: &[u8]) -> Place {
        let size = head.size();
        if self.pieces.last().is_none_or(|piece| piece.len() + size > PIECE * UNIT) {
            // The first piece grows with the index; after it space is taken a piece at a time.
            let space = if self.pieces.is_empty() { 0 } else { PIECE * UNIT };
            self.pieces.push(Vec::with_capacity(space));
        }
        let number = self.pieces.len() - 1;
        assert!(number < PIECE, "an index holds at most 32 GiB of keys");
        let mut place = number * PIECE;
        if let Some(piece) = self.pieces.last_mut() {
            place += piece.len() / UNIT;
            let padding = size - HEAD - names.len();
            piece.extend_from_slice(&head.0.to_le_bytes());
            piece.extend_from_slice(names);
            piece.extend_from_slice([0; UNIT].get(..padding).unwrap_or_default());
        }
        self.live += size;
        Place(u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// Gives up a key. Its space is won back when the keys are next moved together.
    pub(super) fn remove(&mut self, place: Place) {
        let size = self.read(place).0.size();
        self.live -= size;
        self.dead += size;
    }

    /// True if more than half of the space holds nothing.
    pub(super) const fn is_wasteful(&self) -> bool {
        self.dead > self.live + TOLERATED
    }

    /// Copies the keys at these places into new space, and notes where they are now.
    pub(super) fn move_together<'a>(&mut self, places: impl Iterator<Item = &'a mut Place>) {
        let old = std::mem::take(self);
        for place in places {
            let (head, names) = old.get(*place);
            *place = self.add(head, names);
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(Vec::capacity).sum();
        pieces + self.pieces.capacity() * size_of::<Vec<u8>>()
    }

    pub(super) fn shrink_to_fit(&mut self) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.shrink_to_fit();
        }
        self.pieces.shrink_to_fit();
    }

    /// The head at a place and all that follows it. An empty key if there is no such place.
    #[inline]
    fn read(&self, Place(place): Place) -> (Head, &[u8]) {
        let (number, unit) = (place as usize / PIECE, place as usize % PIECE);
        self.pieces
            .get(number)
            .and_then(|piece| piece.get(unit * UNIT..))
            .and_then(|bytes| bytes.split_first_chunk::<HEAD>())
            .map_or((Head(u128::MAX), &[]), |(head, rest)| (Head(u128::from_le_bytes(*head)), rest))
    }
}
