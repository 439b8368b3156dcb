//! Application keys on their three paths: everybody's, one's own, a service account's.

use auth_model::{ExposeSecret, Permission, permissions as p};
use integration::{
    APP_KEYS, AUDIT, Answer, Auth, Client, KeyPair, OWN_APP_KEYS, SERVICE_ACCOUNTS, TEAMS, World,
    bodies,
};
use serde_json::{Value, json};

fn change(id: &str, attributes: Value) -> Value {
    json!({"data": {"type": "application_keys", "id": id, "attributes": attributes}})
}

fn pair(world: &World, text: &Value) -> KeyPair {
    KeyPair { api: world.keys().api.clone(), app: text.as_str().unwrap().into() }
}

/// The account's keys.
fn of(world: &World) -> String {
    format!("{SERVICE_ACCOUNTS}/{}/application_keys", world.service_account.id)
}

#[tokio::test]
async fn a_key_of_ones_own_works_and_its_text_is_shown_once() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(OWN_APP_KEYS, keys, &bodies::app_key("ci", None)).await.expect(201);
    let text = made.attribute("key").as_str().unwrap().to_owned();
    assert!(text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
    assert_eq!(made.attribute("last4"), text[36..]);
    assert_eq!(made.json()["data"]["attributes"]["scopes"], Value::Null);
    let owner = made.json()["data"]["relationships"]["owned_by"]["data"]["id"].clone();
    assert_eq!(owner, world.org.admin.id.to_string());
    let me = client.get("/api/v2/current_user", &pair(&world, &json!(text))).await.expect(200);
    assert_eq!(me.id(), world.org.admin.id.to_string());

    let id = made.id();
    let (own, any) = (format!("{OWN_APP_KEYS}/{id}"), format!("{APP_KEYS}/{id}"));
    let masked = format!("{}{}", "*".repeat(36), &text[36..]);
    let shown = client.get(&own, keys).await.expect(200);
    assert_eq!(shown.attribute("key"), masked);
    let renamed = client.patch(&own, keys, &change(&id, json!({"name": "cd"}))).await.expect(200);
    assert_eq!((renamed.attribute("key"), renamed.attribute("name")), (json!(masked), json!("cd")));
    let seen = client.get(&any, keys).await.expect(200);
    assert!(seen.json()["data"]["attributes"].get("key").is_none());
    let list = client.get(OWN_APP_KEYS, keys).await.expect(200);
    assert_eq!(list.json()["meta"]["max_allowed_per_user"], 1_000);
    for answer in [shown, renamed, seen, list] {
        assert!(!answer.text().contains(&text), "{answer:?}");
    }
    client.patch(&own, keys, &change(&world.persona, json!({}))).await.expect(422);
    client.delete(&any, keys).await.expect(204);
    for gone in [client.get(&own, keys).await, client.delete(&any, keys).await] {
        assert_eq!(gone.expect(404).json(), json!({"errors": ["Application key not found"]}));
    }
}

#[tokio::test]
async fn a_key_of_a_service_account_acts_as_the_account() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(&of(&world), keys, &bodies::app_key("ci", None)).await.expect(201);
    let theirs = pair(&world, &made.attribute("key"));
    let me = client.get("/api/v2/current_user", &theirs).await.expect(200);
    assert_eq!(me.id(), world.service_account.id.to_string());
    let one = format!("{}/{}", of(&world), made.id());
    let shown = client.get(&one, keys).await.expect(200);
    assert!(shown.json()["data"]["attributes"].get("key").is_none());
    assert_eq!(client.get(&of(&world), keys).await.expect(200).json()["data"][0]["id"], made.id());
    client.patch(&one, keys, &change(&made.id(), json!({"name": "cd"}))).await.expect(200);
    // It is nobody else's: not under one's own path, nor under another account's.
    client.get(&format!("{OWN_APP_KEYS}/{}", made.id()), keys).await.expect(404);
    let other =
        client.post(SERVICE_ACCOUNTS, keys, &bodies::service_account("b@example.com", &[])).await;
    let elsewhere =
        format!("{SERVICE_ACCOUNTS}/{}/application_keys/{}", other.expect(201).id(), made.id());
    client.get(&elsewhere, keys).await.expect(404);
    client.delete(&elsewhere, keys).await.expect(404);
    // A person is no service account.
    let person = format!("{SERVICE_ACCOUNTS}/{}/application_keys", world.org.admin.id);
    client.get(&person, keys).await.expect(404);
    client.post(&person, keys, &bodies::app_key("x", None)).await.expect(404);
    client.delete(&one, keys).await.expect(204);
    client.get("/api/v2/current_user", &theirs).await.expect(403);
}

