//! The separate installations of AWS, a closed list.

use std::fmt;
use std::str::FromStr;

use crate::error::ParseError;

/// An AWS partition: the second field of an ARN.
///
/// The list is closed on purpose: an unknown partition is refused, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Partition {
    /// `aws`, the commercial Regions.
    Aws,
    /// `aws-us-gov`, GovCloud (US).
    AwsUsGov,
    /// `aws-cn`, China.
    AwsCn,
    /// `aws-eusc`, European Sovereign Cloud.
    AwsEusc,
    /// `aws-iso`, isolated.
    AwsIso,
    /// `aws-iso-b`, isolated.
    AwsIsoB,
    /// `aws-iso-e`, isolated.
    AwsIsoE,
    /// `aws-iso-f`, isolated.
    AwsIsoF,
}

impl Partition {
    /// Every partition, in the order in which messages list them.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsUsGov,
        Self::AwsCn,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
    ];

    /// The text that stands in the ARN.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsCn => "aws-cn",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
        }
    }

    /// The partition of this exact name, byte for byte.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == name)
    }
}

impl FromStr for Partition {
    type Err = ParseError;

    /// # Errors
    /// [`ParseError::Partition`] for a name that is not in the list; case counts.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::from_name(text).ok_or_else(|| ParseError::Partition { found: text.to_owned() })
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
