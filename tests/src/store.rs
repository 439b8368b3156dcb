//! A fresh store for each test, of the kind that the environment names.

use std::{env, path::PathBuf};

use auth_model::{OsRandomness, Randomness};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// A store that nobody else uses; it goes when this does.
#[derive(Debug)]
pub struct TestStore {
    url: String,
    _folder: Option<TempDir>,
    _database: Option<Database>,
}

impl TestStore {
    /// Of the kind that `COUNTERSIGN_TEST_STORE` names.
    pub async fn fresh() -> Self {
        match kind().as_str() {
            "memory" => Self { url: "memory".to_owned(), _folder: None, _database: None },
            "sqlite" => Self::sqlite(),
            "postgres" => Self::postgres().await,
            other => panic!(
                "COUNTERSIGN_TEST_STORE is `{other}`; it is one of `memory`, `sqlite`, `postgres`"
            ),
        }
    }

    /// One that outlives its server, for tests of restarts and of several servers: SQLite where the kind is `memory`.
    pub async fn durable() -> Self {
        if kind() == "memory" { Self::sqlite() } else { Self::fresh().await }
    }

    /// For the server's setting `store`.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn sqlite() -> Self {
        let folder = tempfile::Builder::new().prefix("countersign-it-").tempdir().unwrap();
        let file: PathBuf = folder.path().join("countersign.db");
        Self { url: format!("sqlite:{}", file.display()), _folder: Some(folder), _database: None }
    }

    async fn postgres() -> Self {
        let database = Database::create().await;
        Self { url: database.url(), _folder: None, _database: Some(database) }
    }
}

fn kind() -> String {
    env::var("COUNTERSIGN_TEST_STORE").unwrap_or_else(|_| "memory".to_owned())
}

/// A database of a PostgreSQL cluster, dropped at the end.
#[derive(Debug)]
struct Database {
    cluster: String,
    name: String,
}

impl Database {
    async fn create() -> Self {
        let cluster = env::var("COUNTERSIGN_TEST_POSTGRES_URL").expect(
            "COUNTERSIGN_TEST_STORE is `postgres`, so COUNTERSIGN_TEST_POSTGRES_URL must name a cluster \
             in which databases may be made, such as `postgres://postgres@127.0.0.1:5432/postgres`",
        );
        let mut random = [0; 8];
        OsRandomness.fill(&mut random).unwrap();
        let name = format!("countersign_it_{:016x}", u64::from_be_bytes(random));
        execute(&cluster, &format!("CREATE DATABASE {name}")).await;
        Self { cluster, name }
    }

    /// The cluster's URL with this database for its own.
    fn url(&self) -> String {
        let (before, query) = match self.cluster.split_once('?') {
            Some((before, query)) => (before, format!("?{query}")),
            None => (self.cluster.as_str(), String::new()),
        };
        let authority = before.split_once("://").unwrap().1;
        let end = before.len() - authority.split_once('/').map_or(0, |(_, path)| path.len() + 1);
        format!("{}/{}{query}", &before.get(..end).unwrap(), self.name)
    }
}

impl Drop for Database {
    /// On a thread of its own, because the test's runtime is about to end.
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.unwrap().block_on(execute(&cluster, &statement));
        });
        // A database that stays is no reason to fail.
        let _ = dropping.join();
    }
}

async fn execute(cluster: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(cluster, NoTls)
        .await
        .unwrap_or_else(|e| panic!("can't reach COUNTERSIGN_TEST_POSTGRES_URL: {e}"));
    let driving = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    driving.abort();
}
