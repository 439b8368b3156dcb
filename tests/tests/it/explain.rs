//! What an ARN is mapped to, and why not to something else.

use integration::{Auth, World};
use serde_json::{Value, json};

async fn explain(world: &World, arn: &str) -> Value {
    let path = format!("/api/v2/cloud_auth/aws/explain?arn={arn}");
    let answer = world.client().get(&path, world.keys()).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/vnd.api+json"));
    assert_eq!(answer.id(), arn);
    let document = answer.json();
    assert_eq!(document["data"]["type"], "aws_arn_explanation");
    document["data"]["attributes"].clone()
}

#[tokio::test]
async fn the_winner_and_those_that_lost_are_shown_with_their_reasons() {
    let world = World::start().await;
    let target = world.service_account.id.to_string();
    let exact =
        world.map("arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1", &target).await;
    let told =
        explain(&world, "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1").await;
    assert_eq!(told["account_integrated"], true);
    let persona = &told["persona"];
    assert_eq!(persona["granted"], true);
    assert_eq!(persona["refused"], json!(null));
    assert_eq!(persona["winner"]["id"], json!(exact));
    assert_eq!(persona["winner"]["account_uuid"], json!(target));
    assert_eq!(persona["matched"].as_array().unwrap().len(), 1);
    assert_eq!(persona["matched"][0]["id"], json!(world.persona));
    assert!(persona["matched"][0]["reason"].as_str().unwrap().contains("more specific"));
    let intake = &told["intake"];
    assert_eq!(intake["granted"], false);
    assert_eq!(intake["winner"], json!(null));
    assert!(intake["refused"].as_str().unwrap().contains("no mapping matches"));
}

#[tokio::test]
async fn near_misses_come_with_the_edit_that_would_match() {
    let world = World::start().await;
    let told =
        explain(&world, "arn:aws:sts::123456789012:assumed-role/teraform-runner/run-1").await;
    assert_eq!(told["persona"]["granted"], false);
    let near = &told["persona"]["near_misses"][0];
    assert_eq!(near["id"], json!(world.persona));
    assert_eq!(near["field"], "role name");
    assert_eq!(
        (&near["expected"], &near["found"]),
        (&json!("terraform-runner"), &json!("teraform-runner"))
    );
    let edit = near["edit"].as_str().unwrap();
    // It does what it says.
    world.map(edit, &world.service_account.id.to_string()).await;
    let told =
        explain(&world, "arn:aws:sts::123456789012:assumed-role/teraform-runner/run-1").await;
    assert_eq!(told["persona"]["granted"], true, "{edit}");
}

#[tokio::test]
async fn an_account_that_is_not_integrated_is_said_to_be() {
    let world = World::start().await;
    let told =
        explain(&world, "arn:aws:sts::999999999999:assumed-role/terraform-runner/run-1").await;
    assert_eq!(told["account_integrated"], false);
    for kind in ["persona", "intake"] {
        assert_eq!(told[kind]["granted"], false);
        assert!(told[kind]["refused"].as_str().unwrap().contains("is not integrated"), "{told}");
    }
    assert_eq!(told["persona"]["near_misses"][0]["field"], "account");
}

#[tokio::test]
async fn a_disabled_target_is_said_to_be() {
    let world = World::start().await;
    world.server.set_disabled(&world.service_account, true).await;
    let told =
        explain(&world, "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1").await;
    assert_eq!(told["persona"]["granted"], false);
    assert_eq!(told["persona"]["winner"]["id"], json!(world.persona));
    assert!(told["persona"]["refused"].as_str().unwrap().contains("disabled"), "{told}");
}

#[tokio::test]
async fn what_is_no_caller_s_arn_is_400_at_its_parameter() {
    let world = World::start().await;
    for query in [
        "",
        "?arn=",
        "?arn=nonsense",
        "?arn=arn:aws:iam::123456789012:role/my-role",
        "?arn=arn:aws:iam::123456789012:root",
        "?arn=arn:aws:sts::123456789012:assumed-role/r/s%20",
        "?other=1",
    ] {
        for prefix in ["cloud_auth", "wif"] {
            let path = format!("/api/v2/{prefix}/aws/explain{query}");
            let answer = world.client().get(&path, world.keys()).await;
            assert_eq!(answer.status, 400, "{query}: {answer:?}");
            assert_eq!(answer.error()["source"]["parameter"], "arn", "{query}");
        }
    }
}

#[tokio::test]
async fn it_agrees_with_the_exchange() {
    let world = World::start().await;
    let target = world.service_account.id.to_string();
    world.map("arn:aws:sts::123456789012:assumed-role/bare", &target).await;
    world.map("arn:aws:sts::123456789012:assumed-role/pre/ci-*", &target).await;
    for (role, session) in [
        ("terraform-runner", "run-1"),
        ("terraform-runner2", "run-1"),
        ("Terraform-Runner", "run-1"),
        ("bare", "anything"),
        ("pre", "ci-7"),
        ("pre", "dev-7"),
        ("DatadogAgentRole", "i-1"),
    ] {
        let told =
            explain(&world, &format!("arn:aws:sts::123456789012:assumed-role/{role}/{session}"))
                .await;
        let caller = world.sts.add_session(integration::ACCOUNT, role, session).unwrap();
        let token = world.client().exchange(&world.proof(&caller)).await.status == 200;
        let key = world.client().intake_key(&world.proof(&caller)).await.status == 200;
        assert_eq!(
            (told["persona"]["granted"].as_bool(), told["intake"]["granted"].as_bool()),
            (Some(token), Some(key)),
            "{role}/{session}"
        );
    }
}

#[tokio::test]
async fn organizations_see_their_own_mappings_only() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let path = "/api/v2/cloud_auth/aws/explain?arn=arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1";
    let answer = world.client().get(path, &other.keys).await.expect(200);
    assert!(!answer.text().contains(&world.persona));
    assert_eq!(answer.attribute("persona")["winner"], json!(null));
    world.client().get(path, Auth::Nothing).await.expect(401);
}
