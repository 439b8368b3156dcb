//! Telemetry: which keys may submit it, how much, and where it goes.

use std::time::{Duration, Instant};

use auth_model::ExposeSecret;
use countersign_server::{Need, RouteInfo, route_table};
use integration::{ACCOUNTS, Answer, Auth, INTAKES, Upstream, World, wire};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const SERIES: &str = "/api/v2/series";
pub(crate) const TAKEN: &str =
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
pub(crate) const UPSTREAM_KEY: &str = "11112222333344445555666677778888";
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

fn routes() -> Vec<RouteInfo> {
    let telemetry = |route: &RouteInfo| route.name.starts_with("telemetry.");
    let routes: Vec<_> = route_table().into_iter().filter(telemetry).collect();
    assert_eq!(routes.len(), 9);
    routes
}

fn submission(world: &World, path: &str, auth: Auth<'_>) -> RequestBuilder {
    world.client().request(Method::POST, path, auth)
}

async fn submit(world: &World, path: &str, key: &str) -> Answer {
    Answer::of(submission(world, path, Auth::ApiKey(key)).body("{}")).await
}

/// A world whose telemetry goes on to this upstream.
pub(crate) async fn forwarding(url: &str) -> World {
    forwarding_with(url, |_| {}).await
}

async fn forwarding_with(url: &str, change: impl FnOnce(&mut countersign_server::Config)) -> World {
    let key = tempfile();
    let world = World::with(|config| {
        config.intake.upstream = Some(url.to_owned());
        config.intake.upstream_api_key_file = Some(key.path().join("key"));
        change(config);
    })
    .await;
    // It was read at the start.
    drop(key);
    world
}

fn tempfile() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), format!("{UPSTREAM_KEY}\n")).unwrap();
    folder
}

#[tokio::test]
async fn a_key_of_any_kind_may_submit_to_every_path_in_header_and_query() {
    let world = World::start().await;
    let managed = world.managed_key().await;
    let made = world.keys().api.expose_secret().to_owned();
    for route in routes() {
        for key in [&managed, &made] {
            let answer = submit(&world, route.path, key).await.expect(202);
            assert_eq!(answer.json(), json!({}), "{}", route.path);
            let path = format!("{}?api_key={key}", route.path);
            Answer::of(submission(&world, &path, Auth::Nothing).body("{}")).await.expect(202);
            let request = submission(&world, route.path, Auth::Nothing);
            Answer::of(request.header("Dd-Api-Key", key.as_str())).await.expect(202);
        }
    }
    let counts = world.server.running.app().intake_counts();
    let expected = 9 * 2 * 3;
    assert_eq!((counts.dropped, counts.accepted(), counts.forwarded), (expected, expected, 0));
}

#[tokio::test]
async fn a_key_that_is_none_is_403_in_plain_words_on_every_path() {
    let world = World::start().await;
    for route in routes() {
        for auth in [Auth::Nothing, Auth::ApiKey(UNKNOWN), Auth::ApiKey("")] {
            let answer = Answer::of(submission(&world, route.path, auth).body("{}")).await;
            let answer = answer.expect(403);
            assert!(answer.json()["errors"][0].is_string(), "{}: {answer:?}", route.path);
        }
        let path = format!("{}?api_key={UNKNOWN}", route.path);
        Answer::of(submission(&world, &path, Auth::Nothing).body("{}")).await.expect(403);
        // An application key is no API key.
        let app = world.keys().app.expose_secret();
        submit(&world, route.path, app).await.expect(403);
    }
    assert_eq!(world.server.running.app().intake_counts().refused, 9 * 5);
}

#[tokio::test]
async fn what_is_revoked_or_disabled_is_403_at_once() {
    let world = World::start().await;
    let managed = world.managed_key().await;
    submit(&world, SERIES, &managed).await.expect(202);
    world.client().delete(&format!("{INTAKES}/{}", world.intake), world.keys()).await.expect(204);
    submit(&world, SERIES, &managed).await.expect(403);

    let world = World::start().await;
    let managed = world.managed_key().await;
    submit(&world, SERIES, &managed).await.expect(202);
    world.client().delete(&format!("{ACCOUNTS}/{}", world.account), world.keys()).await.expect(204);
    submit(&world, SERIES, &managed).await.expect(403);

    let world = World::start().await;
    let (managed, made) = (world.managed_key().await, world.keys().api.expose_secret());
    world.server.set_org_disabled(world.org.id, true).await;
    submit(&world, SERIES, &managed).await.expect(403);
    submit(&world, SERIES, made).await.expect(403);
}

