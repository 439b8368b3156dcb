//! A proof that is presented more than once.

use countersign_server::config::Replay;
use integration::{Auth, TestStore, World};
use sts_emulator::{Fault, FaultKind};

use crate::tokens::claims;

async fn token(world: &World, proof: &str) -> String {
    let answer = world.client().exchange(proof).await.expect(200);
    answer.attribute("access_token").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn p_16_a_proof_presented_again_buys_no_more_time() {
    let world = World::start().await;
    let proof = world.proof(&world.runner());
    let first = token(&world, &proof).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let second = token(&world, &proof).await;
    assert_eq!(claims(&first)["exp"], claims(&second)["exp"]);
    for token in [&first, &second] {
        assert_eq!(world.status_as(Auth::Bearer(token)).await, 200);
    }
    let replayed: Vec<bool> = exchanges(&world).await;
    assert_eq!(replayed, [true, false], "newest first");
}

/// Of the exchanges so far, newest first, whether they were marked as replays.
async fn exchanges(world: &World) -> Vec<bool> {
    let events = world.events().await;
    events
        .into_iter()
        .filter(|event| event.purpose == auth_model::Purpose::AccessToken)
        .map(|event| event.replayed)
        .collect()
}

#[tokio::test]
async fn p_16_a_strict_server_takes_each_proof_once() {
    let world = World::with(|config| config.proofs.replay = Replay::Strict).await;
    let proof = world.proof(&world.runner());
    token(&world, &proof).await;
    let again = world.client().exchange(&proof).await.expect(401);
    assert!(again.detail().contains("used before"), "{again:?}");
    // A spelling of it is no other proof.
    let mut bent = integration::BentProof::of(&proof).with("User-Agent", "other/1");
    bent.headers.reverse();
    bent.url.push('/');
    world.client().exchange(&bent.text()).await.expect(401);
    let other = world.signing().seconds_from_now(-5).sign(&world.runner());
    token(&world, &other).await;
}

#[tokio::test]
async fn p_16_the_ledger_of_proofs_outlives_a_restart() {
    let strict = |config: &mut countersign_server::Config| config.proofs.replay = Replay::Strict;
    let mut world = World::on(TestStore::durable().await, strict).await;
    let proof = world.proof(&world.runner());
    token(&world, &proof).await;
    world.restart().await;
    world.client().exchange(&proof).await.expect(401);
}

#[tokio::test]
async fn p_16_the_ledger_of_proofs_is_shared_by_servers() {
    let strict = |config: &mut countersign_server::Config| config.proofs.replay = Replay::Strict;
    let world = World::on(TestStore::durable().await, strict).await;
    let second = world.another_server().await;
    let proof = world.proof(&world.runner());
    second.client.exchange(&proof).await.expect(200);
    world.client().exchange(&proof).await.expect(401);
}

#[tokio::test]
async fn l_03_fifty_identical_proofs_at_once_ask_sts_once() {
    let world = World::start().await;
    world.sts.set_faults(vec![Fault::always(FaultKind::Latency { millis: 300, jitter_millis: 0 })]);
    let proof = world.proof(&world.runner());
    let answers =
        futures_util::future::join_all((0..50).map(|_| world.client().exchange(&proof))).await;
    let ends: std::collections::HashSet<String> =
        answers.into_iter().map(|a| a.expect(200).attribute("expires").to_string()).collect();
    assert_eq!(ends.len(), 1);
    assert_eq!(world.sts.request_count(), 1);
    assert_eq!(exchanges(&world).await.iter().filter(|replayed| !**replayed).count(), 1);
}

#[tokio::test]
async fn p_16_of_fifty_identical_proofs_at_once_a_strict_server_takes_one() {
    let world = World::with(|config| config.proofs.replay = Replay::Strict).await;
    let proof = world.proof(&world.runner());
    let answers =
        futures_util::future::join_all((0..50).map(|_| world.client().exchange(&proof))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert!(answers.iter().all(|a| a.status == 200 || a.status == 401));
}
