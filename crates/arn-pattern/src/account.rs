//! The twelve digits that name an AWS account.

use std::fmt;
use std::str::FromStr;

use crate::error::ParseError;

/// An AWS account id: twelve ASCII digits, kept as text because leading zeros count.
///
/// ```
/// let account: arn_pattern::AccountId = "000000000042".parse()?;
/// assert_eq!(account.as_str(), "000000000042");
/// # Ok::<(), arn_pattern::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Takes the twelve bytes if all are digits.
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let id = Self(bytes.try_into().ok()?);
        let (head, tail) = id.words();
        (all_digits(head) && all_digits(tail)).then_some(id)
    }

    /// The same id as a number below 10^12, for packing into keys.
    #[inline]
    pub(crate) fn number(self) -> u64 {
        let (head, tail) = self.words();
        value(head) * 10_000 + value(tail)
    }

    /// The first eight bytes, and the last four after four zeros.
    #[inline]
    fn words(self) -> (u64, u64) {
        let [a, b, c, d, e, f, g, h, w, x, y, z] = self.0;
        let zero = b'0';
        (
            u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            u64::from_le_bytes([zero, zero, zero, zero, w, x, y, z]),
        )
    }
}

/// Whether all eight bytes are ASCII digits, tested at once.
const fn all_digits(word: u64) -> bool {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    // A digit keeps its upper half when 6 is added; `:` to `?`, which share it, do not.
    word & UPPER == ZEROS && word.wrapping_add(0x0606_0606_0606_0606) & UPPER == ZEROS
}

/// The number that eight ASCII digits say: pairs are joined three times.
const fn value(word: u64) -> u64 {
    let pairs = (word & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(10 << 8 | 1) >> 8;
    let fours = (pairs & 0x00FF_00FF_00FF_00FF).wrapping_mul(100 << 16 | 1) >> 16;
    (fours & 0x0000_FFFF_0000_FFFF).wrapping_mul(10_000 << 32 | 1) >> 32
}

impl FromStr for AccountId {
    type Err = ParseError;

    /// # Errors
    /// [`ParseError::Account`] unless `text` is exactly twelve ASCII digits.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_bytes(text.as_bytes())
            .ok_or_else(|| ParseError::Account { found: text.to_owned() })
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_the_digits_say() {
        for text in ["000000000000", "123456789012", "999999999999", "000100020003", "100000000000"]
        {
            let id: AccountId = text.parse().unwrap();
            assert_eq!(id.number(), text.parse::<u64>().unwrap());
        }
    }

    #[test]
    fn every_other_byte_is_refused_at_every_place() {
        for place in 0..12 {
            for byte in 0..=u8::MAX {
                let mut text = *b"123456789012";
                text[place] = byte;
                assert_eq!(AccountId::from_bytes(&text).is_some(), byte.is_ascii_digit());
            }
        }
    }
}
