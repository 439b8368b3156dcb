//! Who may come in: keys and tokens on every route of the table, permissions, and the validation routes.

use auth_model::{ExposeSecret, Permission, permissions as p};
use countersign_server::{Family, Need, RouteInfo, route_table};
use integration::{ACCOUNTS, API_KEYS, Answer, Auth, INTAKES, KeyPair, PERSONAS, World, wire};
use serde_json::json;

/// The routes that need a user.
fn guarded() -> Vec<RouteInfo> {
    let needs_user = |route: &RouteInfo| matches!(route.need, Need::User | Need::AnyOf(_));
    let routes: Vec<_> = route_table().into_iter().filter(needs_user).collect();
    assert!(routes.len() >= 24, "{}", routes.len());
    routes
}

/// Asks the route with an id that names nothing, and a body that is fine as JSON.
async fn ask(world: &World, route: &RouteInfo, auth: Auth<'_>) -> Answer {
    let unknown = "11111111-2222-4333-8444-555555555555";
    let mut path = route.path.to_owned();
    for placeholder in ["{id}", "{key}", "{user}"] {
        path = path.replace(placeholder, unknown);
    }
    let request = world.client().request(route.method.clone(), &path, auth);
    Answer::of(request.json(&json!({}))).await
}

async fn all_answer(world: &World, auth: Auth<'_>, status: u16) {
    for route in guarded() {
        let answer = ask(world, &route, auth).await;
        assert_eq!(answer.status.as_u16(), status, "{} {}: {answer:?}", route.method, route.path);
        match route.family {
            Family::Oauth => assert!(answer.json()["error"].is_string(), "{answer:?}"),
            _ => assert!(answer.json()["errors"].is_array(), "{answer:?}"),
        }
    }
}

fn pair(api: &str, app: &str) -> KeyPair {
    KeyPair { api: api.into(), app: app.into() }
}

#[tokio::test]
async fn without_credentials_every_route_that_needs_a_user_is_401() {
    let world = World::start().await;
    all_answer(&world, Auth::Nothing, 401).await;
    all_answer(&world, Auth::ApiKey(world.keys().api.expose_secret()), 401).await;
    let answer = world.client().get("/api/v2/current_user", Auth::Nothing).await;
    assert_eq!(answer.header("www-authenticate"), Some("Bearer, Delegated"));
    assert!(answer.json()["errors"][0].is_string(), "this family's errors are strings");
    assert!(world.client().get(PERSONAS, Auth::Nothing).await.error()["detail"].is_string());
}

#[tokio::test]
async fn pairs_that_do_not_belong_together_are_403_everywhere() {
    let world = World::start().await;
    let other = world.server.tenant("Other").await;
    let (mine, theirs) = (world.keys(), &other.keys);
    let (api, app) = (mine.api.expose_secret(), mine.app.expose_secret());
    let unknown = "0123456789abcdef0123456789abcdef";
    for keys in [
        pair(unknown, app),
        pair(api, unknown),
        pair(app, api),
        pair(api, api),
        pair("", ""),
        pair(api, theirs.app.expose_secret()),
        pair(theirs.api.expose_secret(), app),
    ] {
        all_answer(&world, Auth::Keys(&keys), 403).await;
    }
    assert_eq!(world.status_as(Auth::Keys(mine)).await, 200);
}

#[tokio::test]
async fn a_04_a_managed_key_does_nothing_that_needs_a_user() {
    let world = World::start().await;
    let managed = world.managed_key().await;
    let keys = pair(&managed, world.keys().app.expose_secret());
    all_answer(&world, Auth::Keys(&keys), 403).await;
    all_answer(&world, Auth::Keys(&pair(&managed, &managed)), 403).await;
    all_answer(&world, Auth::ApiKey(&managed), 401).await;
    all_answer(&world, Auth::Bearer(&managed), 401).await;
    world.client().get("/api/v2/validate_keys", &keys).await.expect(403);
}

