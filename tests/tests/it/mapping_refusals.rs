//! Mappings over HTTP that are refused: patterns, conflicts, authority, unknown ids, wrong bodies.

use auth_model::permissions as p;
use integration::{
    ACCOUNT, AGENT, Auth, INTAKES, PERSONAS, RUNNER, World, intake_mapping, persona_mapping,
};
use serde_json::{Value, json};

use crate::mappings::{admin_token, pattern};

#[tokio::test]
async fn the_arn_of_an_iam_role_is_answered_with_the_pattern_to_write() {
    let world = World::start().await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/path/my-role");
    let persona = persona_mapping(&arn, &world.service_account.id.to_string());
    for (path, body) in [(PERSONAS, &persona), (INTAKES, &intake_mapping(&arn))] {
        let answer = world.client().post(path, world.keys(), body).await.expect(400);
        assert!(
            answer.detail().contains(&format!("`arn:aws:sts::{ACCOUNT}:assumed-role/my-role/*`")),
            "{}",
            answer.text()
        );
        assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/arn_pattern");
        assert_eq!(answer.error()["status"], "400");
    }
}

#[tokio::test]
async fn patterns_that_reach_too_far_are_refused_where_they_stand() {
    let world = World::start().await;
    let refused = [
        "",
        "*",
        "arn:aws:sts::*:assumed-role/r/*",
        "arn:aws:sts::123456789012:assumed-role/*",
        "arn:aws:sts::123456789012:assumed-role/Role*",
        "arn:aws:sts::123456789012:assumed-role/*/session",
        "arn:aws:sts::123456789012:assumed-role/r/a*b",
        "arn:aws:sts::123456789012:assumed-role/r/**",
        "arn:aws:sts::123456789012:federated-user/*",
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::123456789012:assumed-role/r/s?",
        "arn:aws:sts:us-east-1:123456789012:assumed-role/r/*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:sts::12345678901:assumed-role/r/*",
        " arn:aws:sts::123456789012:assumed-role/r/*",
        "arn:aws:sts::123456789012:assumed-role/r/*\n",
    ];
    for arn in refused {
        let persona = persona_mapping(arn, &world.service_account.id.to_string());
        for (path, body) in [(PERSONAS, &persona), (INTAKES, &intake_mapping(arn))] {
            let answer = world.client().post(path, world.keys(), body).await;
            assert_eq!(answer.status, 400, "{arn:?}: {}", answer.text());
            assert_eq!(
                answer.error()["source"]["pointer"],
                "/data/attributes/arn_pattern",
                "{arn:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_pattern_twice_is_a_conflict_within_a_kind_only() {
    let world = World::start().await;
    let client = world.client();
    let target = world.service_account.id.to_string();
    client.post(PERSONAS, world.keys(), &persona_mapping(RUNNER, &target)).await.expect(409);
    client.post(INTAKES, world.keys(), &intake_mapping(AGENT)).await.expect(409);
    client.post(INTAKES, world.keys(), &intake_mapping(RUNNER)).await.expect(201);

    let strict = World::with(|config| config.patterns.strict_conflicts = true).await;
    let target = strict.service_account.id.to_string();
    strict.client().post(INTAKES, strict.keys(), &intake_mapping(RUNNER)).await.expect(409);
    strict
        .client()
        .post(PERSONAS, strict.keys(), &persona_mapping(AGENT, &target))
        .await
        .expect(409);
}

#[tokio::test]
async fn i_12_nobody_maps_to_more_than_they_may_do_themselves() {
    let world = World::start().await;
    let write =
        [p::CLOUD_AUTH_CONFIG_WRITE, p::CLOUD_AUTH_CONFIG_READ, p::USER_ACCESS_READ, p::TEAMS_READ];
    let (_, keys) = world.server.person(world.org.id, "mapper@example.com", &write).await;
    let client = world.client();
    let admin = persona_mapping(&pattern("up"), "admin@example.com");
    let answer = client.post(PERSONAS, &keys, &admin).await.expect(403);
    assert!(answer.detail().contains("`org_management`"), "{}", answer.text());
    assert!(!answer.detail().contains("`cloud_auth_config_write`"), "{}", answer.text());
    assert_eq!(answer.error()["status"], "403");
    // To an equal it may.
    client
        .post(PERSONAS, &keys, &persona_mapping(&pattern("equal"), "mapper@example.com"))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_target_without_permissions_is_refused() {
    let world = World::start().await;
    world.server.person(world.org.id, "nothing@example.com", &[]).await;
    let body = persona_mapping(&pattern("r"), "nothing@example.com");
    let answer = world.client().post(PERSONAS, world.keys(), &body).await.expect(403);
    assert!(answer.detail().contains("no permission"), "{}", answer.text());
}

#[tokio::test]
async fn i_13_a_token_makes_no_mapping_to_its_own_account() {
    let world = World::start().await;
    let token = admin_token(&world).await;
    let client = world.client();
    let body = persona_mapping(&pattern("more"), "robot@example.com");
    client.post(PERSONAS, Auth::Bearer(&token), &body).await.expect(403);
    let other = persona_mapping(&pattern("more"), &world.service_account.id.to_string());
    client.post(PERSONAS, Auth::Bearer(&token), &other).await.expect(201);
}

#[tokio::test]
async fn ids_that_name_nothing_are_404() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let client = world.client();
    for (path, mine) in [(PERSONAS, &world.persona), (INTAKES, &world.intake)] {
        for id in ["11111111-2222-4333-8444-555555555555", "not-a-uuid", "..%2f..", "%00"] {
            let one = format!("{path}/{id}");
            for answer in
                [client.get(&one, world.keys()).await, client.delete(&one, world.keys()).await]
            {
                assert_eq!(
                    answer.json(),
                    json!({"errors": [{"status": "404", "title": "Not Found"}]}),
                    "{id}"
                );
            }
        }
        // Another organization's.
        let one = format!("{path}/{mine}");
        client.get(&one, &other.keys).await.expect(404);
        client.delete(&one, &other.keys).await.expect(404);
        client.get(&one, world.keys()).await.expect(200);
        client.get(&format!("{path}/%22{mine}%22"), world.keys()).await.expect(200);
    }
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_say_where() {
    let world = World::start().await;
    let good = persona_mapping(&pattern("r"), &world.service_account.id.to_string());
    let without = |pointer: &str| {
        let mut body = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        body
    };
    let set = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let cases = [
        ("no data", without("/data")),
        ("no type", without("/data/type")),
        ("no attributes", without("/data/attributes")),
        ("no pattern", without("/data/attributes/arn_pattern")),
        ("no account", without("/data/attributes/account_identifier")),
        ("data is a list", set("/data", json!([]))),
        ("data is null", set("/data", json!(null))),
        ("a number", set("/data/attributes/arn_pattern", json!(7))),
        ("null", set("/data/attributes/arn_pattern", json!(null))),
        ("a list", set("/data/attributes/account_identifier", json!(["a"]))),
        ("not an object", json!([])),
        ("a string", json!("x")),
    ];
    for (rule, body) in cases {
        let answer = world.client().post(PERSONAS, world.keys(), &body).await;
        assert_eq!(answer.status, 400, "{rule}: {}", answer.text());
        assert!(!answer.detail().is_empty(), "{rule}");
    }
    let answer = world
        .client()
        .post(PERSONAS, world.keys(), &set("/data/attributes/arn_pattern", json!(7)))
        .await;
    assert_eq!(answer.error()["source"]["pointer"], "/data/attributes/arn_pattern");
}

#[tokio::test]
async fn the_go_client_s_two_line_ends_after_the_body_are_taken() {
    let world = World::start().await;
    let body =
        format!("{}\n\n", persona_mapping(&pattern("r"), &world.service_account.id.to_string()));
    let request = world.client().request(reqwest::Method::POST, PERSONAS, world.keys().into());
    integration::Answer::of(request.header("content-type", "application/json").body(body))
        .await
        .expect(201);
}
