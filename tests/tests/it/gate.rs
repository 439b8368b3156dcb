//! The gate that proxies ask whether a request may pass, and the introspection of tokens.

use auth_model::{ExposeSecret, permissions as p};
use integration::{Answer, Auth, Browser, KeyPair, PERSONAS, SAML, USERS, World, bodies};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sign_in::{self, URL, configure};

const GATE: &str = "/auth/verify";
const INTROSPECT: &str = "/oauth2/introspect";

async fn ask(world: &World, requirements: &str, auth: Auth<'_>) -> Answer {
    let path = match requirements {
        "" => GATE.to_owned(),
        text => format!("{GATE}/{text}"),
    };
    world.client().get(&path, auth).await
}

/// What the proxy may tell the service behind it.
fn said(answer: &Answer) -> [String; 4] {
    ["org", "kind", "user", "handle"].map(|name| {
        let header = format!("x-countersign-{name}");
        answer.header(&header).unwrap_or_else(|| panic!("no {header}")).to_owned()
    })
}

async fn introspect(world: &World, auth: Auth<'_>, token: &str) -> Value {
    let request = world.client().request(Method::POST, INTROSPECT, auth);
    Answer::of(request.form(&[("token", token)])).await.expect(200).json()
}

#[tokio::test]
async fn each_kind_of_credential_passes_where_it_is_asked_for() {
    let world = World::start().await;
    let org = world.org.id.to_string();
    let (token, managed) = (world.token().await, world.managed_key().await);
    let admin = world.org.admin.id.to_string();
    let account = world.service_account.id.to_string();
    let api = world.keys().api.expose_secret();

    let bad_pair = KeyPair { api: world.keys().api.clone(), app: "x".into() };
    let person = ask(&world, "", Auth::Keys(world.keys())).await.expect(200);
    assert_eq!(said(&person), [&org, "person", &admin, "admin@example.com"]);
    assert_eq!(person.header("cache-control"), Some("no-store"));
    assert!(person.body.is_empty());
    let by_token = ask(&world, "", Auth::Bearer(&token)).await.expect(200);
    assert_eq!(said(&by_token), [&org, "service_account", &account, &account]);

    for (requirements, auth, status) in [
        ("", Auth::Nothing, 401),
        ("", Auth::Bearer("x"), 401),
        ("", Auth::ApiKey(api), 401),
        ("kind=person", Auth::Bearer(&token), 403),
        ("kind=service_account", Auth::Keys(world.keys()), 403),
        ("kind=api_key", Auth::ApiKey(api), 200),
        ("kind=intake_key", Auth::ApiKey(api), 403),
        ("kind=intake_key", Auth::ApiKey(&managed), 200),
        ("kind=api_key", Auth::ApiKey(&managed), 403),
        ("kind=intake_key", Auth::ApiKey("0123456789abcdef0123456789abcdef"), 403),
        ("kind=intake_key", Auth::Nothing, 401),
        ("kind=person,kind=intake_key", Auth::ApiKey(&managed), 200),
        ("kind=person,kind=intake_key", Auth::Keys(world.keys()), 200),
        // One credential is looked at, and no other stands in for it.
        ("kind=person,kind=api_key", Auth::Keys(&bad_pair), 403),
    ] {
        let answer = ask(&world, requirements, auth).await;
        assert_eq!(answer.status.as_u16(), status, "`{requirements}` with {auth:?}: {answer:?}");
    }
    let key = ask(&world, "kind=intake_key", Auth::ApiKey(&managed)).await;
    let [of, kind, user, handle] = said(&key);
    assert_eq!((of, kind.as_str(), user.as_str()), (org, "intake_key", ""));
    assert!(!handle.is_empty() && !key.text().contains(&managed));
}

