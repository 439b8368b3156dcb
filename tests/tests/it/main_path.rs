//! A proof goes in, a credential comes out, and the credential works.

use auth_model::{Clock, SystemClock};
use integration::{ACCOUNT, Auth, BentProof, World, persona_mapping, wire};
use serde_json::json;
use sts_proof::ClientStyle;

#[tokio::test]
async fn a_token_acts_as_the_mapped_account() {
    let world = World::start().await;
    let token = world.token().await;
    let answer = world.client().get("/api/v2/current_user", Auth::Bearer(&token)).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.id(), world.service_account.id.to_string());
    assert_eq!(answer.attribute("service_account"), json!(true));
    assert_eq!(answer.attribute("handle"), json!(world.service_account.id.to_string()));
    let document = answer.json();
    assert_eq!(
        document["data"]["relationships"]["org"]["data"]["id"],
        json!(world.org.id.to_string())
    );
    assert_eq!(document["data"]["type"], "users");
}

#[tokio::test]
async fn every_official_client_s_proof_is_taken_for_global_and_regional_hosts() {
    let world = World::start().await;
    let runner = world.runner();
    for style in [ClientStyle::Go, ClientStyle::Python, ClientStyle::Agent] {
        for (region, host) in [
            (None, "sts.amazonaws.com"),
            (Some("us-east-1"), "sts.us-east-1.amazonaws.com"),
            (Some("eu-west-1"), "sts.eu-west-1.amazonaws.com"),
        ] {
            let mut signing = world.signing().style(style);
            signing.region = region;
            world.client().exchange(&signing.sign(&runner)).await.expect(200);
            let asked = world.sts.take_requests();
            assert_eq!(asked.len(), 1, "{style:?} {region:?}");
            assert_eq!(asked[0].host, host, "{style:?} {region:?}");
        }
    }
}

#[tokio::test]
async fn users_sessions_and_federated_users_can_each_be_mapped() {
    let world = World::start().await;
    let target = world.service_account.id.to_string();
    world.map("arn:aws:iam::123456789012:user/ada", &target).await;
    world.map("arn:aws:sts::123456789012:federated-user/grace", &target).await;
    let callers = [
        world.runner(),
        world.sts.add_user(ACCOUNT, "ada").unwrap(),
        world.sts.add_federated_user(ACCOUNT, "grace").unwrap(),
    ];
    for caller in callers {
        let token = world.token_of(&caller).await;
        assert_eq!(world.status_as(Auth::Bearer(&token)).await, 200, "{:?}", caller.principal);
    }
}

#[tokio::test]
async fn what_sts_is_sent_is_rebuilt_and_not_relayed() {
    let world = World::start().await;
    let bent = BentProof::of(&world.proof(&world.runner())).with("User-Agent", "smuggled/9");
    world.client().exchange(&bent.text()).await.expect(200);
    let asked = world.sts.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("POST", "/"));
    assert_eq!(asked[0].query, "");
    assert_eq!(asked[0].body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(asked[0].headers.values().flatten().all(|value| !value.contains("smuggled")));
}

#[tokio::test]
async fn expires_is_a_string_sixty_seconds_before_the_token_ends() {
    let world = World::start().await;
    let before = SystemClock.now().unix_seconds();
    let answer = world.client().exchange(&world.proof(&world.runner())).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["data"]["type"], "delegated_token");
    let expires: i64 = answer.attribute("expires").as_str().unwrap().parse().unwrap();
    let token = answer.attribute("access_token");
    let exp = crate::tokens::claims(token.as_str().unwrap())["exp"].as_i64().unwrap();
    assert_eq!(expires, exp - 60);
    assert!((before + 900..=before + 910).contains(&exp), "{exp} of {before}");
}

#[tokio::test]
async fn the_token_exchange_closes_its_connection() {
    let world = World::start().await;
    let granted = world.client().exchange(&world.proof(&world.runner())).await.expect(200);
    assert_eq!(granted.header("connection"), Some("close"));
    let refused = world.client().exchange("nonsense").await.expect(400);
    assert_eq!(refused.header("connection"), Some("close"));
}

