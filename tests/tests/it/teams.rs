//! Teams and who is in them.

use integration::{TEAMS, USERS, World, bodies};
use serde_json::{Value, json};

fn one(id: &str) -> String {
    format!("{TEAMS}/{id}")
}

async fn person(world: &World, email: &str) -> String {
    world.client().post(USERS, world.keys(), &bodies::user(email, &[])).await.expect(201).id()
}

#[tokio::test]
async fn a_team_is_made_shown_changed_and_deleted() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let mut body = bodies::team("core");
    body["data"]["attributes"]["description"] = "Who is\non call".into();
    let made = client.post(TEAMS, keys, &body).await.expect(201);
    assert_eq!(made.json()["data"]["type"], "team");
    assert_eq!(made.attribute("description"), "Who is\non call");
    assert_eq!((made.attribute("user_count"), made.attribute("link_count")), (json!(0), json!(0)));
    let id = made.id();
    let links = &made.json()["data"]["relationships"]["team_links"]["links"]["related"];
    assert_eq!(links, &json!(format!("/api/v2/team/{id}/links")));
    assert_eq!(client.get(&one(&id), keys).await.expect(200).json(), made.json());
    let change =
        json!({"data": {"type": "team", "attributes": {"name": "Core", "handle": "core"}}});
    let changed = client.patch(&one(&id), keys, &change).await.expect(200);
    assert_eq!(changed.attribute("name"), "Core");
    assert_eq!(changed.attribute("description"), "Who is\non call", "what is not given stays");

    client.post(TEAMS, keys, &bodies::team("edge")).await.expect(201);
    for (name, handle) in [("edge", "other"), ("Other", "edge")] {
        let body =
            json!({"data": {"type": "team", "attributes": {"name": name, "handle": handle}}});
        let expected = json!({"errors": ["Team name and handle must be unique"]});
        assert_eq!(client.post(TEAMS, keys, &body).await.expect(409).json(), expected);
        assert_eq!(client.patch(&one(&id), keys, &body).await.expect(409).json(), expected);
    }
    client.delete(&one(&id), keys).await.expect(204);
    for gone in [client.get(&one(&id), keys).await, client.delete(&one(&id), keys).await] {
        let expected = json!({"errors": [format!("Team for ID {id} not found")]});
        assert_eq!(gone.expect(404).json(), expected);
    }
    let none = client.get(&one("core"), keys).await.expect(404);
    assert_eq!(none.json(), json!({"errors": ["core is not a valid UUID not found"]}));
}

#[tokio::test]
async fn members_are_added_changed_counted_and_removed() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let team = client.post(TEAMS, keys, &bodies::team("core")).await.expect(201).id();
    let (ann, bob) =
        (person(&world, "ann@example.com").await, person(&world, "bob@example.com").await);
    let members = format!("{}/memberships", one(&team));
    let added = client.post(&members, keys, &bodies::member(&ann, Some("admin"))).await.expect(200);
    assert_eq!(added.header("content-type"), Some("application/vnd.api+json"));
    assert_eq!(added.attribute("role"), "admin");
    assert_eq!(added.json()["included"][0]["attributes"]["handle"], "ann@example.com");
    client.post(&members, keys, &bodies::member(&bob, None)).await.expect(200);
    let twice = client.post(&members, keys, &bodies::member(&bob, None)).await.expect(409);
    assert!(twice.error()["detail"].as_str().unwrap().contains("already present"), "{twice:?}");
    assert_eq!(client.get(&one(&team), keys).await.expect(200).attribute("user_count"), 2);

    let list = client.get(&format!("{members}?sort=-email"), keys).await.expect(200).json();
    let users: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["relationships"]["user"]["data"]["id"].clone())
        .collect();
    assert_eq!(users, [json!(bob), json!(ann)]);
    assert_eq!(list["meta"]["page"]["total_count"], 2);

    let plain = json!({"data": {"type": "team_memberships", "attributes": {"role": null}}});
    let changed = client.patch(&format!("{members}/{ann}"), keys, &plain).await.expect(200).json();
    assert_eq!(changed["data"]["attributes"]["role"], Value::Null);
    let odd = json!({"data": {"type": "team_memberships", "attributes": {"role": "owner"}}});
    client.patch(&format!("{members}/{ann}"), keys, &odd).await.expect(400);

    let places = client.get(&format!("{USERS}/{ann}/memberships"), keys).await.expect(200).json();
    assert_eq!(places["data"][0]["relationships"]["team"]["data"]["id"], team);
    client.delete(&format!("{members}/{ann}"), keys).await.expect(204);
    client.delete(&format!("{members}/{ann}"), keys).await.expect(404);
    client.patch(&format!("{members}/{ann}"), keys, &plain).await.expect(404);
    client.delete(&one(&team), keys).await.expect(204);
    let places = client.get(&format!("{USERS}/{bob}/memberships"), keys).await.expect(200).json();
    assert_eq!(places["data"], json!([]), "places go with their team");
}

#[tokio::test]
async fn teams_are_found_by_keyword_by_membership_and_by_offset() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    for name in ["core", "edge", "Core tools"] {
        client.post(TEAMS, keys, &bodies::team(name)).await.expect(201);
    }
    let names = async |query: &str| {
        let list = client.get(&format!("{TEAMS}?{query}"), keys).await.expect(200).json();
        let rows = list["data"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["attributes"]["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("filter[keyword]=CORE").await.len(), 2);
    assert!(names("filter[me]=true").await.is_empty());
    let list = client.get(&format!("{TEAMS}?filter[keyword]=edge"), keys).await.expect(200).json();
    let edge = list["data"][0]["id"].as_str().unwrap();
    let me = world.org.admin.id.to_string();
    let members = format!("{}/memberships", one(edge));
    client.post(&members, keys, &bodies::member(&me, None)).await.expect(200);
    assert_eq!(names("filter[me]=true").await, ["edge"]);
    assert_eq!(names("sort=-user_count&page[limit]=1").await, ["edge"]);

    let all = names("").await;
    let page =
        client.get(&format!("{TEAMS}?page[offset]=1&page[limit]=1"), keys).await.expect(200).json();
    assert_eq!(page["data"][0]["attributes"]["name"], all[1]);
    let pagination = &page["meta"]["pagination"];
    for (name, value) in [
        ("total", 3),
        ("limit", 1),
        ("offset", 1),
        ("prev_offset", 0),
        ("next_offset", 2),
        ("last_offset", 2),
    ] {
        assert_eq!(pagination[name], value, "{name}");
    }
    assert!(page["links"]["next"].as_str().unwrap().ends_with("?page[offset]=2&page[limit]=1"));
    for query in [
        "page[limit]=0",
        "page[limit]=-1",
        "page[limit]=1000000000",
        "page[offset]=x",
        "filter[me]=2",
    ] {
        client.get(&format!("{TEAMS}?{query}"), keys).await.expect(400);
    }
}
