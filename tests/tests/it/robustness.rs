//! Requests that no client of ours would send: too large, too slow, not what they say, to nowhere.

use countersign_server::{Family, Need, route_table};
use integration::{ACCOUNTS, Answer, Auth, INTAKES, PERSONAS, World, wire};
use reqwest::Method;

const LARGEST: usize = 16 * 1024;

#[tokio::test]
async fn l_05_a_header_of_16_kib_passes_and_one_byte_more_does_not() {
    let world = World::start().await;
    let address = world.server.running.address();
    for (length, status) in [(LARGEST, 200), (LARGEST + 1, 431), (3 * LARGEST, 431)] {
        let line = format!("X-Filler: {}", "x".repeat(length));
        let answer =
            wire::send(address, wire::request("GET", "/healthz", &[&line]).as_bytes()).await;
        assert_eq!(wire::status(&answer), status, "{length}: {answer}");
    }
}

#[tokio::test]
async fn a_proof_with_a_session_token_of_10_kib_is_taken() {
    let world = World::start().await;
    let runner = world.runner();
    let long =
        sts_emulator::Credentials { session_token: Some("x".repeat(10 * 1024).into()), ..runner };
    let answer = world.client().exchange(&world.proof(&long)).await;
    // As far as STS, which does not know that token.
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(world.sts.request_count(), 1);
}

