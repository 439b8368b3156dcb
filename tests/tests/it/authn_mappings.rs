//! Mappings of an identity provider's attributes to roles and teams, and the preview of what they give.

use integration::{AUTHN_MAPPINGS, Answer, ROLES, TEAMS, USERS, World, bodies};
use serde_json::{Value, json};

async fn role(world: &World, name: &str) -> String {
    let made = world.client().post(ROLES, world.keys(), &bodies::role(name, &[])).await;
    made.expect(200).id()
}

async fn map(world: &World, key: &str, value: &str, role: &str) -> Answer {
    world
        .client()
        .post(AUTHN_MAPPINGS, world.keys(), &bodies::authn_mapping(key, value, role))
        .await
}

fn to_team(value: &str, team: &str) -> Value {
    json!({"data": {"type": "authn_mappings",
        "attributes": {"attribute_key": "memberOf", "attribute_value": value},
        "relationships": {"team": {"data": {"type": "team", "id": team}}}}})
}

#[tokio::test]
async fn a_mapping_lives_as_clients_of_the_public_service_expect() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (first, second) = (role(&world, "First").await, role(&world, "Second").await);
    let made = map(&world, "member-of", "Development", &first).await.expect(200);
    let body = made.json();
    assert_eq!(body["data"]["type"], "authn_mappings");
    assert_eq!(body["data"]["attributes"]["attribute_key"], "member-of");
    assert_eq!(body["data"]["relationships"]["role"]["data"]["id"], first.as_str());
    assert_eq!(body["data"]["relationships"]["team"], Value::Null);
    assert_eq!(body["included"][0]["attributes"]["name"], "First");
    assert_eq!(body["data"]["attributes"]["created_at"], body["data"]["attributes"]["modified_at"]);

    let one = format!("{AUTHN_MAPPINGS}/{}", made.id());
    let change = json!({"data": {"type": "authn_mappings", "id": made.id(),
        "attributes": {"attribute_value": "Operations"},
        "relationships": {"role": {"data": {"type": "roles", "id": second}}}}});
    client.patch(&one, keys, &change).await.expect(200);
    let shown = client.get(&one, keys).await.expect(200).json();
    assert_eq!(shown["data"]["attributes"]["attribute_key"], "member-of");
    assert_eq!(shown["data"]["attributes"]["attribute_value"], "Operations");
    assert_eq!(shown["data"]["relationships"]["role"]["data"]["id"], second.as_str());
    client.delete(&one, keys).await.expect(204);
    for gone in [client.get(&one, keys).await, client.delete(&one, keys).await] {
        let gone = gone.expect(404);
        assert_eq!(gone.detail(), format!("Mapping with id {} not found", made.id()));
    }
}

#[tokio::test]
async fn a_mapping_goes_with_its_role_or_team() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let role = role(&world, "Gone").await;
    let team = client.post(TEAMS, keys, &bodies::team("gone")).await.expect(201).id();
    let by_role = map(&world, "k", "v", &role).await.expect(200).id();
    let by_team = client.post(AUTHN_MAPPINGS, keys, &to_team("v", &team)).await.expect(200);
    assert_eq!(by_team.json()["included"][0]["attributes"]["handle"], "gone");
    client.delete(&format!("{ROLES}/{role}"), keys).await.expect(204);
    client.delete(&format!("{TEAMS}/{team}"), keys).await.expect(204);
    for id in [by_role, by_team.id()] {
        client.get(&format!("{AUTHN_MAPPINGS}/{id}"), keys).await.expect(404);
    }
}

#[tokio::test]
async fn lists_are_sorted_filtered_and_paged() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (zebra, ant) = (role(&world, "Zebra").await, role(&world, "Ant").await);
    for (key, value, role) in [("b", "2", &zebra), ("a", "3", &ant), ("c", "1", &zebra)] {
        map(&world, key, value, role).await.expect(200);
    }
    let team = client.post(TEAMS, keys, &bodies::team("core")).await.expect(201).id();
    client.post(AUTHN_MAPPINGS, keys, &to_team("9", &team)).await.expect(200);
    let values = async |query: &str| {
        let list = client.get(&format!("{AUTHN_MAPPINGS}?{query}"), keys).await.expect(200).json();
        let value = |row: &Value| row["attributes"]["attribute_value"].as_str().unwrap().to_owned();
        list["data"].as_array().unwrap().iter().map(value).collect::<Vec<_>>().join("")
    };
    #[rustfmt::skip]
    let cases = [
        ("by age",              "",                                                  "2319"),
        ("youngest first",      "sort=-created_at",                                  "9132"),
        ("by key",              "sort=saml_assertion_attribute.attribute_key",       "3219"),
        ("by value, backwards", "sort=-saml_assertion_attribute.attribute_value",    "9321"),
        ("roles only",          "resource_type=role",                                "231"),
        ("teams only",          "resource_type=team",                                "9"),
        ("by role's name",      "filter=zEBRA",                                      "21"),
        ("by value",            "filter=9",                                          "9"),
        ("second page",         "page[size]=3&page[number]=1",                       "9"),
        ("past the end",        "page[size]=3&page[number]=7",                       ""),
    ];
    for (rule, query, expected) in cases {
        assert_eq!(values(query).await, expected, "{rule}");
    }
    let list = client.get(&format!("{AUTHN_MAPPINGS}?filter=zebra"), keys).await.expect(200).json();
    assert_eq!(list["meta"]["page"], json!({"total_count": 4, "total_filtered_count": 2}));
    assert_eq!(list["included"].as_array().unwrap().len(), 1, "each role once");
    client.get(&format!("{AUTHN_MAPPINGS}?sort=colour"), keys).await.expect(400);
    client.get(&format!("{AUTHN_MAPPINGS}?resource_type=colour"), keys).await.expect(400);
}

