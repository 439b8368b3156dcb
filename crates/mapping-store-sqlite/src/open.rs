//! Opening the database file.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use mapping_store::StoreError;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use crate::store::opening;

/// Why a database file can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file could not be made or read.
    #[error("`{}` can't be opened; check that its folder exists and that this user may write there", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        #[source]
        source: io::Error,
    },
    /// The file may only be read.
    #[error("`{}` is read-only; give this user leave to write it and its folder", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("`{}` is not a SQLite database; name another file", .path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer program has changed the tables.
    #[error("`{}` has tables of version {found}, and this program knows those up to {known}; use the newer program", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database's tables are not those of this program.
    #[error("`{}` is the database of another program; name another file", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite failed otherwise.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[from] io::Error),
}

/// Makes the file where there is none, readable by its owner alone: it holds sealed keys and who may do what.
/// SQLite gives the files that it makes beside it the same mode.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => may_be_written(path),
        Err(source) => Err(opening(OpenError::File { path: path.to_owned(), source })),
    }
}

/// A file that is marked read-only is left alone even by a user whom the mark does not stop.
fn may_be_written(path: &Path) -> Result<(), StoreError> {
    let metadata = std::fs::metadata(path)
        .map_err(|source| opening(OpenError::File { path: path.to_owned(), source }))?;
    if metadata.permissions().readonly() {
        return Err(opening(OpenError::ReadOnly { path: path.to_owned() }));
    }
    Ok(())
}

/// The connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Connection, StoreError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| explain(path, error))
}

/// A connection that only reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = connection.map_err(|error| explain(path, error))?;
    connection.pragma_update(None, "query_only", true).map_err(opening)?;
    Ok(connection)
}

fn connect(path: &Path, mode: OpenFlags) -> Result<Connection, rusqlite::Error> {
    // No URIs: a file name is a file name, whatever it begins with.
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if connection.is_readonly(MAIN_DB)? {
        return Err(read_only());
    }
    write_ahead(&connection)?;
    // In this mode a commit is on disk when it returns, even if the machine loses power.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    Ok(connection)
}

/// Switches to a write-ahead log. Several processes that start at once get in each other's way here,
/// and SQLite does not wait by itself.
fn write_ahead(connection: &Connection) -> Result<(), rusqlite::Error> {
    let mut tries = BUSY_TIMEOUT.as_millis() / RETRY.as_millis();
    loop {
        let mode = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Err(error) if busy(&error) && tries > 0 => {
                tries -= 1;
                std::thread::sleep(RETRY);
            }
            done => return done.map(drop),
        }
    }
}

pub(crate) fn busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn read_only() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY), None)
}

/// Finds the words for what SQLite reports by a number.
pub(crate) fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    if busy(&error) {
        return StoreError::Unavailable(error.into());
    }
    opening(match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path },
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::CannotOpen) => OpenError::File { path, source: io::Error::other(error) },
        _ => OpenError::Sqlite(error),
    })
}

/// How long a connection waits for the lock of another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long between tries where SQLite does not wait by itself.
const RETRY: Duration = Duration::from_millis(10);

/// Pages that each connection keeps at most, in KiB where negative: what the upper levels of large indexes need.
const CACHE_KIB: i64 = -16_384;

/// Prepared statements that each connection keeps: more than there are.
const STATEMENTS: usize = 128;
