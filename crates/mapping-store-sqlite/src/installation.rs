//! What the installation remembers.

use async_trait::async_trait;
use mapping_store::{Installation, StoreError, backend::nul_free};

use crate::{
    SqliteStore,
    columns::{one, run},
};

#[async_trait]
impl Installation for SqliteStore {
    async fn settle(&self, name: &str, value: &str) -> Result<String, StoreError> {
        nul_free(&[("a fact's name", name), ("a fact's value", value)])?;
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(move |connection| {
            run(connection, SETTLE, [&name, &value])?;
            let kept = one(connection, FACT, [&name], |columns| columns.take())?;
            Ok(kept.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|connection| {
            one(connection, "SELECT 1 FROM schema_migrations", [], |columns| columns.take::<i64>())
        })
        .await
        .map(drop)
    }
}

const SETTLE: &str = "
    INSERT INTO installation_facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";

const FACT: &str = "SELECT value FROM installation_facts WHERE name = ?1";
