#![doc = include_str!("../README.md")]

mod attributes;
mod difference;
mod error;
mod grants;
mod index;
mod mapping;

pub use attributes::Attributes;
pub use auth_model::AuthnTarget as Target;
pub use difference::Difference;
pub use error::{LimitError, Part};
pub use grants::Grants;
pub use index::MappingIndex;
pub use mapping::MappingRule;

/// The most attributes, by name, that one person may bring.
pub const MAX_ATTRIBUTES: usize = 1_000;
/// The most different values of all attributes together.
pub const MAX_VALUES: usize = 10_000;
/// The longest attribute name, in bytes.
pub const MAX_KEY_BYTES: usize = 1_024;
/// The longest attribute value, in bytes.
pub const MAX_VALUE_BYTES: usize = 1_024;
/// The most mappings that one index holds.
pub const MAX_MAPPINGS: usize = 16_000_000;
