//! The thread that writes. All changes that wait are committed as one transaction, so that they share one
//! flush of the disk; each stands in a savepoint, so that one that fails takes no other with it.

use std::{
    io,
    sync::mpsc,
    thread::{Builder, JoinHandle},
};

use mapping_store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::fault::Fault;

/// Hands changes to the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    /// `None` once the store is being dropped.
    queue: Option<mpsc::Sender<Box<dyn Change>>>,
    thread: Option<JoinHandle<()>>,
}

/// A change, its outcome once it has run, and the way back of its answer.
trait Change: Send {
    /// Runs it; whether it is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Answers with the outcome, now that it is committed.
    fn committed(self: Box<Self>);

    /// Answers that nothing was written.
    fn lost(self: Box<Self>, why: &rusqlite::Error);
}

struct Pending<T, W> {
    work: Option<W>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T, Fault> + Send> Change for Pending<T, W> {
    fn run(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection).map_err(StoreError::from));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn committed(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // Nobody waits any more if the caller gave up; the change stands all the same.
            let _ = self.reply.send(outcome);
        }
    }

    fn lost(self: Box<Self>, why: &rusqlite::Error) {
        // What failed by itself keeps its own reason.
        let outcome = match self.outcome {
            Some(Err(error)) => Err(error),
            _ => Err(StoreError::Unavailable(why.to_string().into())),
        };
        let _ = self.reply.send(outcome);
    }
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> io::Result<Self> {
        let (queue, changes) = mpsc::channel();
        let thread = Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &changes))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
        reply: oneshot::Sender<Result<T, StoreError>>,
    ) -> Result<(), StoreError> {
        let change = Box::new(Pending { work: Some(work), outcome: None, reply });
        match self.queue.as_ref().map(|queue| queue.send(change)) {
            Some(Ok(())) => Ok(()),
            _ => Err(StoreError::Unavailable("the writing thread has ended".into())),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing more to lose.
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, changes: &mpsc::Receiver<Box<dyn Change>>) {
    while let Ok(first) = changes.recv() {
        let mut batch = Vec::new();
        match commit(connection, first, changes, &mut batch) {
            Ok(()) => batch.into_iter().for_each(Change::committed),
            Err(error) => {
                tracing::error!(error = %error, changes = batch.len(), "SQLite could not commit");
                roll_back(connection);
                batch.into_iter().for_each(|change| change.lost(&error));
            }
        }
    }
}

/// Runs the first change and those that have queued up meanwhile, as one transaction. The batch holds
/// every change that was taken from the queue, whatever comes of it.
fn commit(
    connection: &Connection,
    first: Box<dyn Change>,
    changes: &mpsc::Receiver<Box<dyn Change>>,
    batch: &mut Vec<Box<dyn Change>>,
) -> Result<(), rusqlite::Error> {
    let mut next = Some(first);
    let begun = execute(connection, "BEGIN IMMEDIATE");
    while let Some(mut change) = next {
        let ran = begun.is_ok().then(|| in_savepoint(connection, change.as_mut()));
        batch.push(change);
        ran.transpose()?;
        next = if batch.len() < BATCH { changes.try_recv().ok() } else { None };
    }
    begun?;
    execute(connection, "COMMIT")
}

fn in_savepoint(
    connection: &Connection,
    change: &mut (dyn Change + 'static),
) -> Result<(), rusqlite::Error> {
    execute(connection, "SAVEPOINT change")?;
    if !change.run(connection) {
        // Fails where SQLite has rolled the whole transaction back by itself, as on a full disk:
        // then the other changes are lost too, and must not be acknowledged.
        execute(connection, "ROLLBACK TO change")?;
    }
    execute(connection, "RELEASE change")
}

fn execute(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

fn roll_back(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = execute(connection, "ROLLBACK") {
        tracing::error!(error = %error, "SQLite could not roll back");
    }
}

/// Changes in one transaction at most, so that the first of them need not wait for long.
const BATCH: usize = 256;
