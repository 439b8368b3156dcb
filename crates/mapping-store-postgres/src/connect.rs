//! Connecting: the pool, and what each of its connections is told.

use std::{path::PathBuf, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use mapping_store::{StoreError, backend::broken};
use tokio_postgres::NoTls;

use crate::{
    settings::{self, PostgresConfig},
    tls,
};

/// Why a database can't be used, other than that it does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection string is wrong.
    #[error("the connection string is not one; write `postgres://USER:PASSWORD@HOST/DATABASE`")]
    Url(#[source] tokio_postgres::Error),
    /// There is no such mode.
    #[error(
        "`{found}` is not an sslmode; write `verify-full`, or `disable` for a connection that may be plain"
    )]
    SslMode {
        /// What was given.
        found: String,
    },
    /// The certificates to trust can't be read.
    #[error("the certificates in `{}` can't be read; `sslrootcert` names a PEM file", .path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: rustls_pki_types::pem::Error,
    },
    /// There are no certificates to trust.
    #[error("there are no certificates to trust; name a PEM file with `sslrootcert`")]
    NoRoots,
    /// Encryption could not be set up.
    #[error("TLS can't be set up")]
    Tls(#[source] rustls::Error),
    /// The pool could not be set up.
    #[error("the connection pool can't be set up")]
    Pool(#[source] deadpool_postgres::BuildError),
    /// The database keeps text in another encoding.
    #[error("the database's encoding is `{found}`; create one with `ENCODING 'UTF8'`")]
    Encoding {
        /// Its encoding.
        found: String,
    },
    /// There is no schema to make tables in.
    #[error("the search path names no schema that exists; create it, or leave `search_path` alone")]
    NoSchema,
    /// A newer program has changed the tables.
    #[error(
        "the tables are of version {found}, and this program knows those up to {known}; use the newer program"
    )]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
}

impl From<ConnectError> for StoreError {
    fn from(error: ConnectError) -> Self {
        broken("opening the PostgreSQL database", error)
    }
}

/// A pool of connections; none is made yet.
pub(crate) fn pool(config: &PostgresConfig) -> Result<Pool, StoreError> {
    let mut target = settings::read(&config.url)?;
    if target.config.get_application_name().is_none() {
        target.config.application_name("countersign");
    }
    target
        .config
        .connect_timeout(config.timeout)
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .tcp_user_timeout(KEEPALIVE);
    // A connection that is closed is noticed without asking it; one that hangs runs into the time-out.
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match target.tls {
        None => Manager::from_config(target.config, NoTls, manager),
        Some(roots) => Manager::from_config(target.config, tls::connector(&roots)?, manager),
    };
    let greeting = greeting(config.timeout);
    let greet = Hook::async_fn(move |client, _| {
        let greeting = greeting.clone();
        Box::pin(async move { client.batch_execute(&greeting).await.map_err(HookError::Backend) })
    });
    let pool = Pool::builder(manager)
        .max_size(config.max_connections.max(1))
        .runtime(Runtime::Tokio1)
        .timeouts(deadpool_postgres::Timeouts {
            wait: Some(config.timeout),
            create: Some(config.timeout),
            recycle: Some(config.timeout),
        })
        .post_create(greet)
        .build();
    Ok(pool.map_err(ConnectError::Pool)?)
}

/// What every new connection is told. The server gives up when the caller does, so that nothing piles up behind a lock; one plan
/// serves all values, because all queries are by key; compiling them would take longer than running them.
fn greeting(timeout: Duration) -> String {
    let millis = timeout.as_millis().max(1);
    format!(
        "SET statement_timeout = {millis};
         SET lock_timeout = {millis};
         SET idle_in_transaction_session_timeout = {millis};
         SET default_transaction_isolation = 'read committed';
         SET plan_cache_mode = force_generic_plan;
         SET jit = off"
    )
}

const KEEPALIVE: Duration = Duration::from_secs(15);