#[tokio::test]
async fn a_narrowed_key_does_its_one_thing_and_nothing_else() {
    let world = World::start().await;
    let scoped = world.scoped(&[p::TEAMS_MANAGE]).await;
    let client = world.client();
    client.post(TEAMS, &scoped, &bodies::team("ours")).await.expect(201);
    let others = [
        "/api/v2/roles",
        "/api/v2/users",
        integration::API_KEYS,
        APP_KEYS,
        OWN_APP_KEYS,
        integration::PERSONAS,
        integration::ACCOUNTS,
        AUDIT,
        TEAMS,
    ];
    for path in others {
        client.get(path, &scoped).await.expect(403);
    }
    let list = client.get(&format!("{OWN_APP_KEYS}?filter=scoped"), world.keys()).await.expect(200);
    assert_eq!(list.json()["data"][0]["attributes"]["scopes"], json!(["teams_manage"]));
}

/// Asks for a key as strong as its owner, and for more than the asking key has.
async fn tries_to_get_more(client: &Client, keys: &KeyPair, id: &str, keep: Permission) {
    let own = format!("{OWN_APP_KEYS}/{id}");
    let any = format!("{APP_KEYS}/{id}");
    for scopes in
        [json!(null), json!([]), json!(["api_keys_write"]), json!([keep.name, "api_keys_write"])]
    {
        let attributes = json!({"name": "more", "scopes": scopes});
        let body = json!({"data": {"type": "application_keys", "attributes": attributes}});
        let refused = client.post(OWN_APP_KEYS, keys, &body).await.expect(403);
        assert!(refused.detail().contains("hand out"), "{refused:?}");
        if scopes.is_null() {
            continue;
        }
        let wider = change(id, json!({"scopes": scopes}));
        for path in [&own, &any] {
            client.patch(path, keys, &wider).await.expect(403);
        }
    }
}

#[tokio::test]
async fn a_narrowed_key_makes_no_wider_one_and_does_not_widen_itself() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let scopes = [p::USER_APP_KEYS, p::ORG_APP_KEYS_WRITE];
    let made = client.post(OWN_APP_KEYS, keys, &bodies::app_key("narrow", Some(&scopes))).await;
    let made = made.expect(201);
    let narrow = pair(&world, &made.attribute("key"));
    tries_to_get_more(client, &narrow, &made.id(), p::USER_APP_KEYS).await;
    // As much as itself, and less, it may.
    let less =
        client.post(OWN_APP_KEYS, &narrow, &bodies::app_key("less", Some(&scopes[..1]))).await;
    less.expect(201);
    let shrink = change(&made.id(), json!({"scopes": ["user_app_keys"]}));
    client.patch(&format!("{OWN_APP_KEYS}/{}", made.id()), &narrow, &shrink).await.expect(200);
    client.patch(&format!("{APP_KEYS}/{}", made.id()), &narrow, &shrink).await.expect(403);
    // Whoever holds everything may take the scopes off.
    let free = change(&made.id(), json!({"scopes": []}));
    client.patch(&format!("{OWN_APP_KEYS}/{}", made.id()), keys, &free).await.expect(200);
    client.get(AUDIT, &narrow).await.expect(200);
}