#[tokio::test]
async fn l_05_headers_without_end_and_in_great_number_are_refused() {
    let world = World::start().await;
    let address = world.server.running.address();
    let lines: Vec<String> = (0..200).map(|n| format!("X-H{n}: 1")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let many = wire::send(address, wire::request("GET", "/healthz", &lines).as_bytes()).await;
    assert_eq!(wire::status(&many), 431, "{many}");
    let endless = format!("GET /healthz HTTP/1.1\r\nX: {}", "x".repeat(1_000_000));
    let answer = wire::send(address, endless.as_bytes()).await;
    assert!(answer.is_empty() || matches!(wire::status(&answer), 400 | 431), "{answer}");
    world.client().get("/healthz", Auth::Nothing).await.expect(200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_on_every_route_that_takes_one() {
    let world = World::with(|config| config.limits.body_bytes = 4_096).await;
    let large = format!("{{\"data\":\"{}\"}}", "x".repeat(5_000));
    for path in [PERSONAS, INTAKES, ACCOUNTS] {
        let request = world.client().request(Method::POST, path, world.keys().into());
        let answer =
            Answer::of(request.header("content-type", "application/json").body(large.clone()))
                .await;
        assert_eq!(answer.expect(413).error()["status"], "413");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_400_and_of_another_type_415() {
    let world = World::start().await;
    let good =
        integration::intake_mapping("arn:aws:sts::123456789012:assumed-role/r/*").to_string();
    let cases = [
        (400, "application/json", ""),
        (400, "application/json", "{"),
        (400, "application/json", "not json"),
        (400, "application/json", "{\"data\":{}} {}"),
        (400, "application/vnd.api+json", "\u{0}"),
        (415, "text/plain", good.as_str()),
        (415, "application/x-www-form-urlencoded", good.as_str()),
        (415, "application/jsonx", good.as_str()),
        (201, "application/vnd.api+json", good.as_str()),
    ];
    for (status, content_type, body) in cases {
        let request = world.client().request(Method::POST, INTAKES, world.keys().into());
        let answer =
            Answer::of(request.header("content-type", content_type).body(body.to_owned())).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {body:?}: {answer:?}");
        if status != 201 {
            assert_eq!(answer.error()["status"], status.to_string());
            assert_eq!(answer.header("content-type"), Some("application/vnd.api+json"));
        }
    }
    let request = world.client().request(Method::POST, INTAKES, world.keys().into());
    let invalid =
        Answer::of(request.header("content-type", "application/json").body(vec![b'"', 0xff, b'"']))
            .await;
    invalid.expect(400);
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let request = world.client().request(Method::POST, INTAKES, world.keys().into());
    Answer::of(request.header("content-type", "application/json").body(deep)).await.expect(400);
}

#[tokio::test]
async fn a_route_that_there_is_not_is_404_in_json() {
    let world = World::start().await;
    for path in [
        "/",
        "/api",
        "/api/v2/nothing",
        "/api/unstable/workload-authorization",
        "/api/v2/validate/",
        "//",
    ] {
        let answer = world.client().get(path, world.keys()).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        assert!(answer.json()["errors"].is_array(), "{path}");
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_405_in_json() {
    let world = World::start().await;
    // The gate takes every method: Envoy asks with the caller's own.
    for route in route_table().into_iter().filter(|route| !route.name.starts_with("gate.")) {
        let path = route.path.replace("{id}", "11111111-2222-4333-8444-555555555555");
        let request = world.client().request(Method::OPTIONS, &path, world.keys().into());
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 405, "OPTIONS {path}");
        assert!(answer.json()["errors"].is_array(), "OPTIONS {path}: {answer:?}");
        assert!(
            answer.header("allow").is_some_and(|allow| allow.contains(route.method.as_str())),
            "OPTIONS {path}"
        );
    }
}

#[tokio::test]
async fn every_answer_has_its_own_request_id_and_is_not_cached() {
    let world = World::start().await;
    let mut seen = std::collections::HashSet::new();
    for route in route_table() {
        let path = route.path.replace("{id}", "11111111-2222-4333-8444-555555555555");
        let answer =
            Answer::of(world.client().request(route.method.clone(), &path, Auth::Nothing)).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(seen.insert(id), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let cache = answer.header("cache-control").unwrap();
        let same_for_all = path.starts_with("/static/")
            || ["/.well-known/jwks.json", "/openapi.json"].contains(&path.as_str());
        assert_eq!(cache == "no-store", !same_for_all, "{path}: {cache}");
        let expected = match (route.family, route.need) {
            (_, Need::Nothing) if path.ends_with("jwks.json") => "application/jwk-set+json",
            (Family::JsonApi, _) => "application/vnd.api+json",
            (Family::Page, _) if path.ends_with(".css") => "text/css; charset=utf-8",
            (Family::Page, _) if path.ends_with(".js") => "text/javascript; charset=utf-8",
            // A form that is another site's, or signs out whoever was not signed in, has nothing to show.
            (Family::Page, _) if answer.status.is_redirection() => continue,
            (Family::Page, _) => "text/html; charset=utf-8",
            _ => "application/json",
        };
        assert_eq!(answer.header("content-type"), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn a_client_s_request_id_is_not_taken_over() {
    let world = World::start().await;
    let request = world.client().request(Method::GET, "/healthz", Auth::Nothing);
    let answer =
        Answer::of(request.header("x-request-id", "mine\u{7f}".trim_end_matches('\u{7f}'))).await;
    assert_ne!(answer.header("x-request-id"), Some("mine"));
}

#[tokio::test]
async fn health_and_discovery_need_nothing() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = world.client().get(path, Auth::Nothing).await.expect(200);
        assert_eq!(answer.json(), serde_json::json!({"status": "ok"}));
    }
    let found = world
        .client()
        .get("/.well-known/openid-configuration", Auth::Nothing)
        .await
        .expect(200)
        .json();
    assert_eq!(found["issuer"], "http://auth.example.com");
    assert_eq!(found["jwks_uri"], "http://auth.example.com/.well-known/jwks.json");
    let keys = world.client().get("/.well-known/jwks.json", Auth::Nothing).await.expect(200).text();
    assert!(!keys.contains("\"d\""), "a private key is published");
}

#[tokio::test]
async fn garbage_on_the_wire_is_answered_or_dropped_and_the_server_lives() {
    let world = World::start().await;
    let address = world.server.running.address();
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v2/delegated-token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v2/delegated-token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST /api/v2/delegated-token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let answer = wire::send(address, bytes).await;
        assert!(answer.is_empty() || (400..=505).contains(&wire::status(&answer)), "{answer}");
    }
    world.client().get("/healthz", Auth::Nothing).await.expect(200);
    assert_eq!(world.sts.request_count(), 0);
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let world = World::with(|config| config.limits.request_timeout_ms = 200).await;
    let line = format!("Authorization: Delegated {}", world.proof(&world.runner()));
    let request = wire::request("POST", "/api/v2/delegated-token", &[&line, "Content-Length: 10"]);
    let answer = wire::send(world.server.running.address(), request.as_bytes()).await;
    assert_eq!(wire::status(&answer), 503, "{answer}");
}