/// The official Python client writes the two bytes `""` after a request that says `Content-Length: 0`.
#[tokio::test]
async fn two_stray_bytes_after_the_request_do_no_harm() {
    let world = World::start().await;
    for n in 0..20 {
        let proof = world.signing().seconds_from_now(-n).sign(&world.runner());
        let head = format!(
            "POST /api/v2/delegated-token HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\
             Content-Type: application/json\r\nAuthorization: Delegated {proof}\r\nContent-Length: 0\r\n\r\n\"\""
        );
        let answer = wire::send(world.server.running.address(), head.as_bytes()).await;
        assert_eq!(wire::status(&answer), 200, "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
}

#[tokio::test]
async fn an_agent_gets_a_key_that_validates() {
    let world = World::start().await;
    let proof = world.signing().style(ClientStyle::Agent).sign(&world.agent());
    let answer = world.client().intake_key(&proof).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.json();
    assert_eq!(document["data"]["type"], "intake_api_key");
    assert_eq!(document["data"]["id"], json!(world.intake));
    assert_eq!(answer.attribute("org_id"), json!(world.org.first.organization.number));
    let key = answer.attribute("api_key").as_str().unwrap().to_owned();
    assert_eq!(key.len(), 32);
    assert!(key.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));

    let v1 = world.client().get("/api/v1/validate", Auth::ApiKey(&key)).await.expect(200);
    assert_eq!(v1.json(), json!({"valid": true}));
    let v2 = world.client().get("/api/v2/validate", Auth::ApiKey(&key)).await.expect(200);
    assert_eq!(v2.id(), world.org.id.to_string());
    assert_eq!(v2.json()["data"]["type"], "validate_v2");
    assert_eq!(v2.attribute("valid"), json!(true));
    assert_eq!(v2.attribute("api_key_scopes"), json!([]));
    assert!(v2.attribute("api_key_id").as_str().unwrap().parse::<uuid::Uuid>().is_ok());
}

#[tokio::test]
async fn all_callers_of_an_intake_mapping_get_the_same_key() {
    let world = World::start().await;
    let first = world.managed_key().await;
    assert_eq!(world.managed_key().await, first);
    let other = world.sts.add_session(ACCOUNT, "DatadogAgentRole", "i-0fff").unwrap();
    let answer = world.client().intake_key(&world.proof(&other)).await.expect(200);
    assert_eq!(answer.attribute("api_key"), json!(first));
}

#[tokio::test]
async fn fifty_agents_that_ask_at_once_for_the_first_key_get_one() {
    let world = World::start().await;
    let proofs: Vec<String> = (0..50)
        .map(|n| world.sts.add_session(ACCOUNT, "DatadogAgentRole", &format!("i-{n:04}")).unwrap())
        .map(|agent| world.proof(&agent))
        .collect();
    let answers =
        futures_util::future::join_all(proofs.iter().map(|p| world.client().intake_key(p))).await;
    let keys: std::collections::HashSet<String> =
        answers.into_iter().map(|a| a.expect(200).attribute("api_key").to_string()).collect();
    assert_eq!(keys.len(), 1);
}

#[tokio::test]
async fn a_persona_mapping_gives_no_key_and_an_intake_mapping_no_token() {
    let world = World::start().await;
    world.client().intake_key(&world.proof(&world.runner())).await.expect(401);
    world.client().exchange(&world.proof(&world.agent())).await.expect(401);
}

#[tokio::test]
async fn the_most_specific_mapping_wins() {
    let world = World::start().await;
    let bootstrap = world.server.bootstrap();
    let role = &world.org.first.read_only;
    let exact = bootstrap.user(role, "exact@example.com", "Exact", true).await.unwrap();
    let prefix = bootstrap.user(role, "prefix@example.com", "Prefix", true).await.unwrap();
    let pattern =
        |session| format!("arn:aws:sts::{ACCOUNT}:assumed-role/terraform-runner/{session}");
    world.map(&pattern("run-*"), &prefix.id.to_string()).await;
    world.map(&pattern("run-1"), &exact.id.to_string()).await;
    for (session, expected) in
        [("run-1", &exact), ("run-2", &prefix), ("other", &world.service_account)]
    {
        let caller = world.sts.add_session(ACCOUNT, "terraform-runner", session).unwrap();
        let token = world.token_of(&caller).await;
        let me = world.client().get("/api/v2/current_user", Auth::Bearer(&token)).await;
        assert_eq!(me.id(), expected.id.to_string(), "{session}");
    }
}

#[tokio::test]
async fn organizations_do_not_see_each_other_s_mappings() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let client = world.client();
    client
        .post(integration::ACCOUNTS, &other.keys, &integration::aws_account(ACCOUNT))
        .await
        .expect(200);
    let mut signing = world.signing();
    signing.org = other.id;
    // The very caller that the first organization maps.
    client.exchange(&signing.sign(&world.runner())).await.expect(401);
    let body = persona_mapping(integration::RUNNER, "admin@example.com");
    client.post(integration::PERSONAS, &other.keys, &body).await.expect(201);
    let granted = client.exchange(&signing.sign(&world.runner())).await.expect(200);
    let token = granted.attribute("access_token").as_str().unwrap().to_owned();
    let me = client.get("/api/v2/current_user", Auth::Bearer(&token)).await.expect(200);
    assert_eq!(me.id(), other.admin.id.to_string());
}