#[tokio::test]
async fn j_01_tokens_that_are_not_ours_are_401_everywhere() {
    let world = World::start().await;
    let token = world.token().await;
    let parts: Vec<&str> = token.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let turned: String = parts[2].chars().rev().collect();
    let stranger = World::start().await;
    for forged in [
        "nonsense".to_owned(),
        String::new(),
        format!("{none}.{}.", parts[1]),
        format!("{}.{}.{turned}", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}x"),
        stranger.token().await,
    ] {
        all_answer(&world, Auth::Bearer(&forged), 401).await;
    }
    all_answer(&world, Auth::Delegated(&world.proof(&world.runner())), 401).await;
    assert_eq!(world.status_as(Auth::Bearer(&token)).await, 200);
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused() {
    let world = World::start().await;
    let elsewhere =
        World::with(|config| config.public_url = "http://other.example.com".to_owned()).await;
    assert_eq!(world.status_as(Auth::Bearer(&elsewhere.token().await)).await, 401);
}

#[tokio::test]
async fn credentials_that_come_twice_are_400() {
    let world = World::start().await;
    let (api, app) = (world.keys().api.expose_secret(), world.keys().app.expose_secret());
    let token = world.token().await;
    let (api, app) = (format!("DD-API-KEY: {api}"), format!("DD-APPLICATION-KEY: {app}"));
    let bearer = format!("Authorization: Bearer {token}");
    for lines in [
        [&api, &api, &app].as_slice(),
        &[&api, &app, &app],
        &[&bearer, &bearer],
        &[&bearer, &"Authorization: Bearer x".to_owned()],
        &[&api, &"dd-api-key: x".to_owned(), &app],
    ] {
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        let request = wire::request("GET", "/api/v2/current_user", &lines);
        let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
        assert_eq!(wire::status(&answer), 400, "{answer}");
        assert!(answer.contains("more than once"), "{answer}");
    }
}

#[tokio::test]
async fn the_names_of_headers_and_schemes_have_no_case() {
    let world = World::start().await;
    let token = world.token().await;
    let api = format!("Dd-Api-Key: {}", world.keys().api.expose_secret());
    let app = format!("dd-application-KEY: {}", world.keys().app.expose_secret());
    let bearer = format!("AUTHORIZATION: bearer {token}");
    for lines in [[api.as_str(), app.as_str()].as_slice(), &[bearer.as_str()]] {
        let request = wire::request("GET", "/api/v2/current_user", lines);
        let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
        assert_eq!(wire::status(&answer), 200, "{answer}");
    }
}

/// Every permission but those that the route would be content with.
#[tokio::test]
async fn a_permission_that_is_lacking_is_named() {
    let world = World::start().await;
    let mut seen: Vec<(Vec<&str>, KeyPair)> = Vec::new();
    for route in guarded() {
        let Need::AnyOf(needed) = route.need else { continue };
        let names: Vec<&str> = needed.iter().map(|permission| permission.name).collect();
        if !seen.iter().any(|(known, _)| *known == names) {
            let rest: Vec<Permission> = p::ALL
                .iter()
                .filter(|permission| !names.contains(&permission.name))
                .copied()
                .collect();
            let email = format!("person{}@example.com", seen.len());
            seen.push((names.clone(), world.server.person(world.org.id, &email, &rest).await.1));
        }
        let (_, keys) = seen.iter().find(|(known, _)| *known == names).unwrap();
        let answer = ask(&world, &route, Auth::Keys(keys)).await;
        assert_eq!(answer.status, 403, "{} {}", route.method, route.path);
        for name in names {
            assert!(answer.detail().contains(&format!("`{name}`")), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn either_family_of_permissions_opens_the_mappings() {
    let world = World::start().await;
    for (n, (read, write)) in [
        (p::CLOUD_AUTH_CONFIG_READ, p::CLOUD_AUTH_CONFIG_WRITE),
        (p::WORKLOAD_IDENTITY_FEDERATION_READ, p::WORKLOAD_IDENTITY_FEDERATION_WRITE),
    ]
    .into_iter()
    .enumerate()
    {
        let (_, reader) =
            world.server.person(world.org.id, &format!("reader{n}@example.com"), &[read]).await;
        let (_, writer) =
            world.server.person(world.org.id, &format!("writer{n}@example.com"), &[write]).await;
        let body =
            integration::intake_mapping(&format!("arn:aws:sts::123456789012:assumed-role/r{n}/*"));
        for path in [PERSONAS, INTAKES] {
            world.client().get(path, &reader).await.expect(200);
            world.client().get(path, &writer).await.expect(403);
        }
        world.client().post(INTAKES, &reader, &body).await.expect(403);
        let id = world.client().post(INTAKES, &writer, &body).await.expect(201).id();
        world.client().delete(&format!("{INTAKES}/{id}"), &reader).await.expect(403);
        world.client().delete(&format!("{INTAKES}/{id}"), &writer).await.expect(204);
        world.client().get(ACCOUNTS, &reader).await.expect(403);
    }
}

#[tokio::test]
async fn somebody_without_permissions_sees_themselves_and_nothing_else() {
    let world = World::start().await;
    let (user, keys) = world.server.person(world.org.id, "nobody@example.com", &[]).await;
    let me = world.client().get("/api/v2/current_user", &keys).await.expect(200);
    assert_eq!(me.id(), user.id.to_string());
    world.client().get("/api/v2/validate_keys", &keys).await.expect(200);
    for route in guarded() {
        if let Need::AnyOf(_) = route.need {
            let answer = ask(&world, &route, Auth::Keys(&keys)).await;
            assert_eq!(answer.status, 403, "{} {}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn v1_validate_takes_the_key_from_header_or_query_and_says_403() {
    let world = World::start().await;
    let key = world.keys().api.expose_secret();
    let client = world.client();
    for auth in [Auth::ApiKey(key), Auth::Keys(world.keys())] {
        assert_eq!(
            client.get("/api/v1/validate", auth).await.expect(200).json(),
            json!({"valid": true})
        );
    }
    let query =
        client.get(&format!("/api/v1/validate?api_key={key}"), Auth::Nothing).await.expect(200);
    assert_eq!(query.json(), json!({"valid": true}));
    for path in ["/api/v1/validate", "/api/v2/validate"] {
        let none = client.get(path, Auth::Nothing).await.expect(403);
        assert_eq!(none.json(), json!({"errors": ["API key required"]}));
        assert_eq!(none.header("content-type"), Some("application/json"));
        let wrong =
            client.get(path, Auth::ApiKey("0123456789abcdef0123456789abcdef")).await.expect(403);
        assert_eq!(wrong.json(), json!({"errors": ["Forbidden"]}));
        let app_key = client.get(path, Auth::ApiKey(world.keys().app.expose_secret())).await;
        assert_eq!(app_key.expect(403).json(), json!({"errors": ["Forbidden"]}));
    }
    // The header counts where both are there.
    client.get(&format!("/api/v1/validate?api_key={key}"), Auth::ApiKey("x")).await.expect(403);
}

#[tokio::test]
async fn v2_validate_names_the_organization_and_the_key() {
    let world = World::start().await;
    let key = Auth::ApiKey(world.keys().api.expose_secret());
    let answer = world.client().get("/api/v2/validate", key).await.expect(200);
    assert_eq!(answer.id(), world.org.id.to_string());
    let list = world.client().get(API_KEYS, world.keys()).await.expect(200).json();
    let last4 = &world.keys().api.expose_secret()[28..];
    let made = list["data"].as_array().unwrap().iter().find(|k| k["attributes"]["last4"] == last4);
    assert_eq!(answer.attribute("api_key_id"), made.unwrap()["id"]);
}

#[tokio::test]
async fn validate_keys_takes_a_pair_or_a_token_in_either_place() {
    let world = World::start().await;
    let client = world.client();
    let token = world.token().await;
    let ok = json!({"status": "ok"});
    let path = "/api/v2/validate_keys";
    assert_eq!(client.get(path, world.keys()).await.expect(200).json(), ok);
    assert_eq!(client.get(path, Auth::Bearer(&token)).await.expect(200).json(), ok);
    let both = client.request(reqwest::Method::GET, path, Auth::Bearer(&token));
    assert_eq!(Answer::of(both.header("DD-APPLICATION-KEY", &token)).await.expect(200).json(), ok);
    client.get(path, Auth::Nothing).await.expect(401);
    client.get(path, &pair("x", "y")).await.expect(403);
}