#[tokio::test]
async fn a_04_a_managed_key_that_submits_still_does_nothing_of_a_user_s() {
    let world = World::start().await;
    let managed = world.managed_key().await;
    submit(&world, SERIES, &managed).await.expect(202);
    let app = world.keys().app.expose_secret();
    for route in route_table() {
        let (Need::User | Need::AnyOf(_)) = route.need else { continue };
        let path = route.path.replace(['{', '}'], "");
        let alone = world.client().request(route.method.clone(), &path, Auth::ApiKey(&managed));
        Answer::of(alone).await.expect(401);
        let with = world.client().request(route.method.clone(), &path, Auth::ApiKey(&managed));
        Answer::of(with.header("DD-APPLICATION-KEY", app)).await.expect(403);
    }
}

#[tokio::test]
async fn several_megabytes_are_taken_and_more_than_the_cap_is_413() {
    let world = World::start().await;
    let key = world.managed_key().await;
    let request = submission(&world, SERIES, Auth::ApiKey(&key));
    Answer::of(request.body(vec![7; 5 << 20])).await.expect(202);

    let upstream = Upstream::start(TAKEN).await;
    for upstream in [None, Some(&upstream)] {
        let small = |config: &mut countersign_server::Config| config.intake.body_bytes = 4_096;
        let world = match upstream {
            Some(upstream) => forwarding_with(&upstream.url(), small).await,
            None => World::with(small).await,
        };
        let key = world.managed_key().await;
        for (length, status) in [(4_096, 202), (4_097, 413)] {
            let request = submission(&world, SERIES, Auth::ApiKey(&key));
            Answer::of(request.body(vec![7; length])).await.expect(status);
            // In chunks, so that nobody knows beforehand how long it is.
            let head = [&format!("DD-API-KEY: {key}"), "Transfer-Encoding: chunked"];
            let mut bytes = wire::request("POST", SERIES, &head);
            bytes.push_str(&format!("{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length)));
            let answer = wire::send(world.server.running.address(), bytes.as_bytes()).await;
            assert_eq!(wire::status(&answer), status, "{length}: {answer}");
        }
    }
    // Of what was too long the upstream has nothing whole.
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn a_refusal_does_not_wait_for_the_body_and_closes() {
    let world = World::start().await;
    let address = world.server.running.address();
    let cases =
        [(UNKNOWN.to_owned(), 403, "100000"), (world.managed_key().await, 413, "999999999")];
    for (key, status, length) in cases {
        let begun = Instant::now();
        let text = format!(
            "POST {SERIES} HTTP/1.1\r\nHost: a\r\nDD-API-KEY: {key}\r\nContent-Length: {length}\r\n\r\nx"
        );
        // Reads until the server closes, though the request does not ask it to.
        let answer = wire::send(address, text.as_bytes()).await;
        assert_eq!(wire::status(&answer), status, "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(10), "it waited for the body");
    }
}

#[tokio::test]
async fn what_is_forwarded_is_the_telemetry_and_nothing_of_the_caller() {
    let upstream = Upstream::start(TAKEN).await;
    let world = forwarding(&upstream.url()).await;
    let key = world.managed_key().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let path = format!("/api/v2/logs?ddtags=a%3Ab&api_key={key}&application_key={UNKNOWN}&x=y");
    let request = submission(&world, &path, Auth::Keys(world.keys()))
        .bearer_auth("a-token")
        .header("cookie", "countersign_session=a-session")
        .header("content-type", "application/x-protobuf")
        .header("content-encoding", "zstd")
        .header("dd-agent-version", "7.83.0")
        .header("x-forwarded-for", "192.0.2.1")
        .header("keep-alive", "timeout=5")
        .body(body.clone());
    let answer = Answer::of(request).await.expect(202);
    assert_eq!(answer.json(), json!({}));

    let seen = upstream.seen();
    assert_eq!(seen.len(), 1);
    let (head, got) = (&seen[0].head, &seen[0]);
    assert_eq!(got.body, body);
    assert_eq!(head.lines().next(), Some("post /api/v2/logs?ddtags=a%3ab http/1.1"));
    assert_eq!(got.header("dd-api-key"), Some(UPSTREAM_KEY));
    assert_eq!(got.header("content-type"), Some("application/x-protobuf"));
    assert_eq!(got.header("content-encoding"), Some("zstd"));
    assert_eq!(got.header("content-length"), Some("3000000"));
    assert_eq!(got.header("dd-agent-version"), Some("7.83.0"));
    let (api, app) = (world.keys().api.expose_secret(), world.keys().app.expose_secret());
    for secret in [&key, api, app, UNKNOWN, "a-token", "a-session"] {
        assert!(!head.contains(secret), "{head}");
    }
    for name in ["authorization", "cookie", "dd-application-key", "x-forwarded-for", "keep-alive"] {
        assert_eq!(got.header(name), None, "{head}");
    }
    let counts = world.server.running.app().intake_counts();
    assert_eq!((counts.forwarded, counts.dropped), (1, 0));
}

#[tokio::test]
async fn whoever_is_refused_reaches_no_upstream() {
    let upstream = Upstream::start(TAKEN).await;
    let world = forwarding(&upstream.url()).await;
    for route in routes() {
        submit(&world, route.path, UNKNOWN).await.expect(403);
        submit(&world, route.path, UPSTREAM_KEY).await.expect(403);
    }
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test]
async fn what_the_upstream_answers_is_told_by_its_class_and_never_in_its_words() {
    #[rustfmt::skip]
    let cases = [
        // rule                          answer                                                                                   status
        ("taken",                        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nits-words",                                 202),
        ("nothing to say",               "HTTP/1.1 204 No Content\r\n\r\n",                                                       202),
        ("malformed",                    "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nits-words",                                400),
        ("too long",                     "HTTP/1.1 413 Long\r\nContent-Length: 9\r\n\r\nits-words",                               413),
        ("our key is refused",           "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nits-words",                          503),
        ("throttled",                    "HTTP/1.1 429 Wait\r\nContent-Length: 9\r\n\r\nits-words",                               503),
        ("failed",                       "HTTP/1.1 500 Oops\r\nX-Its: its-words\r\nContent-Length: 9\r\n\r\nits-words",           503),
        ("no http",                      "its-words\r\n\r\n",                                                                     503),
    ];
    for (rule, said, status) in cases {
        let upstream = Upstream::start(said).await;
        let world = forwarding(&upstream.url()).await;
        let key = world.managed_key().await;
        let answer = submit(&world, SERIES, &key).await;
        assert_eq!(answer.status.as_u16(), status, "{rule}: {answer:?}");
        assert_eq!(answer.header("retry-after").is_some(), status == 503, "{rule}");
        let shown = format!("{answer:?} {:?}", answer.headers);
        assert!(!shown.contains("its-words"), "{rule}: {shown}");
        assert!(!shown.contains(&upstream.url()[7..]), "{rule}: {shown}");
    }
}

#[tokio::test]
async fn an_upstream_that_redirects_is_not_followed() {
    let elsewhere = Upstream::start(TAKEN).await;
    let to = elsewhere.url();
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let said = format!("HTTP/1.1 {status}\r\nLocation: {to}/\r\nContent-Length: 0\r\n\r\n");
        let upstream = Upstream::start(Box::leak(said.into_boxed_str())).await;
        let world = forwarding(&upstream.url()).await;
        let key = world.managed_key().await;
        let answer = submit(&world, SERIES, &key).await.expect(503);
        assert_eq!(answer.header("location"), None, "{status}");
        assert_eq!(upstream.seen().len(), 1, "{status}: it is not asked again");
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn an_upstream_that_is_down_or_slow_is_503_and_the_agent_comes_again() {
    let gone = Upstream::start(TAKEN).await;
    let url = gone.url();
    drop(gone);
    let slow = Upstream::start("").await;
    for url in [url, slow.url()] {
        let world = forwarding_with(&url, |config| config.intake.timeout_ms = 300).await;
        let key = world.managed_key().await;
        let answer = submit(&world, SERIES, &key).await.expect(503);
        assert_eq!(answer.header("retry-after"), Some("10"));
        assert!(answer.json()["errors"][0].is_string());
        let counts = world.server.running.app().intake_counts();
        assert_eq!((counts.failed, counts.accepted()), (1, 0));
    }
}

#[tokio::test]
async fn more_at_once_than_may_be_is_503_without_waiting() {
    let slow = Upstream::start("").await;
    let world = forwarding_with(&slow.url(), |config| config.intake.in_flight = 1).await;
    let key = world.managed_key().await;
    let first = submission(&world, SERIES, Auth::ApiKey(&key)).body("{}");
    let first = tokio::spawn(first.send());
    while slow.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let answer = submit(&world, SERIES, &key).await.expect(503);
    assert_eq!(answer.header("retry-after"), Some("10"));
    first.abort();
}

#[tokio::test]
async fn a_use_is_noted_as_any_other_of_the_key() {
    let world = World::start().await;
    let body = json!({"data": {"type": "api_keys", "attributes": {"name": "agents"}}});
    let made = world.client().post(integration::API_KEYS, world.keys(), &body).await.expect(201);
    submit(&world, SERIES, made.attribute("key").as_str().unwrap()).await.expect(202);
    let path = format!("{}/{}", integration::API_KEYS, made.id());
    // Lists write what is pending.
    world.client().get(integration::API_KEYS, world.keys()).await.expect(200);
    let shown = world.client().get(&path, world.keys()).await.expect(200);
    assert!(shown.attribute("date_last_used").is_string(), "{shown:?}");
}