#[tokio::test]
async fn a_narrowed_key_of_one_who_manages_access_makes_no_wider_one_either() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let scopes = [p::USER_APP_KEYS, p::USER_ACCESS_MANAGE];
    let made = client.post(OWN_APP_KEYS, keys, &bodies::app_key("narrow", Some(&scopes))).await;
    let made = made.expect(201);
    let narrow = pair(&world, &made.attribute("key"));
    client.post(OWN_APP_KEYS, &narrow, &bodies::app_key("wide", None)).await.expect(403);
    let free = change(&made.id(), json!({"scopes": []}));
    client.patch(&format!("{OWN_APP_KEYS}/{}", made.id()), &narrow, &free).await.expect(403);
    client.post(OWN_APP_KEYS, &narrow, &bodies::app_key("same", Some(&scopes))).await.expect(201);
}

#[tokio::test]
async fn a_scope_that_is_no_permission_is_refused_by_name() {
    let world = World::start().await;
    let mut body = bodies::app_key("x", Some(&[p::TEAMS_READ]));
    body["data"]["attributes"]["scopes"] = json!(["teams_read", "dashboards_read"]);
    let refused = world.client().post(OWN_APP_KEYS, world.keys(), &body).await.expect(400);
    assert!(refused.detail().contains("`dashboards_read`"), "{refused:?}");
    assert!(refused.detail().contains("/data/attributes/scopes/1"), "{refused:?}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_also_on_another_replica() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(OWN_APP_KEYS, keys, &bodies::app_key("ci", None)).await.expect(201);
    let theirs = pair(&world, &made.attribute("key"));
    second.client.get("/api/v2/current_user", &theirs).await.expect(200);
    // Narrowing counts at once too.
    let id = made.id();
    let narrow = change(&id, json!({"scopes": ["teams_read"]}));
    second.client.get(AUDIT, &theirs).await.expect(200);
    client.patch(&format!("{OWN_APP_KEYS}/{id}"), keys, &narrow).await.expect(200);
    second.client.get(AUDIT, &theirs).await.expect(403);
    client.delete(&format!("{OWN_APP_KEYS}/{id}"), keys).await.expect(204);
    second.client.get("/api/v2/current_user", &theirs).await.expect(403);
}

#[tokio::test]
async fn the_last_use_appears() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(OWN_APP_KEYS, keys, &bodies::app_key("ci", None)).await.expect(201);
    let one = format!("{APP_KEYS}/{}", made.id());
    let used = |answer: &Answer| answer.json()["data"]["attributes"]["last_used_at"].clone();
    assert_eq!(used(&client.get(&one, keys).await.expect(200)), Value::Null);
    client.get("/api/v2/current_user", &pair(&world, &made.attribute("key"))).await.expect(200);
    assert!(used(&client.get(&one, keys).await.expect(200)).is_string());
}

#[tokio::test]
async fn more_keys_than_the_limit_are_a_conflict_that_names_the_limit() {
    let world = World::with(|config| config.limits.app_keys_per_user = 2).await;
    let (client, keys) = (world.client(), world.keys());
    // The admin has one already; the account has none.
    for (path, more) in [(OWN_APP_KEYS.to_owned(), 1), (of(&world), 2)] {
        let body = bodies::app_key("x", None);
        for _ in 0..more {
            client.post(&path, keys, &body).await.expect(201);
        }
        let full = client.post(&path, keys, &body).await.expect(409);
        assert!(full.detail().contains('2'), "{full:?}");
    }
    let list = client.get(OWN_APP_KEYS, keys).await.expect(200).json();
    assert_eq!(list["meta"]["max_allowed_per_user"], 2);
}

/// An application key without its API key, or in its place, is nothing.
#[tokio::test]
async fn an_application_key_counts_only_beside_an_api_key() {
    let world = World::start().await;
    let app = world.keys().app.expose_secret();
    world.client().get("/api/v1/validate", Auth::ApiKey(app)).await.expect(403);
    let request = world.client().request(reqwest::Method::GET, TEAMS, Auth::Nothing);
    Answer::of(request.header("DD-APPLICATION-KEY", app)).await.expect(401);
}
