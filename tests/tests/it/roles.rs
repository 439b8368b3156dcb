//! Roles: what they hold, who holds them, and that both count from the next request on.

use auth_model::{Permission, permissions as p};
use integration::{ROLES, TEAMS, USERS, World, bodies};
use serde_json::{Value, json};

fn one(id: &str) -> String {
    format!("{ROLES}/{id}")
}

fn link(permission: Permission) -> Value {
    json!({"data": {"type": "permissions", "id": permission.id.to_string()}})
}

fn user_link(id: &str) -> Value {
    json!({"data": {"type": "users", "id": id}})
}

/// The names of the permissions of a list.
fn names(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|row| row["attributes"]["name"].as_str().unwrap()).collect()
}

/// How many permissions a role's document refers to.
fn held(document: &Value) -> Vec<String> {
    let links = document["data"]["relationships"]["permissions"]["data"].as_array().unwrap();
    links.iter().map(|link| link["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_role_is_made_shown_changed_cloned_and_deleted() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let made = client.post(ROLES, keys, &bodies::role("Deploy", &[p::TEAMS_MANAGE])).await;
    let made = made.expect(200);
    assert_eq!(made.header("content-type"), Some("application/json"));
    assert_eq!(made.json()["data"]["type"], "roles");
    assert_eq!(
        (made.attribute("name"), made.attribute("managed")),
        (json!("Deploy"), json!(false))
    );
    assert!(made.attribute("created_at").as_str().unwrap().ends_with("+00:00"));
    assert!(made.json()["data"]["attributes"].get("user_count").is_none());
    let restricted =
        p::ALL.iter().filter(|known| known.restricted).map(|known| known.id.to_string());
    let mut expected: Vec<String> = restricted.chain([p::TEAMS_MANAGE.id.to_string()]).collect();
    let mut found = held(&made.json());
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "what comes with every role comes with this one too");

    let id = made.id();
    let shown = client.get(&one(&id), keys).await.expect(200);
    assert_eq!(shown.attribute("user_count"), 0);

    let change = json!({"data": {"type": "roles", "id": id, "attributes": {"name": "Release"},
        "relationships": {"permissions": {"data": [link(p::AUDIT_LOGS_READ)["data"]]}}}});
    let changed = client.patch(&one(&id), keys, &change).await.expect(200);
    assert_eq!(changed.attribute("name"), "Release");
    assert!(held(&changed.json()).contains(&p::AUDIT_LOGS_READ.id.to_string()));
    assert!(!held(&changed.json()).contains(&p::TEAMS_MANAGE.id.to_string()));
    let rename = json!({"data": {"type": "roles", "id": id, "attributes": {"name": "Ship"}}});
    let renamed = client.patch(&one(&id), keys, &rename).await.expect(200);
    assert_eq!(held(&renamed.json()), held(&changed.json()), "what is not given stays");

    let clone = format!("{}/clone", one(&id));
    let cloned = client.post(&clone, keys, &bodies::named("roles", "Ship 2")).await.expect(200);
    assert_eq!(held(&cloned.json()), held(&renamed.json()));
    assert_ne!(cloned.id(), id);
    let taken = client.post(&clone, keys, &bodies::named("roles", "Ship")).await.expect(409);
    assert_eq!(taken.json(), json!({"errors": ["A role with the same name already exists"]}));

    assert!(client.delete(&one(&id), keys).await.expect(204).body.is_empty());
    for gone in [client.get(&one(&id), keys).await, client.delete(&one(&id), keys).await] {
        assert_eq!(gone.expect(404).json(), json!({"errors": [format!("{id} not found")]}));
    }
    client.get(&one(&cloned.id()), keys).await.expect(200);
}

#[tokio::test]
async fn the_three_managed_roles_are_found_by_name_and_stay_as_they_are() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let user = user_link(&world.service_account.id.to_string());
    for name in ["Datadog Admin Role", "Datadog Standard Role", "Datadog Read Only Role"] {
        let path = format!("{ROLES}?filter={}", name.replace(' ', "+"));
        let list = client.get(&path, keys).await.expect(200).json();
        assert_eq!(names(&list), [name]);
        assert_eq!(list["data"][0]["attributes"]["managed"], true);
        let id = list["data"][0]["id"].as_str().unwrap();
        let rename = json!({"data": {"type": "roles", "id": id, "attributes": {"name": "x"}}});
        let permissions = format!("{}/permissions", one(id));
        let grant = client.post(&permissions, keys, &link(p::TEAMS_MANAGE)).await;
        let revoke = client.request(reqwest::Method::DELETE, &permissions, keys.into());
        let revoke = integration::Answer::of(revoke.json(&link(p::AUDIT_LOGS_READ))).await;
        for refused in [
            client.patch(&one(id), keys, &rename).await,
            client.delete(&one(id), keys).await,
            grant,
            revoke,
        ] {
            assert!(refused.expect(400).detail().contains("managed role"));
        }
        let users = format!("{}/users", one(id));
        client.post(&users, keys, &user).await.expect(200);
    }
}

