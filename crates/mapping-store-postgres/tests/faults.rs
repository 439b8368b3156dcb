//! A database that hangs, is busy, goes away, or is not what it should be.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use auth_model::{
    AuditEvent, AuditEventId, AuditOutcome, ManualClock, OrgId, Organization, OsRandomness,
    Purpose, Timestamp,
};
use futures_util::FutureExt;
use mapping_store::{AuditLog, Installation, Organizations, StoreError};
use mapping_store_postgres::{ConnectError, PostgresConfig, PostgresStore};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_postgres::NoTls;

#[path = "../src/testing.rs"]
mod testing;

use testing::Schema;

fn event(org: Option<OrgId>) -> AuditEvent {
    let clock = ManualClock::at(Timestamp::from_unix_seconds(1_700_000_000));
    AuditEvent {
        id: AuditEventId::new(&clock, &OsRandomness).unwrap(),
        org,
        at: Timestamp::from_unix_seconds(1_700_000_000),
        purpose: Purpose::AccessToken,
        outcome: AuditOutcome::Granted,
        reason: Cow::Borrowed(""),
        detail: String::new(),
        request_id: String::new(),
        source: None,
        sts_host: None,
        sts_request_id: None,
        access_key_id: None,
        caller_arn: None,
        caller_user_id: None,
        account: None,
        mapping: None,
        user: None,
        proof_hash: None,
        replayed: false,
        took_micros: 0,
    }
}

fn organization() -> Organization {
    Organization {
        id: OrgId::random(&OsRandomness).unwrap(),
        number: 1,
        name: "o".to_owned(),
        disabled: false,
        created_at: Timestamp::from_unix_seconds(0),
        modified_at: Timestamp::from_unix_seconds(0),
    }
}

/// A store that soon gives up.
async fn impatient(url: &str) -> Result<PostgresStore, StoreError> {
    let timeout = Duration::from_millis(500);
    PostgresStore::connect_with(&PostgresConfig { timeout, ..PostgresConfig::new(url) }).await
}

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

fn refused(outcome: Result<PostgresStore, StoreError>) -> ConnectError {
    match outcome {
        Err(StoreError::Broken { source, .. }) => *source.downcast().unwrap(),
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u@{}/d", listener.local_addr().unwrap());
    let begun = Instant::now();
    assert_unavailable(impatient(&url).await);
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(listener);
    assert_unavailable(impatient(&url).await);
}

/// A man in the middle that says "no TLS here" learns nothing, not even who wanted to sign in.
#[tokio::test]
async fn a_server_without_tls_is_not_talked_to_where_tls_is_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url =
        format!("postgres://u:hunter2@{}/d?sslmode=verify-full", listener.local_addr().unwrap());
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 8];
        socket.read_exact(&mut request).await.unwrap();
        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "the request for TLS");
        socket.write_all(b"N").await.unwrap();
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).await.unwrap();
        rest
    };
    let (outcome, rest) = tokio::join!(impatient(&url), server);
    assert_unavailable(outcome);
    assert_eq!(rest, b"");
}

/// Another session holds what is needed: the call ends in time, and the connection is good afterwards.
#[tokio::test]
async fn a_locked_table_is_unavailable_and_then_available() {
    let schema = Schema::new().await;
    let store = impatient(&schema.url()).await.unwrap();
    let (holder, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("BEGIN; LOCK TABLE organizations, installation_facts").await.unwrap();
    let row = organization();
    assert_unavailable(store.organizations().await);
    assert_unavailable(store.settle("name", "value").await);
    assert_unavailable(store.insert_organization(&row, &event(Some(row.id))).await);
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(store.organizations().await.unwrap(), []);
    assert_eq!(store.settle("name", "later").await.unwrap(), "later");
}

/// Forwards connections to the database until it is told to freeze: then nothing moves, and nothing is closed.
struct Proxy {
    url: String,
    frozen: Arc<AtomicBool>,
    freeze: Arc<Notify>,
}

impl Proxy {
    async fn start(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let [tokio_postgres::config::Host::Tcp(host)] = config.get_hosts() else {
            panic!("the test database is reached over TCP")
        };
        let target = format!("{host}:{}", config.get_ports()[0]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url.replacen(&target, &listener.local_addr().unwrap().to_string(), 1);
        let (frozen, freeze) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let proxy = Self { url, frozen: Arc::clone(&frozen), freeze: Arc::clone(&freeze) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target.clone(), frozen.clone(), freeze.clone()));
            }
        });
        proxy
    }

    fn freeze(&self) {
        self.frozen.store(true, Ordering::SeqCst);
        self.freeze.notify_waiters();
    }

    fn thaw_for_new_connections(&self) {
        self.frozen.store(false, Ordering::SeqCst);
    }
}

