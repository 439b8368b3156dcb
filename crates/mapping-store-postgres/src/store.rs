//! The store: a pool of connections, and a limit on how long each call may take.

use std::{future::Future, time::Duration};

use auth_model::AuditEvent;
use deadpool_postgres::{Object, Pool};
use futures_util::future::try_join_all;
use mapping_store::{
    StoreError,
    backend::{Happened, Storable},
};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    audit,
    change::Change,
    connect, fault,
    hidden::{borrowed, hidden},
    lists::Statement,
    migrations,
    settings::PostgresConfig,
};

/// Values of a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Keeps everything in a PostgreSQL database, for any number of replicas.
///
/// * **Cost**: a query is one round trip; a change is four (begin, write, audit event, commit).
/// * **Time**: no call takes longer than the configured time-out (and a second); a database that hangs yields
///   [`StoreError::Unavailable`].
/// * **Durable** as the database is: a change is acknowledged after its commit was, so leave `synchronous_commit` on.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: Pool,
    timeout: Duration,
}

impl PostgresStore {
    /// Connects with the default settings of [`PostgresConfig`] and brings the tables up to date.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(&PostgresConfig::new(url)).await
    }

    /// Connects and brings the tables up to date. Replicas that start at once do so one after the other.
    ///
    /// # Errors
    /// [`StoreError::Broken`] with a [`ConnectError`](crate::ConnectError) as its source if the database can't be used,
    /// [`StoreError::Unavailable`] if it does not answer or refuses the connection.
    pub async fn connect_with(config: &PostgresConfig) -> Result<Self, StoreError> {
        // The server's own limit comes first, so that the connection survives it.
        let timeout = config.timeout + Duration::from_secs(1);
        let store = Self { pool: connect::pool(config)?, timeout };
        let mut client = store.client().await?;
        migrations::apply(&mut client).await?;
        Ok(store)
    }

    /// Runs a statement by itself; its rows.
    pub(crate) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        tracing::trace!("a query");
        let mut lease = Lease::new(self.within(self.client()).await?);
        let client = lease.client()?;
        let rows = async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &borrowed(&hidden(values))).await
        };
        let rows = self.within(async { rows.await.map_err(fault::statement) }).await;
        lease.settle(&rows);
        rows
    }

    /// Runs a statement by itself; its first row.
    pub(crate) async fn row(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Asks several things as of one moment; the rows of each. In two round trips, and each planned for its own values: how far
    /// into a list somebody looks decides which way there is the shortest.
    pub(crate) async fn ask(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        tracing::trace!("queries as of one moment");
        let mut lease = Lease::new(self.within(self.client()).await?);
        let client = lease.client()?;
        let work = async {
            let prepare = statements.iter().map(|statement| client.prepare_cached(&statement.sql));
            let (begun, prepared) =
                tokio::join!(biased; client.batch_execute(BEGIN_ASKING), try_join_all(prepare));
            let answers = match begun.and(prepared) {
                Err(error) => Err(error),
                Ok(prepared) => {
                    let values: Vec<_> = statements.iter().map(Statement::values).collect();
                    let values: Vec<_> = values.iter().map(|values| hidden(values)).collect();
                    let values: Vec<_> = values.iter().map(|values| borrowed(values)).collect();
                    let queries = prepared.iter().zip(&values);
                    let queries = queries.map(|(prepared, values)| client.query(prepared, values));
                    return match tokio::join!(biased; try_join_all(queries), client.batch_execute("COMMIT"))
                    {
                        (Ok(answers), Ok(())) => Ok(answers),
                        (Err(error), _) | (_, Err(error)) => Err(error),
                    };
                }
            };
            client.batch_execute("ROLLBACK").await?;
            answers
        };
        let answers = self.within(async { work.await.map_err(fault::statement) }).await;
        lease.settle(&answers);
        answers
    }

    /// Runs a change in a transaction of its own and, if it took place, keeps its audit event in the same one.
    pub(crate) async fn change<T: Happened>(
        &self,
        event: Option<&AuditEvent>,
        steps: impl AsyncFnOnce(&Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        event.map_or(Ok(()), Storable::storable)?;
        tracing::trace!("a change");
        let mut lease = Lease::new(self.within(self.client()).await?);
        let change = Change::new(lease.client()?);
        let outcome = self.within(async {
            change.begin().await?;
            let outcome = async {
                let outcome = steps(&change).await?;
                if let Some(event) = event.filter(|_| outcome.happened()) {
                    audit::insert(&change, event).await?;
                }
                Ok(outcome)
            };
            match outcome.await {
                Ok(outcome) if outcome.happened() => change.commit().await.map(|()| outcome),
                refused => change.roll_back().await.and(refused),
            }
        });
        let outcome = outcome.await;
        lease.settle(&outcome);
        outcome
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(fault::pool)
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answer = tokio::time::timeout(self.timeout, work).await;
        answer.map_err(|late| StoreError::Unavailable(late.into()))?
    }
}

const BEGIN_ASKING: &str = "
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan";

/// A connection in use. It goes back to the pool only if its last answer has come: a call that is given up half-way
/// (by time-out, or because the caller went away) closes it, so that the next user does not wait behind it.
struct Lease {
    client: Option<Object>,
    settled: bool,
}

impl Lease {
    fn new(client: Object) -> Self {
        Self { client: Some(client), settled: false }
    }

    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Unavailable("the connection is gone".into()))
    }

    /// Whatever was asked was answered, or the connection is to be closed.
    fn settle<T>(&mut self, outcome: &Result<T, StoreError>) {
        self.settled = !matches!(outcome, Err(StoreError::Unavailable(_)));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|_| !self.settled) {
            drop(Object::take(client));
        }
    }
}
