//! What can go wrong in a store.

use std::error::Error;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The organization already has a row with this unique value; nothing was written.
    #[error("there is already {what} like this")]
    Duplicate {
        /// Which kind of row, with its article: `a persona mapping`, `an AWS account`.
        what: &'static str,
    },
    /// The pattern's AWS account is not integrated with the organization; nothing was written.
    #[error("the AWS account is not integrated with the organization")]
    AccountNotIntegrated,
    /// The row refers to one that the organization does not have; nothing was written.
    #[error("the organization has no such {what}")]
    Missing {
        /// Which kind of row: `user`, `role`.
        what: &'static str,
    },
    /// Nobody would be left who manages access: an enabled user who holds `user_access_manage`; nothing was written.
    #[error(
        "nobody would be left who manages access: give another enabled user a role with `user_access_manage` first"
    )]
    LastAdmin,
    /// There are as many as there may be; nothing was written.
    #[error("there are {at_most} {what} already, which is all that there may be; delete one first")]
    Full {
        /// Which kind of row, in the plural: `API keys`.
        what: &'static str,
        /// How many there may be.
        at_most: u64,
    },
    /// A text holds U+0000, which not every backend can keep; nothing was written.
    #[error("{what} has a NUL character; leave it out")]
    Nul {
        /// Which text: `a role's name`.
        what: &'static str,
    },
    /// The backend could not be reached or did not answer in time. Trying again may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The backend answered with something that this version can't read or did not expect. Trying again does not help.
    #[error("the store failed: {context}")]
    Broken {
        /// What was being done or read.
        context: &'static str,
        /// The backend's own words.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}
