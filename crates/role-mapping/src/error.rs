//! What is too long or too many.

use std::fmt;

/// More than is taken from outside. Names the part and the limit, and repeats no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {found} where at most {max} are taken")]
pub struct LimitError {
    /// What is over its limit.
    pub part: Part,
    /// The limit.
    pub max: usize,
    /// What there would have been.
    pub found: usize,
}

impl LimitError {
    /// Passes `found` on if it is within the limit.
    pub(crate) fn check(part: Part, found: usize, max: usize) -> Result<(), Self> {
        if found <= max { Ok(()) } else { Err(Self { part, max, found }) }
    }
}

/// What has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Number of attributes.
    Attributes,
    /// Number of values of all attributes.
    Values,
    /// Length of an attribute's name.
    Key,
    /// Length of an attribute's value.
    Value,
    /// Number of mappings.
    Mappings,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attributes => "attributes",
            Self::Values => "attribute values",
            Self::Key => "bytes of an attribute key",
            Self::Value => "bytes of an attribute value",
            Self::Mappings => "mappings",
        })
    }
}
