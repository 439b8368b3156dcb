//! How many exchanges there are, and when.

use std::sync::Arc;

use auth_model::ExposeSecret;
use countersign_client::ClientError;
use futures_util::future::join_all;
use sts_proof::UnverifiedProof;

use crate::server::{ACCESS_KEY, Answer, NOON, Server, org, waits};

/// Tokens `t0`, `t1` … of 1000 seconds each.
async fn granting() -> Server {
    Server::start(|number, _| {
        // The clock of the tests moves; a token lives from when it is asked for at the latest.
        Answer::token(&format!("t{number}"), NOON + 1_000 * (1 + i64::try_from(number).unwrap()))
    })
    .await
}

#[tokio::test]
async fn an_exchange_sends_a_proof_and_an_empty_body() {
    let server = granting().await;
    let token = server.client().access_token().await.unwrap();
    assert_eq!(token.expose(), "t0");
    assert_eq!(token.expires_at().unix_seconds(), NOON + 1_000);

    let [seen] = server.seen().try_into().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/v2/delegated-token"));
    assert!(seen.body.is_empty());
    assert!(seen.header("user-agent").starts_with("countersign/"));
    let proof = UnverifiedProof::parse_authorization(seen.header("authorization")).unwrap();
    assert_eq!(proof.claimed_org(), org());
    assert_eq!(proof.access_key_id(), ACCESS_KEY);
    assert_eq!(proof.host_name(), "sts.amazonaws.com");
    assert_eq!(proof.signed_at().unix_seconds(), NOON);
}

