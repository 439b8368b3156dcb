//! What the installation remembers, in memory.

use async_trait::async_trait;

use crate::{Installation, StoreError, backend::nul_free};

use super::MemoryStore;

#[async_trait]
impl Installation for MemoryStore {
    async fn settle(&self, name: &str, value: &str) -> Result<String, StoreError> {
        nul_free(&[("a fact's name", name), ("a fact's value", value)])?;
        let mut state = self.state();
        Ok(state.facts.entry(name.to_owned()).or_insert_with(|| value.to_owned()).clone())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
