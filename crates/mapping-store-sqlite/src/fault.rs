//! From SQLite's errors to the port's.

use mapping_store::{StoreError, backend::broken};
use rusqlite::{
    Error, ErrorCode,
    ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE},
};

/// What can go wrong while a statement runs; lets `?` work on both kinds.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite's own.
    Sqlite(Error),
    /// Decided by us.
    Store(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error,
            Fault::Sqlite(error) if passes(&error) => Self::Unavailable(error.into()),
            Fault::Sqlite(error) => broken("running a statement of SQLite", error),
        }
    }
}

/// Whether it may go well another time: another process holds the file, or the disk is full.
fn passes(error: &Error) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, OutOfMemory,
        ReadOnly, SystemIoFailure,
    };
    matches!(
        error.sqlite_error_code(),
        Some(
            CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | FileLockingProtocolFailed
                | OutOfMemory
                | ReadOnly
                | SystemIoFailure
        )
    )
}

/// Turns the refusal of a second row of the same key into [`StoreError::Duplicate`].
pub(crate) fn duplicate(what: &'static str) -> impl FnOnce(Error) -> Fault {
    move |error| match &error {
        Error::SqliteFailure(failure, _)
            if matches!(
                failure.extended_code,
                SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY
            ) =>
        {
            StoreError::Duplicate { what }.into()
        }
        _ => error.into(),
    }
}
