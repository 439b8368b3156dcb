//! What is removed or disabled stops working with the very next request.

use auth_model::permissions;
use integration::{ACCOUNTS, Auth, INTAKES, PERSONAS, World};

/// A live token and a live managed key.
async fn live() -> (World, String, String) {
    let world = World::start().await;
    let (token, key) = (world.token().await, world.managed_key().await);
    assert_eq!(works(&world, &token, &key).await, (true, true));
    (world, token, key)
}

/// Whether the token, and whether the key, still works; both say no as they should.
async fn works(world: &World, token: &str, key: &str) -> (bool, bool) {
    let me = world.client().get("/api/v2/current_user", Auth::Bearer(token)).await;
    let valid = world.client().get("/api/v1/validate", Auth::ApiKey(key)).await;
    let validate_keys = world.client().get("/api/v2/validate_keys", Auth::Bearer(token)).await;
    assert_eq!(me.status, validate_keys.status);
    assert!(me.status == 200 || me.status == 401, "{me:?}");
    assert!(valid.status == 200 || valid.status == 403, "{valid:?}");
    (me.status == 200, valid.status == 200)
}

#[tokio::test]
async fn j_06_a_deleted_persona_mapping_ends_its_tokens_at_once() {
    let (world, token, key) = live().await;
    world.client().delete(&format!("{PERSONAS}/{}", world.persona), world.keys()).await.expect(204);
    assert_eq!(works(&world, &token, &key).await, (false, true));
    world.client().exchange(&world.proof(&world.runner())).await.expect(401);
    // Made anew it is another mapping: the old token stays dead.
    world.map(integration::RUNNER, &world.service_account.id.to_string()).await;
    assert_eq!(works(&world, &token, &key).await, (false, true));
}

#[tokio::test]
async fn a_05_a_deleted_intake_mapping_ends_its_keys_at_once() {
    let (world, token, key) = live().await;
    world.client().delete(&format!("{INTAKES}/{}", world.intake), world.keys()).await.expect(204);
    assert_eq!(works(&world, &token, &key).await, (true, false));
    world.client().intake_key(&world.proof(&world.agent())).await.expect(401);
}

#[tokio::test]
async fn a_removed_aws_account_ends_tokens_and_keys_until_it_is_back() {
    let (world, token, key) = live().await;
    world.client().delete(&format!("{ACCOUNTS}/{}", world.account), world.keys()).await.expect(204);
    assert_eq!(works(&world, &token, &key).await, (false, false));
    world.client().exchange(&world.proof(&world.runner())).await.expect(401);
    world.client().intake_key(&world.proof(&world.agent())).await.expect(401);
    let body = integration::aws_account(integration::ACCOUNT);
    world.client().post(ACCOUNTS, world.keys(), &body).await.expect(200);
    assert_eq!(works(&world, &token, &key).await, (true, true));
}

#[tokio::test]
async fn a_disabled_user_s_tokens_and_keys_end_at_once() {
    let (world, token, key) = live().await;
    world.server.set_disabled(&world.service_account, true).await;
    assert_eq!(works(&world, &token, &key).await, (false, true));
    let keys = world.keys().clone();
    assert_eq!(world.status_as(Auth::Keys(&keys)).await, 200);
    // The last one who manages access can't be disabled.
    world
        .server
        .person(world.org.id, "second@example.com", &[permissions::USER_ACCESS_MANAGE])
        .await;
    world.server.set_disabled(&world.org.admin, true).await;
    assert_eq!(world.status_as(Auth::Keys(&keys)).await, 403);
}

#[tokio::test]
async fn a_disabled_organization_s_credentials_end_at_once() {
    let (world, token, key) = live().await;
    world.server.set_org_disabled(world.org.id, true).await;
    assert_eq!(works(&world, &token, &key).await, (false, false));
    assert_eq!(world.status_as(Auth::Keys(world.keys())).await, 403);
    world.client().exchange(&world.proof(&world.runner())).await.expect(401);
    world.client().intake_key(&world.proof(&world.agent())).await.expect(401);
}

#[tokio::test]
async fn j_09_a_permission_taken_away_is_gone_with_the_next_request() {
    let world = World::start().await;
    let token = world.token().await;
    world.client().get(PERSONAS, Auth::Bearer(&token)).await.expect(200);
    world.server.set_permissions(&world.org.first.read_only, &[]).await;
    world.client().get(PERSONAS, Auth::Bearer(&token)).await.expect(403);
    assert_eq!(world.status_as(Auth::Bearer(&token)).await, 200);
}
