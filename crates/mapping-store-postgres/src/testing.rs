//! A schema of its own for each test, in the database of `COUNTERSIGN_TEST_POSTGRES_URL`.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio_postgres::NoTls;

/// A schema that is dropped with this value, also where a test fails.
pub(crate) struct Schema {
    name: String,
    base: String,
}

impl Schema {
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let base = std::env::var("COUNTERSIGN_TEST_POSTGRES_URL").expect(
            "COUNTERSIGN_TEST_POSTGRES_URL is not set; `cargo xtask test` starts a PostgreSQL server and sets it",
        );
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("test_{}_{number}", std::process::id());
        execute(&base, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
            .await;
        Self { name, base }
    }

    /// A connection string whose tables are in this schema.
    pub(crate) fn url(&self) -> String {
        let mark = if self.base.contains('?') { '&' } else { '?' };
        format!("{}{mark}options=-c%20search_path%3D{}", self.base, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (base, name) = (self.base.clone(), self.name.clone());
        let clear = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(execute(&base, &format!("DROP SCHEMA {name} CASCADE")));
        };
        // On a thread of its own, because this one may be inside a runtime.
        let _ = std::thread::spawn(clear).join();
    }
}

/// Runs statements.
pub(crate) async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    let _ = connection.await;
}
