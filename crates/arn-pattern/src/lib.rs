#![doc = include_str!("../README.md")]

mod account;
mod alphabet;
mod anatomy;
mod caller;
mod candidates;
mod error;
mod explain;
mod index;
mod partition;
mod pattern;
mod rules;
mod specificity;
mod warning;

pub use account::AccountId;
pub use caller::{CallerArn, Principal};
pub use candidates::Candidates;
pub use error::{Field, ParseError};
pub use explain::Mismatch;
pub use index::{Matches, PatternIndex};
pub use partition::Partition;
pub use pattern::{ArnPattern, PatternKind};
pub use rules::{BareRole, IamRole, PatternRules};
pub use specificity::Specificity;
pub use warning::Warning;

/// Longest ARN or pattern that is read, in bytes.
pub const MAX_BYTES: usize = 2048;
