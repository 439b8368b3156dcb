//! The same two questions on PostgreSQL: bytes on disk (E5p), and the restart beside `COPY … TO STDOUT` (E4p).

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use bench_suite::{arn_data::Data, fill, goals::Goal};
use futures_util::TryStreamExt as _;
use mapping_store::Store;
use mapping_store_postgres::PostgresStore;
use tokio_postgres::{Client, NoTls};

use crate::{
    process::{Outcome, free_port, on_servers_core},
    start::first_answer,
};

const ROUNDS: usize = 5;

pub(crate) fn measure(product: &Path, rows: usize) -> Outcome<()> {
    let Ok(server) = std::env::var("COUNTERSIGN_TEST_POSTGRES_URL") else {
        let why = "COUNTERSIGN_TEST_POSTGRES_URL is not set";
        E5.not_run(why);
        E4.not_run(why);
        return Ok(());
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    // A database of its own, so that nothing else is in it.
    let name = format!("bench_{}", std::process::id());
    let url = server.rsplit_once('/').map(|(host, _)| format!("{host}/{name}")).ok_or("no path")?;
    let (client, bytes) = runtime.block_on(async {
        connect(&server).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        fill(&url, rows).await?;
        let client = connect(&url).await?;
        client.batch_execute("VACUUM ANALYZE persona_mappings").await?;
        let query = "SELECT pg_total_relation_size('persona_mappings')";
        let bytes: i64 = client.query_one(query, &[]).await?.get(0);
        Outcome::Ok((client, bytes))
    })?;
    E5.single(bytes as f64 / rows as f64, "[PostgreSQL]");

    let folder = tempfile::tempdir()?;
    let (mut ours, mut copied) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let port = free_port()?;
        let config = folder.path().join("postgres.toml");
        fs::write(
            &config,
            format!(
                "listen = \"127.0.0.1:{port}\"\nstore = \"{url}\"\n[log]\nfilter = \"error\"\n"
            ),
        )?;
        let mut command = on_servers_core(product);
        command.args(["serve", "--config"]).arg(&config);
        command.env("COUNTERSIGN_MASTER_KEY", "0123456789abcdef".repeat(4));
        let (millis, _) = first_answer(command, port, "/readyz", &folder.path().join("log"))?;
        let copy = runtime.block_on(copy(&client))?;
        if round > 0 {
            ours.push(millis);
            copied.push(copy.as_secs_f64() * 1e3);
        }
    }
    E4.rounds(&ours, &copied, "ms");
    Ok(())
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        // What goes wrong here is told to whoever asks next.
        let _ = connection.await;
    });
    Ok(client)
}

async fn fill(url: &str, rows: usize) -> Outcome<()> {
    let store: Arc<dyn Store> = Arc::new(PostgresStore::connect(url).await?);
    let (org, user) = fill::organization(store.as_ref()).await?;
    fill::mappings(&store, org, user, &Data::new(rows, 1)?.patterns).await?;
    Ok(())
}

async fn copy(client: &Client) -> Outcome<Duration> {
    let began = Instant::now();
    let rows = client.copy_out("COPY persona_mappings TO STDOUT").await?;
    let bytes = rows.try_fold(0, |sum, some| async move { Ok(sum + some.len()) }).await?;
    if bytes == 0 {
        return Err("no rows".into());
    }
    Ok(began.elapsed())
}

const E5: Goal = Goal { id: "E5p", at_most: 300.0, what: "the same in PostgreSQL" };
const E4: Goal = Goal {
    id: "E4p",
    at_most: 1.5,
    what: "restart to ready on PostgreSQL / COPY … TO STDOUT of the rows",
};