#[tokio::test]
async fn a_permission_granted_or_revoked_counts_from_the_next_request_on() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (user, theirs) = world.server.person(world.org.id, "ann@example.com", &[]).await;
    let path = format!("{}/permissions", one(&user.roles[0].to_string()));
    let team = bodies::team("ours");
    client.post(TEAMS, &theirs, &team).await.expect(403);
    for _ in 0..2 {
        let list = client.post(&path, keys, &link(p::TEAMS_MANAGE)).await.expect(200).json();
        assert_eq!(names(&list), ["teams_manage"], "granting twice is granting once");
    }
    client.post(TEAMS, &theirs, &team).await.expect(201);
    assert_eq!(names(&client.get(&path, keys).await.expect(200).json()), ["teams_manage"]);
    for _ in 0..2 {
        let request = client.request(reqwest::Method::DELETE, &path, keys.into());
        let answer = integration::Answer::of(request.json(&link(p::TEAMS_MANAGE))).await;
        assert_eq!(answer.expect(200).json()["data"], json!([]));
    }
    client.post(TEAMS, &theirs, &bodies::team("others")).await.expect(403);

    let restricted = client.request(reqwest::Method::DELETE, &path, keys.into());
    let answer = integration::Answer::of(restricted.json(&link(p::TEAMS_READ))).await.expect(400);
    assert!(answer.detail().contains("`teams_read` comes with every role"), "{answer:?}");
}

#[tokio::test]
async fn a_role_given_or_taken_counts_from_the_next_request_on() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (user, theirs) = world.server.person(world.org.id, "ann@example.com", &[]).await;
    let body = bodies::role("Teams", &[p::TEAMS_MANAGE]);
    let role = client.post(ROLES, keys, &body).await.expect(200).id();
    let path = format!("{}/users", one(&role));
    let link = user_link(&user.id.to_string());
    for _ in 0..2 {
        let list = client.post(&path, keys, &link).await.expect(200).json();
        assert_eq!(list["data"][0]["id"], user.id.to_string());
        assert_eq!(list["meta"]["page"]["total_count"], 1, "giving twice is giving once");
    }
    client.post(TEAMS, &theirs, &bodies::team("ours")).await.expect(201);
    assert_eq!(client.get(&one(&role), keys).await.expect(200).attribute("user_count"), 1);
    let holders = client.get(&path, keys).await.expect(200).json();
    assert_eq!(holders["data"][0]["attributes"]["handle"], "ann@example.com");
    assert_eq!(holders["included"][0]["id"], role);
    for _ in 0..2 {
        let request = client.request(reqwest::Method::DELETE, &path, keys.into());
        let answer = integration::Answer::of(request.json(&link)).await.expect(200).json();
        assert_eq!(answer["data"], json!([]));
        assert_eq!(answer["meta"]["page"]["total_count"], 0);
    }
    client.post(TEAMS, &theirs, &bodies::team("others")).await.expect(403);
    let nobody = user_link("11111111-2222-4333-8444-555555555555");
    client.post(&path, keys, &nobody).await.expect(404);
}

#[tokio::test]
async fn whoever_holds_a_role_loses_it_with_the_role() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (user, theirs) =
        world.server.person(world.org.id, "ann@example.com", &[p::TEAMS_MANAGE]).await;
    client.post(TEAMS, &theirs, &bodies::team("ours")).await.expect(201);
    client.delete(&one(&user.roles[0].to_string()), keys).await.expect(204);
    client.post(TEAMS, &theirs, &bodies::team("others")).await.expect(403);
    let shown = client.get(&format!("{USERS}/{}", user.id), keys).await.expect(200).json();
    assert_eq!(shown["data"]["relationships"]["roles"]["data"], json!([]));
}

#[tokio::test]
async fn the_catalogue_lists_every_permission_by_the_public_ids() {
    let world = World::start().await;
    let list = world.client().get("/api/v2/permissions", world.keys()).await.expect(200).json();
    let rows = list["data"].as_array().unwrap();
    assert_eq!(rows.len(), p::ALL.len());
    for known in p::ALL {
        let row = rows.iter().find(|row| row["id"] == known.id.to_string()).unwrap();
        assert_eq!(row["type"], "permissions");
        assert_eq!(row["attributes"]["name"], known.name);
        assert_eq!(row["attributes"]["restricted"], known.restricted);
        assert!(
            ["read", "write", "other"]
                .contains(&row["attributes"]["display_type"].as_str().unwrap())
        );
    }
}