#[tokio::test]
async fn a_hundred_callers_share_one_exchange() {
    let server = granting().await;
    let client = server.client();
    let mut calls: Vec<_> = (0..100).map(|_| Box::pin(client.access_token())).collect();
    for call in &mut calls {
        assert!(waits(call).await);
    }
    for token in join_all(calls).await {
        assert_eq!(token.unwrap().expose(), "t0");
    }
    assert_eq!(client.access_token().await.unwrap().expose(), "t0");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_token_is_replaced_at_four_fifths_of_its_life() {
    let server = granting().await;
    let client = server.client();
    client.access_token().await.unwrap();
    server.clock.advance_seconds(799);
    assert_eq!(client.access_token().await.unwrap().expose(), "t0");
    server.clock.advance_seconds(1);
    assert_eq!(client.access_token().await.unwrap().expose(), "t1");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn others_go_on_with_the_old_token_while_it_is_replaced() {
    let server = granting().await;
    let client = server.client();
    client.access_token().await.unwrap();
    server.clock.advance_seconds(900);
    let mut first = Box::pin(client.access_token());
    assert!(waits(&mut first).await);
    assert_eq!(client.access_token().await.unwrap().expose(), "t0");
    assert_eq!(first.await.unwrap().expose(), "t1");
    assert_eq!(client.access_token().await.unwrap().expose(), "t1");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_token_outlives_a_server_that_is_away_but_not_its_own_end() {
    let server = Server::start(|number, _| match number {
        0 => Answer::token("t0", NOON + 1_000),
        _ => Answer::new(503, r#"{"errors":["STS is down"]}"#),
    })
    .await;
    let client = server.client();
    client.access_token().await.unwrap();
    server.clock.advance_seconds(800);
    for _ in 0..10 {
        assert_eq!(client.access_token().await.unwrap().expose(), "t0");
    }
    assert_eq!(server.count(), 2, "a failed replacement is put off, not repeated by every caller");
    server.clock.advance_seconds(50);
    assert_eq!(client.access_token().await.unwrap().expose(), "t0");
    assert_eq!(server.count(), 3);
    server.clock.advance_seconds(150);
    assert_eq!(client.access_token().await.unwrap_err().status(), Some(503));
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_wait_and_not_kept() {
    let server = Server::start(|number, _| match number {
        0 => Answer::new(503, r#"{"errors":["STS is down"]}"#),
        _ => Answer::token("t1", NOON + 1_000),
    })
    .await;
    let client = server.client();
    let mut calls: Vec<_> = (0..10).map(|_| Box::pin(client.access_token())).collect();
    for call in &mut calls {
        assert!(waits(call).await);
    }
    for outcome in join_all(calls).await {
        assert_eq!(outcome.unwrap_err().status(), Some(503));
    }
    assert_eq!(server.count(), 1);
    assert_eq!(client.access_token().await.unwrap().expose(), "t1");
}

#[tokio::test]
async fn a_caller_who_gives_up_takes_nothing_from_the_others() {
    let server = granting().await;
    let client = server.client();
    let (mut first, mut second) =
        (Box::pin(client.access_token()), Box::pin(client.access_token()));
    assert!(waits(&mut first).await && waits(&mut second).await);
    drop(first);
    assert_eq!(second.await.unwrap().expose(), "t0");
    assert_eq!(server.count(), 1);

    // Where all give up, the next one begins anew.
    client.forget();
    let mut only = Box::pin(client.access_token());
    assert!(waits(&mut only).await);
    drop(only);
    assert!(client.access_token().await.is_ok());
}

#[tokio::test]
async fn forget_leads_to_a_new_exchange_and_a_replaced_token_is_not_forgotten() {
    let server = granting().await;
    let client = server.client();
    let old = client.access_token().await.unwrap();
    client.forget();
    assert_eq!(client.access_token().await.unwrap().expose(), "t1");
    client.forget_token(&old);
    assert_eq!(client.access_token().await.unwrap().expose(), "t1");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn an_end_that_the_server_tells_is_told_by_this_machines_clock() {
    // The server's clock is two minutes ahead: its NOON + 1000 is here 880 seconds away.
    let server = Server::start(|_, _| {
        Answer::token("t", NOON + 1_000).with("date", "Fri, 24 Jul 2026 12:02:00 GMT")
    })
    .await;
    let token = server.client().access_token().await.unwrap();
    assert_eq!(token.expires_at().unix_seconds(), NOON + 880);
}

#[tokio::test]
async fn an_intake_key_is_asked_for_each_time_by_one_for_all() {
    let server = Server::start(|_, _| {
        Answer::new(
            200,
            r#"{"data":{"id":"m1","type":"intake_api_key","attributes":{"api_key":"0123456789abcdef0123456789abcdef","org_id":7}}}"#,
        )
    })
    .await;
    let client = server.client();
    let mut calls: Vec<_> = (0..5).map(|_| Box::pin(client.intake_key())).collect();
    for call in &mut calls {
        assert!(waits(call).await);
    }
    for key in join_all(calls).await {
        let key = key.unwrap();
        assert_eq!((key.id.as_str(), key.org_id), ("m1", 7));
        assert_eq!(key.key.expose_secret(), "0123456789abcdef0123456789abcdef");
    }
    assert_eq!(server.seen()[0].target, "/api/v2/intake-key");
    assert_eq!(server.count(), 1);
    client.intake_key().await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_proof_is_for_the_region_and_asks_nobody() {
    let server = granting().await;
    let mut config = server.config();
    config.region = Some("eu-west-1".to_owned());
    let credentials =
        Arc::new(countersign_client::ExplicitCredentials(crate::server::credentials()));
    let clock = Arc::clone(&server.clock);
    let client =
        countersign_client::Client::new(config.clone(), credentials.clone(), clock.clone());
    let proof = client.unwrap().proof().await.unwrap();
    let proof = UnverifiedProof::parse(proof.expose()).unwrap();
    assert_eq!(proof.host_name(), "sts.eu-west-1.amazonaws.com");

    config.region = Some("mars-1".to_owned());
    let client = countersign_client::Client::new(config, credentials, clock).unwrap();
    let error = client.proof().await.unwrap_err();
    assert!(matches!(error, ClientError::Sign(_)), "{error}");
    assert_eq!(server.count(), 0);
}
