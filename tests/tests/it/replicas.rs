//! Restarts, and several servers on one store.

use auth_model::OsRandomness;
use countersign_server::{StartError, start};
use integration::{ACCOUNTS, Auth, INTAKES, PERSONAS, World};
use token_issuer::MasterKey;

#[tokio::test]
async fn tokens_keys_and_managed_keys_outlive_a_restart() {
    let mut world = World::durable().await;
    let (token, managed) = (world.token().await, world.managed_key().await);
    let published = world.client().get("/.well-known/jwks.json", Auth::Nothing).await.text();
    world.restart().await;
    assert_eq!(world.status_as(Auth::Bearer(&token)).await, 200);
    assert_eq!(world.status_as(Auth::Keys(world.keys())).await, 200);
    world.client().get("/api/v1/validate", Auth::ApiKey(&managed)).await.expect(200);
    assert_eq!(world.managed_key().await, managed, "the same key is handed out");
    let after = world.client().get("/.well-known/jwks.json", Auth::Nothing).await.text();
    assert_eq!(after, published);
    world.client().get(&format!("{PERSONAS}/{}", world.persona), world.keys()).await.expect(200);
    world.token().await;
}

#[tokio::test]
async fn a_server_with_another_master_key_does_not_start() {
    let world = World::durable().await;
    let other = MasterKey::generate(&OsRandomness).unwrap();
    let error = start(world.config().clone(), other).await.expect_err("another master key");
    assert!(matches!(error, StartError::MasterKey(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("master key") && text.contains("fingerprint"), "{text}");
    assert!(!text.contains(world.master_key()), "the key itself is told");
}

#[tokio::test]
async fn a_token_of_one_server_is_taken_by_the_other() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let token = world.token().await;
    let me = second.client.get("/api/v2/current_user", Auth::Bearer(&token)).await.expect(200);
    assert_eq!(me.id(), world.service_account.id.to_string());
    let answer = second.client.exchange(&world.proof(&world.runner())).await.expect(200);
    let theirs = answer.attribute("access_token").as_str().unwrap().to_owned();
    assert_eq!(world.status_as(Auth::Bearer(&theirs)).await, 200);
}

#[tokio::test]
async fn both_servers_hand_out_one_managed_key() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let proof = world.proof(&world.agent());
    let (one, two) =
        tokio::join!(world.client().intake_key(&proof), second.client.intake_key(&proof));
    assert_eq!(one.expect(200).attribute("api_key"), two.expect(200).attribute("api_key"));
}

#[tokio::test]
async fn what_is_deleted_on_one_server_is_gone_on_the_other_at_once() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let (token, managed) = (world.token().await, world.managed_key().await);
    // Both have seen and verified them.
    second.client.get("/api/v2/current_user", Auth::Bearer(&token)).await.expect(200);
    second.client.get("/api/v1/validate", Auth::ApiKey(&managed)).await.expect(200);

    world.client().delete(&format!("{PERSONAS}/{}", world.persona), world.keys()).await.expect(204);
    second.client.get("/api/v2/current_user", Auth::Bearer(&token)).await.expect(401);
    second.client.exchange(&world.proof(&world.runner())).await.expect(401);
    second.client.get(&format!("{PERSONAS}/{}", world.persona), world.keys()).await.expect(404);

    second.client.delete(&format!("{INTAKES}/{}", world.intake), world.keys()).await.expect(204);
    world.client().get("/api/v1/validate", Auth::ApiKey(&managed)).await.expect(403);
    world.client().intake_key(&world.proof(&world.agent())).await.expect(401);

    second.client.delete(&format!("{ACCOUNTS}/{}", world.account), world.keys()).await.expect(204);
    world.client().get(&format!("{ACCOUNTS}/{}", world.account), world.keys()).await.expect(404);
}

#[tokio::test]
async fn servers_that_start_at_once_on_an_empty_store_agree_on_their_keys() {
    let world = World::durable().await;
    let (a, b) = tokio::join!(world.another_server(), world.another_server());
    let keys = [
        world.client().get("/.well-known/jwks.json", Auth::Nothing).await.text(),
        a.client.get("/.well-known/jwks.json", Auth::Nothing).await.text(),
        b.client.get("/.well-known/jwks.json", Auth::Nothing).await.text(),
    ];
    assert!(keys.iter().all(|k| *k == keys[0]), "{keys:?}");
}

#[tokio::test]
async fn a_request_under_way_is_finished_when_the_server_shuts_down() {
    let mut world = World::durable().await;
    let slow = sts_emulator::FaultKind::Latency { millis: 400, jitter_millis: 0 };
    world.sts.set_faults(vec![sts_emulator::Fault::always(slow)]);
    let proof = world.proof(&world.runner());
    let client = world.client().clone();
    let asking = tokio::spawn(async move { client.exchange(&proof).await });
    while world.sts.request_count() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    world.restart().await;
    asking.await.unwrap().expect(200);
}
