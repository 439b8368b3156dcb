//! The database file: who may use it, and what survives.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{error::Error, fs, path::Path, sync::Barrier};

use futures_util::FutureExt;
use mapping_store::{Installation, StoreError};
use mapping_store_sqlite::{OpenError, SqliteStore};
use rusqlite::Connection;

/// Why the file can't be used.
fn refused(path: &Path) -> OpenError {
    match SqliteStore::open(path) {
        Err(StoreError::Broken { source, .. }) => *source.downcast().unwrap(),
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
#[cfg(unix)]
fn only_its_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db")).unwrap();
    let mut names = Vec::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name());
    }
    assert!(names.len() >= 2, "the log is a file of its own: {names:?}");
    drop(store);
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    store.settle("name", "value").await.unwrap();
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.settle("name", "another").await.unwrap(), "value");
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_is_still_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let mut write = Box::pin(store.settle("name", "value"));
    // Polled once, which queues it, and then given up.
    assert!((&mut write).now_or_never().is_none());
    drop(write);
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.settle("name", "another").await.unwrap(), "value");
}

#[test]
fn many_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        let open = || {
            start.wait();
            SqliteStore::open(&path).map(drop)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (one, two) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let writes = names.iter().map(|name| async {
        let (ours, theirs) = tokio::join!(one.settle(name, "one"), two.settle(name, "two"));
        assert_eq!(ours.unwrap(), theirs.unwrap());
    });
    futures_util::future::join_all(writes).await;
}

#[test]
fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection.execute("INSERT INTO schema_migrations VALUES (999, 'future')", []).unwrap();
    drop(connection);
    let error = refused(&path);
    assert!(matches!(error, OpenError::Newer { found: 999, .. }), "{error:?}");
    assert!(error.to_string().contains("use the newer program"), "{error}");
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "no database ".repeat(1_000);
    fs::write(&path, &text).unwrap();
    assert!(matches!(refused(&path), OpenError::NotADatabase { .. }));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute("CREATE TABLE t (x)", []).unwrap();
    assert!(matches!(refused(&path), OpenError::Foreign { .. }));

    let path = folder.path().join("no").join("such").join("folder.db");
    let error = refused(&path);
    assert!(matches!(error, OpenError::File { .. }) && error.source().is_some(), "{error:?}");
    assert!(matches!(refused(folder.path()), OpenError::File { .. } | OpenError::Sqlite(_)));
}

#[test]
fn a_read_only_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(SqliteStore::open(&path).unwrap());
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let error = refused(&path);
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("is read-only; give this user leave"), "{error}");
}

#[test]
fn an_empty_file_becomes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fs::write(&path, "").unwrap();
    SqliteStore::open(&path).unwrap();
}

#[tokio::test]
async fn a_file_name_is_no_uri() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file:a.db?mode=memory");
    let store = SqliteStore::open(&path).unwrap();
    store.ping().await.unwrap();
    assert!(path.exists());
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_unavailable_and_then_available() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path).unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = store.settle("name", "value").await;
    assert!(matches!(held, Err(StoreError::Unavailable(_))), "{held:?}");
    // Reading goes on.
    store.ping().await.unwrap();
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.settle("name", "later").await.unwrap(), "later");
}
