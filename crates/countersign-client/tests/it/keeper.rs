//! A keeper with a real client, over HTTP.

use std::sync::Arc;

use auth_model::{Clock, OsRandomness};
use countersign_client::{
    Client, ClientConfig, ExplicitCredentials, FileCache, KeeperSettings, KeyExchange, KeyKeeper,
    KeySource, KeyState,
};

use crate::server::{Answer, Seen, Server, credentials, org, waits};

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn keeper(server: &Server, settings: KeeperSettings) -> KeyKeeper {
    keeper_of(server.client(), server, settings).await
}

async fn keeper_of(client: Arc<Client>, server: &Server, settings: KeeperSettings) -> KeyKeeper {
    KeyKeeper::start(client, settings, server.clock.clone(), Arc::new(OsRandomness)).await
}

fn granted(key: &str) -> Answer {
    let attributes = format!(r#""attributes":{{"api_key":"{key}","org_id":7}}"#);
    Answer::new(200, format!(r#"{{"data":{{"id":"m1","type":"intake_api_key",{attributes}}}}}"#))
}

#[tokio::test]
async fn a_key_is_obtained_cached_and_there_again_while_the_server_refuses() {
    let server = Server::start(|number, _| match number {
        0 => granted(KEY),
        _ => Answer::new(403, r#"{"errors":[{"detail":"no identity mapping was found"}]}"#),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let cache = Arc::new(FileCache::new(folder.path().join("key.json")));
    let settings = KeeperSettings {
        cache: Some(cache.clone()),
        fallback: Some("fallback".into()),
        ..KeeperSettings::default()
    };
    let first = keeper(&server, settings.clone()).await;
    assert_eq!(first.key().unwrap().expose(), KEY);
    let status = first.status();
    assert_eq!((status.state, status.cache_error.clone()), (KeyState::Active, None));
    assert_eq!(status.credentials_from.as_deref(), Some("the program's own settings"));
    assert_eq!(status.target.server, server.url.as_str().trim_end_matches('/'));
    assert_eq!(server.seen()[0].target, "/api/v2/intake-key");
    let shown = format!("{first:?} {status:?} {:?} {settings:?} {cache:?}", first.key());
    assert!(!shown.contains(KEY) && !shown.contains("\"fallback\""), "{shown}");
    first.stop().await;

    let second = keeper(&server, settings).await;
    let key = second.key().unwrap();
    assert_eq!((key.expose(), key.source()), (KEY, KeySource::Managed));
    let status = second.status();
    assert_eq!((status.state, status.consecutive_failures), (KeyState::Active, 1));
    let error = status.last_error.unwrap();
    assert!(error.contains("no identity mapping was found"), "{error}");
}

#[tokio::test]
async fn a_wrong_clock_is_named_in_the_status() {
    let server = Server::start(|_, _| {
        Answer::new(401, r#"{"errors":["Signature expired: is now earlier"]}"#)
            .with("date", "Fri, 24 Jul 2026 12:10:00 GMT")
    })
    .await;
    let status = keeper(&server, KeeperSettings::default()).await.status();
    let skew = status.clock_skew.unwrap();
    assert_eq!((skew.by.as_secs(), skew.ahead, status.state), (600, false, KeyState::Pending));
}

#[tokio::test]
async fn an_empty_key_is_no_key_and_neither_is_no_server() {
    let server = Server::start(|_, _| granted("")).await;
    let empty = keeper(&server, KeeperSettings::default()).await;
    assert!(empty.key().is_none());
    assert!(empty.status().last_error.unwrap().contains("`api_key` is empty"));

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = ClientConfig::new(format!("http://{closed}").parse().unwrap(), org());
    let credentials = Arc::new(ExplicitCredentials(credentials()));
    let client = Arc::new(Client::new(config, credentials, server.clock.clone()).unwrap());
    let settings =
        KeeperSettings { fallback: Some("fallback".into()), ..KeeperSettings::default() };
    let away = keeper_of(client, &server, settings).await;
    assert_eq!(away.key().unwrap().source(), KeySource::Fallback);
    assert!(away.status().last_error.unwrap().contains("did not answer"));
}

#[tokio::test]
async fn a_server_that_gives_a_key_hears_once_since_when_a_fallback_was_in_use() {
    let server = Server::start(|number, _| match number {
        0 => Answer::new(503, r#"{"errors":["STS is down"]}"#),
        1 => Answer::new(401, r#"{"errors":["no mapping"]}"#),
        _ => granted(KEY),
    })
    .await;
    let client = server.client();
    let since = server.clock.now();
    client.obtain(None).await.unwrap_err();
    client.obtain(Some(since)).await.unwrap_err();
    client.obtain(Some(since)).await.unwrap();
    client.obtain(None).await.unwrap();
    assert_eq!(told(&server), ["", "1784894400", "1784894400", ""]);
}

#[tokio::test]
async fn what_is_reported_during_an_exchange_goes_with_the_next_and_all_share_it() {
    let server = Server::start(|_, _| granted(KEY)).await;
    let client = server.client();
    let since = server.clock.now();
    let mut plain = Box::pin(client.intake_key());
    assert!(waits(&mut plain).await);
    // The request is on its way without it, and answers for this one as well.
    let mut reporting = Box::pin(client.obtain(Some(since)));
    assert!(waits(&mut reporting).await);
    plain.await.unwrap();
    reporting.await.unwrap();
    assert_eq!(told(&server), [""]);
    let later = since.plus(std::time::Duration::from_secs(60));
    let (one, other) = tokio::join!(client.obtain(Some(later)), client.intake_key());
    assert_eq!(one.unwrap().key.id, other.unwrap().id);
    client.intake_key().await.unwrap();
    assert_eq!(told(&server), ["", "1784894400", ""], "once, and the earliest");
}

/// What each exchange said of a fallback.
fn told(server: &Server) -> Vec<String> {
    let header = |seen: &Seen| seen.header("x-countersign-fallback-since").to_owned();
    server.seen().iter().map(header).collect()
}
