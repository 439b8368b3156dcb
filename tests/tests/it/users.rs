//! People and service accounts.

use auth_model::permissions as p;
use integration::{Auth, ROLES, SERVICE_ACCOUNTS, USERS, World, bodies};
use serde_json::{Value, json};

const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

fn one(id: &str) -> String {
    format!("{USERS}/{id}")
}

fn change(id: &str, attributes: Value) -> Value {
    json!({"data": {"type": "users", "id": id, "attributes": attributes}})
}

#[tokio::test]
async fn a_person_is_pending_until_they_sign_in_and_their_handle_is_their_address() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let body = bodies::user("Ann.Example@Example.COM", &[world.org.first.read_only.id]);
    let made = client.post(USERS, keys, &body).await.expect(201);
    let attributes = made.json()["data"]["attributes"].clone();
    assert_eq!(attributes["email"], "ann.example@example.com");
    assert_eq!(attributes["handle"], "ann.example@example.com");
    assert_eq!(attributes["status"], "Pending");
    for (name, value) in [("verified", false), ("service_account", false), ("disabled", false)] {
        assert_eq!(attributes[name], value, "{name}");
    }
    assert_eq!(attributes["uuid"], made.id());
    let relationships = made.json()["data"]["relationships"].clone();
    assert_eq!(relationships["roles"]["data"][0]["id"], world.org.first.read_only.id.to_string());
    assert_eq!(relationships["org"]["data"]["id"], world.org.id.to_string());

    let again = client.post(USERS, keys, &bodies::user("ANN.example@example.com", &[])).await;
    assert_eq!(
        again.expect(409).json(),
        json!({"errors": ["User ann.example@example.com already exists"]})
    );
    // A user of another organization may have it.
    let other = world.server.tenant("Other").await;
    client
        .post(USERS, &other.keys, &bodies::user("ann.example@example.com", &[]))
        .await
        .expect(201);

    let shown = client.get(&one(&made.id()), keys).await.expect(200).json();
    assert_eq!(shown["data"], made.json()["data"]);
    let kinds: Vec<_> =
        shown["included"].as_array().unwrap().iter().map(|row| &row["type"]).collect();
    assert_eq!(kinds, ["roles", "orgs"]);
    let may =
        client.get(&format!("{}/permissions", one(&made.id())), keys).await.expect(200).json();
    let read = may["data"]
        .as_array()
        .unwrap()
        .iter()
        .all(|row| row["attributes"]["display_type"] == "read");
    assert!(read && !may["data"].as_array().unwrap().is_empty());
    let orgs = client.get(&format!("{}/orgs", one(&made.id())), keys).await.expect(200).json();
    assert_eq!(orgs["included"][0]["attributes"]["name"], "Example");
    let none = client.get(&one(UNKNOWN), keys).await.expect(404);
    assert_eq!(none.json(), json!({"errors": ["user not found"]}));
}

