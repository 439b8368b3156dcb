//! What the installation remembers.

use async_trait::async_trait;
use mapping_store::{
    Installation, StoreError,
    backend::{broken, nul_free},
};

use crate::{PostgresStore, columns::one};

#[async_trait]
impl Installation for PostgresStore {
    async fn settle(&self, name: &str, value: &str) -> Result<String, StoreError> {
        nul_free(&[("a fact's name", name), ("a fact's value", value)])?;
        let kept = self.row(SETTLE, &[&name, &value]).await?;
        one(kept.as_ref(), |columns| columns.take())?
            .ok_or_else(|| broken("settling a fact", "no row came back"))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.row("SELECT 1 FROM schema_migrations LIMIT 1", &[]).await.map(drop)
    }
}

/// Writes the row over itself where there is one, because only a row that is written comes back, also from a race.
const SETTLE: &str = "
    INSERT INTO installation_facts AS f (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = f.value RETURNING value";
