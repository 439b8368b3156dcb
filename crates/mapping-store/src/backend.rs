//! What the adapters of all databases have in common: which rows can be kept, and how stored text becomes a value again.

mod storable;

use std::{error::Error, str::FromStr};

use arn_pattern::{ArnPattern, BareRole, IamRole, PatternRules};

use crate::StoreError;

pub use storable::{Storable, nul_free};

/// Turns a stored text back into its value.
///
/// # Errors
/// [`StoreError::Broken`] if it is not one: the row was written by a newer version, or by hand.
pub fn stored<T>(context: &'static str, text: &str) -> Result<T, StoreError>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    text.parse().map_err(|source| broken(context, source))
}

/// Turns a stored pattern back into its value by the most permissive rules, so that a stricter setting
/// never makes a row unreadable that an earlier one let in.
///
/// # Errors
/// [`StoreError::Broken`] if it is no pattern by any rules.
pub fn stored_pattern(text: &str) -> Result<ArnPattern, StoreError> {
    let rules = PatternRules::default()
        .with_bare_role(BareRole::AnySession)
        .with_session_prefix(true)
        .with_iam_role(IamRole::Warn);
    ArnPattern::parse(text, &rules).map_err(|source| broken("reading a stored pattern", source))
}

/// [`StoreError::Broken`] with its cause.
pub fn broken(
    context: &'static str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    StoreError::Broken { context, source: source.into() }
}

/// Whether a change took place, so that its audit event is due.
pub trait Happened {
    /// `false` only for the `false` that stands for "there is none of this id".
    fn happened(&self) -> bool;
}

impl Happened for () {
    fn happened(&self) -> bool {
        true
    }
}

impl Happened for bool {
    fn happened(&self) -> bool {
        *self
    }
}