#[tokio::test]
async fn permissions_and_organizations_are_asked_for_in_the_path_and_nowhere_else() {
    let world = World::start().await;
    let (user, keys) = world.server.person(world.org.id, "r@example.com", &[p::TEAMS_READ]).await;
    let other = world.server.tenant("Other").await;
    let reader = || Auth::Keys(&keys);
    let of = |org| format!("org={org}");
    for (requirements, status) in [
        ("permission=teams_read", 200),
        ("permission=teams_manage", 403),
        ("permission=teams_read,permission=teams_manage", 403),
        (of(world.org.id).as_str(), 200),
        (of(other.id).as_str(), 403),
        // The caller's path and query, which Envoy adds.
        ("permission=teams_read/some/page?kind=intake_key", 200),
        ("permission=teams_manage/permission=teams_read?permission=teams_read", 403),
        ("permission=teams_manage/..%2fpermission=teams_read", 403),
        ("permission=teams_read//", 200),
        ("permission=teams_read//%ff/x", 200),
        // Nothing is asked for, which the caller's path does not change.
        ("/kind=intake_key", 200),
        // Mistakes let nobody pass.
        ("permission=teams_reed", 400),
        ("some/page", 400),
        ("cache=3600", 400),
        ("kind=intake_key,permission=teams_read", 400),
    ] {
        let answer = ask(&world, requirements, reader()).await;
        assert_eq!(answer.status.as_u16(), status, "`{requirements}`: {answer:?}");
    }
    let scoped = world.scoped(&[p::TEAMS_READ]).await;
    ask(&world, "permission=teams_manage", Auth::Keys(&scoped)).await.expect(403);
    let cached = ask(&world, "cache=30", reader()).await.expect(200);
    assert_eq!(cached.header("cache-control"), Some("max-age=30"));
    assert!(cached.header("vary").is_some_and(|vary| vary.contains("authorization")));
    let twice = world.client().request(Method::GET, GATE, reader()).header("dd-api-key", "x");
    Answer::of(twice).await.expect(403);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let path = format!("{GATE}/permission=teams_read/x");
        Answer::of(world.client().request(method, &path, reader())).await.expect(200);
    }
    world.client().delete(&format!("{USERS}/{}", user.id), world.keys()).await.expect(204);
    ask(&world, "permission=teams_read", reader()).await.expect(403);
}

#[tokio::test]
async fn what_the_caller_says_of_themselves_is_overwritten() {
    let world = World::start().await;
    let managed = world.managed_key().await;
    let forged = |request: reqwest::RequestBuilder| {
        ["org", "kind", "user", "handle"].iter().fold(request, |request, name| {
            request.header(format!("x-countersign-{name}"), "forged")
        })
    };
    for auth in [Auth::Keys(world.keys()), Auth::ApiKey(&managed)] {
        let path = match auth {
            Auth::ApiKey(_) => format!("{GATE}/kind=intake_key"),
            _ => GATE.to_owned(),
        };
        let answer = Answer::of(forged(world.client().request(Method::GET, &path, auth))).await;
        assert!(said(&answer.expect(200)).iter().all(|text| text != "forged"));
    }
    // An address that can't stand in a header is no header, and no half of it is.
    let (_, keys) = world.server.person(world.org.id, "zoë@example.com", &[]).await;
    let [_, kind, user, handle] = said(&ask(&world, "", Auth::Keys(&keys)).await.expect(200));
    assert_eq!((kind.as_str(), handle.as_str(), user.is_empty()), ("person", "", false));
}

