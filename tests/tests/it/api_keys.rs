//! API keys, and the generations of managed ones beside them.

use integration::{API_KEYS, Auth, INTAKES, KeyPair, World, bodies};
use serde_json::{Value, json};

fn one(id: &str) -> String {
    format!("{API_KEYS}/{id}")
}

fn rename(id: &str, name: &str) -> Value {
    json!({"data": {"type": "api_keys", "id": id, "attributes": {"name": name}}})
}

/// Makes a key: its id and its text.
async fn make(world: &World, name: &str) -> (String, String) {
    let made = world.client().post(API_KEYS, world.keys(), &bodies::named("api_keys", name)).await;
    let made = made.expect(201);
    (made.id(), made.attribute("key").as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_works_at_once_and_its_text_is_shown_once() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(API_KEYS, keys, &bodies::named("api_keys", "ci")).await.expect(201);
    let text = made.attribute("key").as_str().unwrap().to_owned();
    assert!(text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
    assert_eq!(made.attribute("last4"), text[28..]);
    assert_eq!(made.attribute("category"), "default");
    let by = made.json()["data"]["relationships"]["created_by"]["data"]["id"].clone();
    assert_eq!(by, world.org.admin.id.to_string());

    client.get("/api/v1/validate", Auth::ApiKey(&text)).await.expect(200);
    let pair = KeyPair { api: text.as_str().into(), app: keys.app.clone() };
    client.get("/api/v2/validate_keys", &pair).await.expect(200);

    let id = made.id();
    let masked = format!("{}{}", "*".repeat(28), &text[28..]);
    let shown = client.get(&one(&id), keys).await.expect(200);
    assert_eq!(shown.attribute("key"), masked);
    let changed = client.patch(&one(&id), keys, &rename(&id, "ci 2")).await.expect(200);
    assert_eq!(
        (changed.attribute("key"), changed.attribute("name")),
        (json!(masked), json!("ci 2"))
    );
    let list = client.get(&format!("{API_KEYS}?filter=ci"), keys).await.expect(200);
    assert_eq!(list.json()["meta"]["max_allowed"], 200);
    assert!(list.json()["data"][0]["attributes"].get("key").is_none());
    let log = client.get("/api/v2/audit/events?page[limit]=1000", keys).await.expect(200);
    for answer in [shown, changed, list, log] {
        assert!(!answer.text().contains(&text), "{answer:?}");
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_also_on_another_replica() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let (id, text) = make(&world, "ci").await;
    let pair = KeyPair { api: text.as_str().into(), app: world.keys().app.clone() };
    for client in [world.client(), &second.client] {
        client.get("/api/v1/validate", Auth::ApiKey(&text)).await.expect(200);
        client.get("/api/v2/current_user", &pair).await.expect(200);
    }
    assert!(world.client().delete(&one(&id), world.keys()).await.expect(204).body.is_empty());
    for client in [world.client(), &second.client] {
        client.get("/api/v1/validate", Auth::ApiKey(&text)).await.expect(403);
        client.get("/api/v2/current_user", &pair).await.expect(403);
        let gone = client.get(&one(&id), world.keys()).await.expect(404);
        assert_eq!(gone.json(), json!({"errors": ["API key not found"]}));
    }
    world.client().delete(&one(&id), world.keys()).await.expect(404);
}

#[tokio::test]
async fn the_last_use_appears() {
    let world = World::start().await;
    let (id, text) = make(&world, "ci").await;
    let get = async || world.client().get(&one(&id), world.keys()).await.expect(200).json();
    let before = get().await["data"]["attributes"].clone();
    assert_eq!(before["date_last_used"], Value::Null);
    assert_eq!(before["used_in_last_24_hours"], false);
    world.client().get("/api/v1/validate", Auth::ApiKey(&text)).await.expect(200);
    let after = get().await["data"]["attributes"].clone();
    assert!(after["date_last_used"].as_str() >= after["created_at"].as_str(), "{after}");
    assert_eq!(after["used_in_last_24_hours"], true);
}

#[tokio::test]
async fn more_keys_than_the_limit_are_a_conflict_that_names_the_limit() {
    let world = World::with(|config| config.limits.api_keys_per_organization = 3).await;
    // The admin's is the first; managed keys count too, but are made in any case.
    let (first, _) = make(&world, "a").await;
    make(&world, "b").await;
    world.managed_key().await;
    let body = bodies::named("api_keys", "c");
    let full = world.client().post(API_KEYS, world.keys(), &body).await.expect(409);
    assert!(full.detail().contains('3'), "{full:?}");
    let list = world.client().get(API_KEYS, world.keys()).await.expect(200).json();
    assert_eq!(list["meta"]["max_allowed"], 3);
    world.client().delete(&one(&first), world.keys()).await.expect(204);
    world.client().post(API_KEYS, world.keys(), &body).await.expect(409);
    let managed = format!("{API_KEYS}?filter[category]=managed_intake");
    let managed = world.client().get(&managed, world.keys()).await.expect(200).json();
    let managed = managed["data"][0]["id"].as_str().unwrap();
    world.client().delete(&one(managed), world.keys()).await.expect(204);
    make(&world, "c").await;
}

#[tokio::test]
async fn a_managed_key_is_listed_and_revoked_here_and_the_next_exchange_makes_another() {
    let world = World::durable().await;
    let second = world.another_server().await;
    let (client, keys) = (world.client(), world.keys());
    let path = format!("{API_KEYS}?filter[category]=managed_intake");
    assert_eq!(client.get(&path, keys).await.expect(200).json()["data"], json!([]));
    let managed = world.managed_key().await;
    let list = client.get(&path, keys).await.expect(200).json();
    let rows = list["data"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{list}");
    let attributes = &rows[0]["attributes"];
    assert_eq!(attributes["category"], "managed_intake");
    assert_eq!(attributes["last4"], managed[28..]);
    let id = rows[0]["id"].as_str().unwrap();
    let shown = client.get(&one(id), keys).await.expect(200);
    assert!(!shown.text().contains(&managed));
    let refused = client.patch(&one(id), keys, &rename(id, "mine")).await.expect(400);
    assert!(refused.detail().contains("managed key"), "{refused:?}");
    let made = client.get(&format!("{API_KEYS}?filter[category]=default"), keys).await.expect(200);
    assert!(made.json()["data"].as_array().unwrap().iter().all(|row| row["id"] != id));

    client.delete(&one(id), keys).await.expect(204);
    for client in [client, &second.client] {
        client.get("/api/v1/validate", Auth::ApiKey(&managed)).await.expect(403);
    }
    let next = world.managed_key().await;
    assert_ne!(next, managed);
    for client in [client, &second.client] {
        client.get("/api/v1/validate", Auth::ApiKey(&next)).await.expect(200);
    }
    assert_eq!(world.managed_key().await, next, "and it is handed out from then on");

    client.delete(&format!("{INTAKES}/{}", world.intake), keys).await.expect(204);
    client.get("/api/v1/validate", Auth::ApiKey(&next)).await.expect(403);
    assert_eq!(client.get(&path, keys).await.expect(200).json()["data"], json!([]));
}

#[tokio::test]
async fn lists_are_narrowed_by_time_and_by_flag() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let mut body = bodies::named("api_keys", "remote");
    body["data"]["attributes"]["remote_config_read_enabled"] = true.into();
    let id = client.post(API_KEYS, keys, &body).await.expect(201).id();
    let count = async |query: &str| {
        let list = client.get(&format!("{API_KEYS}?{query}"), keys).await.expect(200).json();
        let rows = list["data"].as_array().unwrap().len() as u64;
        assert_eq!(list["meta"]["page"]["total_filtered_count"], rows, "{query}");
        rows
    };
    assert_eq!(count("filter[remote_config_read_enabled]=true").await, 1);
    assert_eq!(count("filter[remote_config_read_enabled]=false").await, 1);
    assert_eq!(count("filter[created_at][start]=2020-01-01T00:00:00Z").await, 2);
    assert_eq!(count("filter[created_at][end]=2020-01-01T00:00:00Z").await, 0);
    assert_eq!(count("filter[modified_at][start]=2100-01-01T00:00:00%2B00:00").await, 0);
    for query in [
        "filter[created_at][start]=yesterday",
        "filter[category]=all",
        "filter[remote_config_read_enabled]=2",
    ] {
        client.get(&format!("{API_KEYS}?{query}"), keys).await.expect(400);
    }
    let other = rename(&world.persona, "x");
    let mismatch = client.patch(&one(&id), keys, &other).await.expect(422);
    assert!(!mismatch.detail().is_empty());
}
