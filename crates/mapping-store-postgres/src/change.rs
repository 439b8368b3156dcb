//! A transaction that changes rows.

use mapping_store::StoreError;
use tokio_postgres::Row;

use crate::{
    fault,
    hidden::{borrowed, hidden},
    store::Values,
};

/// A transaction on a connection that nobody else uses.
///
/// Each row that a change writes is locked until its end. All changes lock what they refer to before what they write,
/// which is what the references do by themselves.
pub(crate) struct Change<'a> {
    client: &'a deadpool_postgres::Object,
}

impl<'a> Change<'a> {
    pub(crate) fn new(client: &'a deadpool_postgres::Object) -> Self {
        Self { client }
    }

    pub(crate) async fn begin(&self) -> Result<(), StoreError> {
        self.client.batch_execute("BEGIN").await.map_err(fault::statement)
    }

    pub(crate) async fn commit(&self) -> Result<(), StoreError> {
        self.client.batch_execute("COMMIT").await.map_err(fault::statement)
    }

    pub(crate) async fn roll_back(&self) -> Result<(), StoreError> {
        self.client.batch_execute("ROLLBACK").await.map_err(fault::statement)
    }

    /// Runs a statement; how many rows it wrote.
    pub(crate) async fn run(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let statement = self.client.prepare_cached(sql).await.map_err(fault::statement)?;
        self.client.execute(&statement, &borrowed(&hidden(values))).await.map_err(fault::statement)
    }

    /// Runs a statement; its rows.
    pub(crate) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.client.prepare_cached(sql).await.map_err(fault::statement)?;
        self.client.query(&statement, &borrowed(&hidden(values))).await.map_err(fault::statement)
    }
}
