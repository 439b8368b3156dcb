//! The threads that read, each with a connection of its own.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{Builder, JoinHandle},
};

use mapping_store::StoreError;
use rusqlite::Connection;

use crate::{open, store::opening};

/// A query, with the way back of its answer inside.
type Query = Box<dyn FnOnce(&Connection) + Send>;

/// Hands queries to whichever thread is free.
#[derive(Debug)]
pub(crate) struct Readers {
    /// `None` once the store is being dropped.
    queue: Option<mpsc::Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(path: &Path) -> Result<Self, StoreError> {
        let (queue, queries) = mpsc::channel();
        let queries = Arc::new(Mutex::new(queries));
        let mut readers = Self { queue: Some(queue), threads: Vec::with_capacity(THREADS) };
        for number in 0..THREADS {
            let connection = open::reader(path)?;
            let thread = start(number, connection, Arc::clone(&queries)).map_err(opening)?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub(crate) fn submit(&self, query: Query) -> Result<(), StoreError> {
        let sent = self.queue.as_ref().map(|queue| queue.send(query));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(StoreError::Unavailable("the reading threads have ended".into())),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to lose.
            let _ = thread.join();
        }
    }
}

fn start(
    number: usize,
    connection: Connection,
    queries: Arc<Mutex<mpsc::Receiver<Query>>>,
) -> io::Result<JoinHandle<()>> {
    Builder::new().name(format!("sqlite-reader-{number}")).spawn(move || {
        // The lock is held while waiting, so one thread waits for a query and the others for the lock.
        let next = || queries.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(query) = next() {
            query(&connection);
        }
    })
}

/// Reads are short and come from memory mostly: a few threads keep several cores busy.
const THREADS: usize = 4;