#[tokio::test]
async fn a_session_passes_from_our_own_pages_and_is_not_renewed() {
    let world = World::start().await;
    configure(&world, json!({})).await;
    let mut browser = Browser::new(world.client());
    browser.sign_in(sign_in::admin(&world)).await.expect(303);
    let session = browser.session().unwrap().to_owned();
    let ask = async |method: Option<(&str, &str)>, origin: Option<&str>| {
        let cookie = format!("countersign_session={session}");
        let mut request = world.client().request(Method::GET, GATE, Auth::Nothing);
        request = request.header("cookie", cookie);
        if let Some((name, method)) = method {
            request = request.header(name, method);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = Answer::of(request).await;
        assert!(answer.header("set-cookie").is_none(), "{answer:?}");
        answer.status.as_u16()
    };
    let (nginx, traefik) = ("x-original-method", "x-forwarded-method");
    // Where nobody says what the caller wants to do, it may be a change.
    assert_eq!(ask(None, None).await, 403);
    assert_eq!(ask(None, Some(URL)).await, 200);
    assert_eq!(ask(Some((nginx, "GET")), None).await, 200);
    assert_eq!(ask(Some((nginx, "POST")), None).await, 403);
    assert_eq!(ask(Some((traefik, "DELETE")), None).await, 403);
    assert_eq!(ask(Some((nginx, "POST")), Some(URL)).await, 200);
    assert_eq!(ask(Some((nginx, "POST")), Some("https://evil.example")).await, 403);
    assert_eq!(ask(None, Some("https://evil.example")).await, 403);
    assert_eq!(ask(Some((nginx, "PO ST")), None).await, 403);
    // Whichever header says that something changes counts: a caller may have written the other.
    let cookie = format!("countersign_session={session}");
    let both = world.client().request(Method::GET, GATE, Auth::Nothing).header("cookie", &cookie);
    let both = both.header(nginx, "GET").header(traefik, "POST");
    Answer::of(both).await.expect(403);
    for (method, status) in [(Method::GET, 200), (Method::POST, 403)] {
        // As Envoy asks.
        let path = format!("{GATE}/kind=person//page");
        let request = world.client().request(method, &path, Auth::Nothing);
        Answer::of(request.header("cookie", &cookie)).await.expect(status);
    }
    let strict = bodies::saml_configuration(json!({ "enabled": false }));
    world.client().patch(SAML, world.keys(), &strict).await.expect(200);
    assert_eq!(ask(Some((nginx, "GET")), None).await, 401);
}

#[tokio::test]
async fn a_token_is_introspected_as_it_stands_at_this_moment() {
    let world = World::start().await;
    let token = world.token().await;
    let admin = || Auth::Keys(world.keys());
    let told = introspect(&world, admin(), &token).await;
    assert_eq!(told["active"], true);
    assert_eq!(told["sub"], world.service_account.id.to_string());
    assert_eq!(told["client_id"], world.persona.as_str());
    assert_eq!((&told["iss"], &told["aud"]), (&json!(URL), &json!(URL)));
    assert!(told["exp"].as_i64().unwrap() > told["iat"].as_i64().unwrap());
    assert!(told["scope"].as_str().unwrap().split(' ').any(|name| name == "teams_read"));
    // The token itself may ask, too.
    assert_eq!(introspect(&world, Auth::Bearer(&token), &token).await["active"], true);

    let inactive = json!({ "active": false });
    let other = world.server.tenant("Other").await;
    assert_eq!(introspect(&world, Auth::Keys(&other.keys), &token).await, inactive);
    for text in ["x", "a.b.c", &format!("{token}x"), world.keys().api.expose_secret()] {
        assert_eq!(introspect(&world, admin(), text).await, inactive);
    }
    let mapping = format!("{PERSONAS}/{}", world.persona);
    world.client().delete(&mapping, world.keys()).await.expect(204);
    assert_eq!(introspect(&world, admin(), &token).await, inactive);
}

#[tokio::test]
async fn introspection_refuses_in_the_form_of_oauth() {
    let world = World::start().await;
    let token = world.token().await;
    let api = world.keys().api.expose_secret();
    let bad_pair = KeyPair { api: world.keys().api.clone(), app: "x".into() };
    let of = |pairs: &[(&'static str, &'static str)]| pairs.to_vec();
    let keys = || Auth::Keys(world.keys());
    for (rule, auth, form, status, error, challenge) in [
        ("nobody", Auth::Nothing, of(&[("token", "x")]), 401, "invalid_client", Some("Bearer")),
        (
            "an API key alone",
            Auth::ApiKey(api),
            of(&[("token", "x")]),
            401,
            "invalid_client",
            Some("Bearer"),
        ),
        (
            "a token that is none",
            Auth::Bearer("x"),
            of(&[("token", "x")]),
            401,
            "invalid_token",
            Some("Bearer error=\"invalid_token\""),
        ),
        (
            "keys that are none",
            Auth::Keys(&bad_pair),
            of(&[("token", "x")]),
            403,
            "access_denied",
            None,
        ),
        ("no token", keys(), of(&[]), 400, "invalid_request", None),
        ("an empty token", keys(), of(&[("token", "")]), 400, "invalid_request", None),
        ("two tokens", keys(), of(&[("token", "x"), ("token", "y")]), 400, "invalid_request", None),
        ("no token, by token", Auth::Bearer(&token), of(&[]), 400, "invalid_request", None),
    ] {
        let request = world.client().request(Method::POST, INTROSPECT, auth);
        let answer = Answer::of(request.form(&form)).await.expect(status);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{rule}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{rule}");
        assert_eq!(answer.header("www-authenticate"), challenge, "{rule}");
        let body = answer.json();
        let members = body.as_object().unwrap();
        assert_eq!(members.keys().collect::<Vec<_>>(), ["error", "error_description"], "{rule}");
        assert_eq!(body["error"], error, "{rule}");
        let said = body["error_description"].as_str().unwrap();
        let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(!said.is_empty() && said.chars().all(allowed), "{rule}: {said}");
    }
}

/// RFC 8414 §2: what stands there is what is so.
#[tokio::test]
async fn discovery_says_where_and_how_to_introspect() {
    let world = World::start().await;
    let path = "/.well-known/openid-configuration";
    let found = world.client().get(path, Auth::Nothing).await.json();
    assert_eq!(found["introspection_endpoint"], format!("{URL}{INTROSPECT}"));
    assert_eq!(found["introspection_endpoint_auth_methods_supported"], json!(["Bearer"]));
    let token = world.token().await;
    assert_eq!(introspect(&world, Auth::Bearer(&token), &token).await["active"], true);
    // No other registered method is taken.
    let form = [("client_id", "x"), ("client_secret", "y"), ("token", token.as_str())];
    let request = world.client().request(Method::POST, INTROSPECT, Auth::Nothing);
    Answer::of(request.form(&form)).await.expect(401);
    let basic = world.client().request(Method::POST, INTROSPECT, Auth::Nothing);
    Answer::of(basic.basic_auth("x", Some("y")).form(&form)).await.expect(401);
}