#[tokio::test]
async fn a_service_account_is_active_and_its_handle_is_its_id() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let body = bodies::service_account("Admin@example.com", &[]);
    let made = client.post(SERVICE_ACCOUNTS, keys, &body).await.expect(201);
    assert_eq!(made.attribute("handle"), made.id());
    assert_eq!(made.attribute("status"), "Active");
    for name in ["verified", "service_account"] {
        assert_eq!(made.attribute(name), true, "{name}");
    }
    // The admin has the same address, and so may a second service account.
    client
        .post(SERVICE_ACCOUNTS, keys, &bodies::service_account("admin@example.com", &[]))
        .await
        .expect(201);
    for value in [json!(false), json!(null)] {
        let mut body = bodies::service_account("bot@example.com", &[]);
        body["data"]["attributes"]["service_account"] = value;
        let refused = client.post(SERVICE_ACCOUNTS, keys, &body).await.expect(400);
        assert!(refused.detail().contains("/data/attributes/service_account"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_user_is_changed_and_what_is_not_given_stays() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let id = client.post(USERS, keys, &bodies::user("ann@example.com", &[])).await.expect(201).id();
    let attributes = json!({"name": "Ann Example", "title": "Engineer"});
    let changed = client.patch(&one(&id), keys, &change(&id, attributes)).await.expect(200);
    assert_eq!(changed.attribute("name"), "Ann Example");
    assert_eq!(changed.attribute("title"), "Engineer");
    assert_eq!(changed.attribute("email"), "ann@example.com");
    let moved = change(&id, json!({"email": "Ann@Example.org"}));
    let moved = client.patch(&one(&id), keys, &moved).await.expect(200);
    assert_eq!(moved.attribute("handle"), "ann@example.org");
    assert_eq!(moved.attribute("name"), "Ann Example");
    let taken = change(&id, json!({"email": "admin@example.com"}));
    let taken = client.patch(&one(&id), keys, &taken).await.expect(409);
    assert_eq!(taken.json(), json!({"errors": ["User admin@example.com already exists"]}));
    let mismatch = client.patch(&one(&id), keys, &change(UNKNOWN, json!({}))).await.expect(422);
    assert_eq!(
        mismatch.json(),
        json!({"errors": ["UUID's in the URL and request body do not match"]})
    );
    let nobody = client.patch(&one(UNKNOWN), keys, &change(UNKNOWN, json!({}))).await.expect(404);
    assert_eq!(nobody.json(), json!({"errors": [format!("{UNKNOWN} not found")]}));
}

#[tokio::test]
async fn a_disabled_user_can_do_nothing_at_once_and_everything_again_once_enabled() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (user, theirs) =
        world.server.person(world.org.id, "ann@example.com", &[p::TEAMS_READ]).await;
    let (user, account) = (user.id.to_string(), world.service_account.id.to_string());
    let token = world.token().await;
    assert_eq!(world.status_as(Auth::Keys(&theirs)).await, 200);

    for id in [&user, &account] {
        assert!(client.delete(&one(id), keys).await.expect(204).body.is_empty());
        let again = client.delete(&one(id), keys).await.expect(404);
        assert_eq!(again.json(), json!({"errors": [format!("{id} not found")]}));
        let shown = client.get(&one(id), keys).await.expect(200);
        assert_eq!(shown.attribute("disabled"), true);
        assert_eq!(shown.attribute("status"), "Disabled");
    }
    assert_eq!(world.status_as(Auth::Keys(&theirs)).await, 403);
    assert_eq!(world.status_as(Auth::Bearer(&token)).await, 401);

    for id in [&user, &account] {
        let enable = change(id, json!({"disabled": false}));
        let enabled = client.patch(&one(id), keys, &enable).await.expect(200);
        assert_eq!(enabled.attribute("status"), "Active");
    }
    assert_eq!(world.status_as(Auth::Keys(&theirs)).await, 200);
    assert_eq!(world.status_as(Auth::Bearer(&token)).await, 200);
    let disable = change(&user, json!({"disabled": true}));
    client.patch(&one(&user), keys, &disable).await.expect(200);
    assert_eq!(world.status_as(Auth::Keys(&theirs)).await, 403);
}

#[tokio::test]
async fn a_role_that_is_not_the_organizations_is_refused_and_no_user_is_made() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let other = world.server.tenant("Other").await;
    let before = client.get(USERS, keys).await.expect(200).json()["meta"].clone();
    for (path, body) in [
        (USERS, bodies::user("ann@example.com", &[other.first.admin.id])),
        (SERVICE_ACCOUNTS, bodies::service_account("bot@example.com", &[other.first.admin.id])),
    ] {
        let refused = client.post(path, keys, &body).await.expect(400);
        assert!(refused.detail().contains("/data/relationships/roles/data"), "{refused:?}");
    }
    assert_eq!(client.get(USERS, keys).await.expect(200).json()["meta"], before);
    let theirs = format!("{ROLES}/{}/users", other.first.admin.id);
    let link = json!({"data": {"type": "users", "id": world.org.admin.id.to_string()}});
    client.post(&theirs, keys, &link).await.expect(404);
}
