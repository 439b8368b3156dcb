//! The store: one thread that writes, a few that read.

use std::path::Path;

use auth_model::AuditEvent;
use mapping_store::{
    StoreError,
    backend::{Happened, Storable, broken},
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    audit,
    fault::Fault,
    migrations,
    open::{self, OpenError},
    readers::Readers,
    writer::Writer,
};

/// Keeps everything in one SQLite file.
///
/// * **Durable**: a call that changes something returns when the change is on disk.
/// * **Cost**: writes queue for one thread, which commits all that wait as one transaction, so that many at once share one
///   flush of the disk. Reads run beside it on threads of their own and see every write that was acknowledged before.
/// * **Several processes** may use one file of the same machine; a write waits up to five seconds for the others.
/// * **Dropping** it finishes what is queued and joins the threads.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file, makes it (readable by its owner alone) if there is none, and brings its tables up to date.
    ///
    /// Blocks on the disk for some milliseconds, as a program's start may.
    ///
    /// # Errors
    /// [`StoreError::Broken`] with an [`OpenError`] as its source if the file can't be used,
    /// [`StoreError::Unavailable`] if another process holds it for too long.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        open::create(path)?;
        let mut connection = open::writer(path)?;
        migrations::apply(&mut connection, path)?;
        let readers = Readers::start(path)?;
        let writer = Writer::start(connection).map_err(opening)?;
        Ok(Self { readers, writer })
    }

    /// Runs a query on one of the reading threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        tracing::trace!("a query");
        let (reply, answer) = oneshot::channel();
        self.readers.submit(Box::new(move |connection| {
            // Nobody waits any more if the caller gave up; that is no fault.
            let _ = reply.send(work(connection).map_err(StoreError::from));
        }))?;
        answer.await.map_err(|gone| StoreError::Unavailable(gone.into()))?
    }

    /// Runs a change on the writing thread; returns after the commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        tracing::trace!("a change");
        let (reply, answer) = oneshot::channel();
        self.writer.submit(work, reply)?;
        answer.await.map_err(|gone| StoreError::Unavailable(gone.into()))?
    }

    /// Runs a change and, if it took place, keeps its audit event in the same transaction.
    pub(crate) async fn change<T: Happened + Send + 'static>(
        &self,
        event: &AuditEvent,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        event.storable()?;
        let event = event.clone();
        self.write(move |connection| {
            let outcome = work(connection)?;
            if outcome.happened() {
                audit::insert(connection, &event)?;
            }
            Ok(outcome)
        })
        .await
    }
}

/// Says that it happened while the file was opened.
pub(crate) fn opening(error: impl Into<OpenError>) -> StoreError {
    broken("opening the SQLite database", error.into())
}
