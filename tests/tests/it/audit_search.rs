//! The audit log as it is read: everything that was changed or refused is in it, once, and nobody else's.

use std::collections::BTreeSet;

use auth_model::permissions as p;
use countersign_server::{Need, RouteInfo, route_table};
use integration::{AUDIT, Answer, Auth, KeyPair, ROLES, TEAMS, World, bodies};
use reqwest::Method;
use serde_json::{Value, json};

use crate::things::{ONLY_ASK, Things};

const SEARCH: &str = "/api/v2/audit/events/search";

/// The details of an event.
fn details(event: &Value) -> &Value {
    &event["attributes"]["attributes"]
}

async fn newest(world: &World) -> Value {
    let list =
        world.client().get(&format!("{AUDIT}?page[limit]=1"), world.keys()).await.expect(200);
    list.json()["data"][0].clone()
}

async fn ask(world: &World, route: &RouteInfo, things: &mut Things<'_>, auth: Auth<'_>) -> Answer {
    let (path, body) = things.request(route).await;
    let request = world.client().request(route.method.clone(), &path, auth);
    Answer::of(Things::with_body(request, &body)).await
}

/// The routes that change something for a user.
fn changing() -> Vec<RouteInfo> {
    let changes = |route: &RouteInfo| {
        matches!(route.need, Need::AnyOf(_))
            && route.method != Method::GET
            && !ONLY_ASK.contains(&route.name)
    };
    route_table().into_iter().filter(changes).collect()
}

#[tokio::test]
async fn every_change_is_in_the_log_under_the_name_of_its_route() {
    let world = World::start().await;
    let mut things = Things::of(&world).await;
    let admin = world.org.admin.id.to_string();
    for route in changing() {
        let answer = ask(&world, &route, &mut things, Auth::Keys(world.keys())).await;
        assert!(answer.status.is_success(), "{}: {answer:?}", route.name);
        things.forget();
        let event = newest(&world).await;
        let found = details(&event);
        assert_eq!((&found["action"], &found["outcome"]), (&json!(route.name), &json!("granted")));
        assert_eq!(found["user_id"], admin, "{}", route.name);
        assert_eq!(found["request_id"].as_str(), answer.header("x-request-id"), "{}", route.name);
        assert_eq!(found["source_ip"], "127.0.0.1", "{}", route.name);
        assert_eq!(event["attributes"]["message"], format!("{} granted", route.name));
    }
}

#[tokio::test]
async fn every_refusal_of_a_known_caller_is_in_the_log_under_the_name_of_its_route() {
    let world = World::start().await;
    let mut things = Things::of(&world).await;
    let (user, nobody) = world.server.person(world.org.id, "nobody@example.com", &[]).await;
    for route in route_table() {
        let Need::AnyOf(_) = route.need else { continue };
        let answer = ask(&world, &route, &mut things, Auth::Keys(&nobody)).await.expect(403);
        let event = newest(&world).await;
        let found = details(&event);
        assert_eq!((&found["action"], &found["outcome"]), (&json!(route.name), &json!("refused")));
        assert_eq!(
            (&found["user_id"], &found["reason"]),
            (&json!(user.id.to_string()), &json!("forbidden"))
        );
        assert_eq!(found["request_id"].as_str(), answer.header("x-request-id"), "{}", route.name);
        assert!(found["detail"].as_str().unwrap().contains("needs the permission"), "{found}");
    }
}

#[tokio::test]
async fn looking_is_not_recorded_and_strangers_are_not_either() {
    let world = World::start().await;
    let before = world.events().await.len();
    for path in [ROLES, TEAMS, AUDIT, "/api/v2/roles/11111111-2222-4333-8444-555555555555"] {
        world.client().get(path, world.keys()).await;
        world.client().get(path, Auth::Nothing).await.expect(401);
    }
    let unknown = KeyPair { api: "x".into(), app: "y".into() };
    world.client().post(ROLES, &unknown, &bodies::role("x", &[])).await.expect(403);
    assert_eq!(world.events().await.len(), before);
}

/// Reads page after page by the links between them; `between` is called after each.
async fn read(world: &World, query: &str, between: impl AsyncFn()) -> Vec<Value> {
    let mut events = Vec::new();
    let mut path = format!("{AUDIT}?{query}&page[limit]=4");
    loop {
        let page = world.client().get(&path, world.keys()).await.expect(200).json();
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= 4);
        events.extend(rows.iter().cloned());
        let Some(after) = page["meta"]["page"]["after"].as_str() else { return events };
        // The link asks the whole question again, from there on.
        let next = page["links"]["next"].as_str().unwrap();
        assert!(next.ends_with(after.rsplit('-').next().unwrap()), "{next}");
        path = next.strip_prefix(&world.config().public_url).unwrap().to_owned();
        assert!(events.len() < 500, "paging does not end");
        between().await;
    }
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn paging_either_way_loses_no_event_and_shows_none_twice_while_new_ones_come() {
    let world = World::start().await;
    let team = async |name: String| {
        world.client().post(TEAMS, world.keys(), &bodies::team(&name)).await.expect(201);
    };
    for n in 0..18 {
        team(format!("team {n}")).await;
    }
    let all: Vec<String> = world.events().await.iter().map(|event| event.id.to_string()).collect();
    let count = std::sync::atomic::AtomicU64::new(0);
    let grow = async || {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if n < 5 {
            team(format!("later {n}")).await;
        }
    };
    let down = ids(&read(&world, "sort=-timestamp&filter[from]=now-1h", grow).await);
    assert_eq!(down, all, "newest first: what came later is not on later pages");

    let all: Vec<String> =
        world.events().await.iter().rev().map(|event| event.id.to_string()).collect();
    let up = ids(&read(&world, "sort=timestamp&filter[from]=now-1h", grow).await);
    assert_eq!(up[..all.len()], all, "oldest first");
    assert_eq!(up.iter().collect::<BTreeSet<_>>().len(), up.len());

    // A query narrows, and pages alike.
    let teams = read(&world, "filter[query]=action:team.*&filter[from]=now-1h", async || {}).await;
    assert_eq!(teams.len(), 18 + 5);
    assert!(teams.iter().all(|event| details(event)["action"] == "team.create"));
}

