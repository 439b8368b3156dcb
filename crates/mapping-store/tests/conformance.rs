//! The suite of every backend, on the store in memory.

use mapping_store::{MemoryStore, Store, conformance_tests};

async fn run(behaviour: impl AsyncFnOnce(&dyn Store)) {
    behaviour(&MemoryStore::new()).await;
}

conformance_tests!(run);