async fn forward(
    mut client: TcpStream,
    target: String,
    frozen: Arc<AtomicBool>,
    freeze: Arc<Notify>,
) {
    let until = freeze.notified();
    if !frozen.load(Ordering::SeqCst) {
        let mut server = TcpStream::connect(target).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            () = until => {}
        }
        // Both ends stay open, for ever.
        return std::future::pending().await;
    }
    std::future::pending().await
}

#[tokio::test]
async fn a_database_that_hangs_is_unavailable_and_its_connections_are_given_up() {
    let schema = Schema::new().await;
    let proxy = Proxy::start(&schema.url()).await;
    let store = impatient(&proxy.url).await.unwrap();
    store.ping().await.unwrap();
    proxy.freeze();
    let begun = Instant::now();
    let row = organization();
    assert_unavailable(store.ping().await);
    assert_unavailable(store.insert_organization(&row, &event(Some(row.id))).await);
    assert!(begun.elapsed() < Duration::from_secs(10));
    proxy.thaw_for_new_connections();
    // Each of these would wait behind a dead connection if one had gone back to the pool.
    for _ in 0..20 {
        store.ping().await.unwrap();
    }
}

/// As after a restart or a fail-over: what was open is closed, and new connections are good.
#[tokio::test]
async fn connections_that_the_server_closed_are_replaced() {
    let schema = Schema::new().await;
    let name = format!("replaced-{}", std::process::id());
    let store = impatient(&format!("{}&application_name={name}", schema.url())).await.unwrap();
    for ping in futures_util::future::join_all((0..8).map(|_| store.ping())).await {
        ping.unwrap();
    }
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let end =
        "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE application_name = $1";
    let ended = client.query(end, &[&name]).await.unwrap().len();
    assert!(ended > 1, "{ended}");
    // A call may still come upon a connection that nobody has noticed to be closed, once for each of them.
    let mut failures = 0;
    while let Err(error) = store.ping().await {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        failures += 1;
        assert!(failures <= ended);
    }
    for ping in futures_util::future::join_all((0..8).map(|_| store.ping())).await {
        ping.unwrap();
    }
}

/// A caller that goes away in the middle of a change leaves nothing of it, and no connection in the middle of a transaction.
#[tokio::test]
async fn a_change_that_is_given_up_is_not_half_made() {
    let schema = Schema::new().await;
    let config = PostgresConfig { max_connections: 1, ..PostgresConfig::new(schema.url()) };
    let store = PostgresStore::connect_with(&config).await.unwrap();
    for polls in 1..12 {
        let row = Organization { number: polls, ..organization() };
        let told = event(Some(row.id));
        {
            let mut change = Box::pin(store.insert_organization(&row, &told));
            for _ in 0..polls {
                if (&mut change).now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let there = store.organization(row.id).await.unwrap().is_some();
        let query = mapping_store::AuditQuery::newest(10);
        let events = store.events(row.id, query).await.unwrap();
        assert_eq!(events.contains(&told), there, "a change and its event go together");
    }
}

#[tokio::test]
async fn replicas_may_start_at_once() {
    let schema = Schema::new().await;
    let url = schema.url();
    let replicas = (0..6).map(|_| PostgresStore::connect(&url));
    for replica in futures_util::future::join_all(replicas).await {
        replica.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let schema = Schema::new().await;
    drop(PostgresStore::connect(&schema.url()).await.unwrap());
    testing::execute(&schema.url(), "INSERT INTO schema_migrations VALUES (999, 'future')").await;
    let error = refused(PostgresStore::connect(&schema.url()).await);
    assert!(matches!(error, ConnectError::Newer { found: 999, .. }), "{error:?}");
    assert!(error.to_string().contains("use the newer program"), "{error}");
}

#[tokio::test]
async fn a_schema_that_does_not_exist_is_told() {
    let schema = Schema::new().await;
    let url = schema.url() + "_missing";
    assert!(matches!(refused(PostgresStore::connect(&url).await), ConnectError::NoSchema));
}

#[tokio::test]
async fn audit_events_are_never_changed_or_removed() {
    let schema = Schema::new().await;
    let store = PostgresStore::connect(&schema.url()).await.unwrap();
    store.record(&event(None)).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&schema.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    for sql in [
        "UPDATE audit_events SET outcome = 'refused'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ] {
        let error = client.execute(sql, &[]).await.unwrap_err();
        let why = error.as_db_error().unwrap().message();
        assert_eq!(why, "audit events are never changed or removed", "{sql}");
    }
}