#[tokio::test]
async fn m_04_a_mapping_that_cannot_be_is_refused_and_nothing_is_written() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let ours = role(&world, "Ours").await;
    let other = world.server.tenant("Other").await;
    let theirs = other.first.admin.id.to_string();
    map(&world, "k", "v", &ours).await.expect(200);
    let both = {
        let mut body = bodies::authn_mapping("k", "w", &ours);
        let team = client.post(TEAMS, keys, &bodies::team("t")).await.expect(201).id();
        body["data"]["relationships"]["team"] = json!({"data": {"type": "team", "id": team}});
        body
    };
    let neither = json!({"data": {"type": "authn_mappings", "attributes": {"attribute_key": "k", "attribute_value": "w"}}});
    let mapping = bodies::authn_mapping;
    #[rustfmt::skip]
    let cases = [
        ("the same once more",        mapping("k", "v", &ours),                              409, "there is a mapping"),
        ("another organization's",    mapping("k", "w", &theirs),                            404, "no such role"),
        ("an unknown role",           mapping("k", "w", "11111111-2222-4333-8444-555555555555"), 404, "no such role"),
        ("no id",                     mapping("k", "w", "x"),                                400, "a role is"),
        ("both targets",              both,                                                  400, "not both"),
        ("no target",                 neither,                                               400, "say what it gives"),
        ("an empty key",              mapping(" ", "w", &ours),                              400, "cannot be empty"),
        ("an empty value",            mapping("k", "", &ours),                               400, "cannot be empty"),
        ("a NUL",                     mapping("k", "a\0b", &ours),                           400, "control characters"),
        ("an over-long value",        mapping("k", &"x".repeat(1_025), &ours),               400, "at most 1024 bytes"),
    ];
    for (rule, body, status, words) in cases {
        let answer = client.post(AUTHN_MAPPINGS, keys, &body).await.expect(status);
        assert!(answer.detail().contains(words), "{rule}: {answer:?}");
    }
    let list = client.get(AUTHN_MAPPINGS, keys).await.expect(200).json();
    assert_eq!(list["meta"]["page"]["total_count"], 1);
}

#[tokio::test]
async fn m_01_the_preview_says_what_would_be_gained_kept_and_lost_and_why() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let (dev, ops, old) =
        (role(&world, "Dev").await, role(&world, "Ops").await, role(&world, "Old").await);
    let by_dev = map(&world, "memberOf", "dev", &dev).await.expect(200).id();
    let also = map(&world, "mail", "ann@example.com", &dev).await.expect(200).id();
    map(&world, "memberOf", "ops", &ops).await.expect(200);
    map(&world, "memberOf", "Dev", &old).await.expect(200);
    let roles = [dev.parse().unwrap(), old.parse().unwrap()];
    client.post(USERS, keys, &bodies::user("ann@example.com", &roles)).await.expect(201);
    let ask = async |user: Option<&str>| {
        let body = json!({"data": {"type": "authn_mapping_previews", "attributes": {
            "attributes": {"memberOf": ["dev", "ops", "dev", "qa"], "mail": ["ann@example.com"]},
            "user": user,
        }}});
        let path = format!("{AUTHN_MAPPINGS}/preview");
        client.post(&path, keys, &body).await.expect(200).json()["data"]["attributes"].clone()
    };
    let names = |list: &Value| {
        let name = |row: &Value| row["name"].as_str().unwrap().to_owned();
        let mut names: Vec<String> = list.as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    };
    let preview = ask(Some("ann@example.com")).await;
    assert_eq!(names(&preview["now"]), ["Dev", "Old"]);
    assert_eq!(names(&preview["then"]), ["Dev", "Ops"]);
    assert_eq!(names(&preview["gained"]), ["Ops"]);
    assert_eq!(names(&preview["kept"]), ["Dev"]);
    assert_eq!(names(&preview["lost"]), ["Old"], "values are compared byte for byte");
    let reasons = preview["kept"][0]["mappings"].as_array().unwrap();
    let ids: Vec<&str> = reasons.iter().map(|mapping| mapping["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 2 && ids.contains(&&*by_dev) && ids.contains(&&*also), "{ids:?}");
    let left = json!([{"attribute_key": "memberOf", "attribute_values": ["qa"]}]);
    assert_eq!(preview["unmatched"], left);
    assert_eq!(names(&ask(None).await["gained"]), ["Dev", "Ops"]);
}
