//! From PostgreSQL's errors to the port's.

use deadpool_postgres::PoolError;
use mapping_store::{StoreError, backend::broken};
use tokio_postgres::error::{DbError, Error, SqlState};

/// Why a connection could not be had.
pub(crate) fn pool(error: PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => connecting(error),
        error => StoreError::Unavailable(error.into()),
    }
}

/// Why a new connection was refused. A wrong password does not mend itself, but who starts before the database does
/// should go on trying, and either is the operator's to put right: the server's words say which it is.
fn connecting(error: Error) -> StoreError {
    StoreError::Unavailable(error.into())
}

/// Why a statement failed.
pub(crate) fn statement(error: Error) -> StoreError {
    let decided = match error.as_db_error() {
        Some(db) if *db.code() == SqlState::UNIQUE_VIOLATION => duplicate(db),
        Some(db) if *db.code() == SqlState::FOREIGN_KEY_VIOLATION => missing(db),
        Some(db) if passes(db.code()) => return StoreError::Unavailable(error.into()),
        None if !answered(&error) => return StoreError::Unavailable(error.into()),
        _ => None,
    };
    decided.unwrap_or_else(|| broken("running a statement of PostgreSQL", error))
}

/// Whether the driver itself could not make sense of values, rather than lost its connection.
fn answered(error: &Error) -> bool {
    use std::error::Error as _;
    let io = error.source().is_some_and(|source| source.is::<std::io::Error>());
    !io && !error.is_closed()
}

/// Whether it may go well another time: the server is busy, starting, going down or being replaced, or gave up for lack of time.
/// A deadlock is among them: changes take their locks in one order, so that only an administrator's own statements can cause one.
fn passes(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    // Connection, resources, intervention of the operator, failures of the system around it; transactions rolled back.
    matches!(class, "08" | "53" | "57" | "58" | "40")
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}

fn duplicate(db: &DbError) -> Option<StoreError> {
    let what = match db.table() {
        Some("organizations") => "an organization",
        Some("users") => "a user",
        Some("roles") => "a role",
        Some("aws_accounts") => "an AWS account",
        Some("persona_mappings") => "a persona mapping",
        Some("intake_mappings") => "an intake mapping",
        Some("api_keys") => "an API key",
        Some("app_keys") => "an application key",
        Some("teams") => "a team",
        Some("authn_mappings") => "an authN mapping",
        Some("team_members") => "a member of the team",
        Some("invitations") => "an invitation",
        Some("sign_in_requests") => "a sign-in request",
        Some("sessions") => "a session",
        Some("kept_assertions") => "an assertion",
        Some("signing_keys") => "a signing key",
        Some("audit_events") => "an audit event",
        _ => return None,
    };
    Some(StoreError::Duplicate { what })
}

/// The name of a reference says what it refers to.
fn missing(db: &DbError) -> Option<StoreError> {
    let name = db.constraint().and_then(|name| name.rsplit_once("__"));
    let what = match name.map(|(_, what)| what) {
        Some("organization") => "organization",
        Some("user") => "user",
        Some("role") => "role",
        Some("team") => "team",
        Some("mapping") => "intake mapping",
        _ => return None,
    };
    Some(StoreError::Missing { what })
}