#[tokio::test]
async fn a_range_of_time_holds_its_start_and_not_its_end() {
    let world = World::start().await;
    let all = read(&world, "filter[from]=now-1h", async || {}).await;
    let time = |event: &Value| event["attributes"]["timestamp"].as_str().unwrap().to_owned();
    let (newest, oldest) = (time(&all[0]), time(all.last().unwrap()));
    let range = async |query: String| ids(&read(&world, &query, async || {}).await);
    assert_eq!(range(format!("filter[from]={oldest}")).await, ids(&all));
    let before: Vec<Value> = all.iter().filter(|event| time(event) < newest).cloned().collect();
    assert_eq!(range(format!("filter[from]={oldest}&filter[to]={newest}")).await, ids(&before));
    assert!(range(format!("filter[from]=now-1h&filter[to]={oldest}")).await.is_empty());
    assert!(range(format!("filter[from]={newest}&filter[to]={oldest}")).await.is_empty());
    assert!(range("filter[from]=1000&filter[to]=2000".to_owned()).await.is_empty());
}

#[tokio::test]
async fn a_search_finds_by_terms_and_says_what_is_wrong_with_a_query() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    client.post(ROLES, keys, &bodies::role("Deploy to prod", &[p::TEAMS_MANAGE])).await.expect(200);
    client.post(ROLES, keys, &bodies::role("Deploy to prod", &[])).await.expect(409);
    let count = async |query: &str| {
        let body = json!({"filter": {"query": query, "from": "now-1h"}, "page": {"limit": 100}});
        client.post(SEARCH, keys, &body).await.expect(200).json()["data"].as_array().unwrap().len()
    };
    #[rustfmt::skip]
    let cases = [
        ("\"deploy to prod\"",                               1),
        ("action:role.create outcome:refused",               1),
        ("action:role.create reason:conflict",               1),
        ("action:role.create -outcome:refused prod",         1),
        ("action:nothing",                                   0),
        (&format!("user:{} action:role.*", world.org.admin.id), 2),
    ];
    for (query, expected) in cases {
        assert_eq!(count(query).await, expected, "{query}");
    }
    #[rustfmt::skip]
    let wrong = [
        ("an unknown field",  json!({"filter": {"query": "colour:red"}})),
        ("an open quote",     json!({"filter": {"query": "\"x"}})),
        ("no time",           json!({"filter": {"from": "yesterday"}})),
        ("an unknown order",  json!({"sort": "name"})),
        ("no cursor of ours", json!({"page": {"cursor": "abc"}})),
        ("too many",          json!({"page": {"limit": 1001}})),
        ("none",              json!({"page": {"limit": 0}})),
        ("less than none",    json!({"page": {"limit": -1}})),
    ];
    for (rule, body) in wrong {
        let refused = client.post(SEARCH, keys, &body).await;
        assert_eq!(refused.status, 400, "{rule}");
        assert!(!refused.detail().is_empty());
    }
}

#[tokio::test]
async fn another_organizations_events_are_never_seen() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let theirs: BTreeSet<String> =
        world.server.events(other.id).await.iter().map(|event| event.id.to_string()).collect();
    world.client().post(TEAMS, &other.keys, &bodies::team("theirs")).await.expect(201);
    assert!(!theirs.is_empty());
    let ours = ids(&read(&world, "filter[from]=now-1h", async || {}).await);
    assert!(ours.iter().all(|id| !theirs.contains(id)));
    // Nor by a cursor of theirs, which is no more than a place in time.
    let path = format!("{AUDIT}?page[limit]=1&filter[from]=now-1h&sort=timestamp");
    let page = world.client().get(&path, &other.keys).await.expect(200).json();
    let cursor = page["meta"]["page"]["after"].as_str().unwrap();
    let path = format!(
        "{AUDIT}?page[cursor]={cursor}&filter[from]=now-1h&sort=timestamp&page[limit]=1000"
    );
    let page = world.client().get(&path, world.keys()).await.expect(200).json();
    assert!(ids(page["data"].as_array().unwrap()).iter().all(|id| ours.contains(id)));
    let body = json!({"filter": {"query": format!("user:{}", other.admin.id), "from": "now-1h"}});
    assert_eq!(
        world.client().post(SEARCH, world.keys(), &body).await.expect(200).json()["data"],
        json!([])
    );
}
