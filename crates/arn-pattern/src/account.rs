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
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let digits: [u8; 12] = bytes.try_into().ok()?;
        digits.iter().fold(true, |all, byte| all & byte.is_ascii_digit()).then_some(Self(digits))
    }

    /// The same id as a number below 10^12, for packing into keys.
    pub(crate) fn number(self) -> u64 {
        self.0.iter().fold(0, |number, digit| number * 10 + u64::from(digit & 0x0F))
    }
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
