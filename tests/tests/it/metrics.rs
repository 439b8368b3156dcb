//! Counts for Prometheus: where they are read, and what they count.

use std::collections::BTreeMap;

use integration::{Answer, Auth, Client, World};
use reqwest::Method;
use sts_emulator::{Fault, FaultKind};

async fn counting() -> (World, Client) {
    let world =
        World::with(|config| config.metrics.listen = Some(([127, 0, 0, 1], 0).into())).await;
    let address = world.server.running.metrics_address().unwrap();
    (world, Client::to(address))
}

/// Every sample that is not 0, by its name and labels.
async fn counts(metrics: &Client) -> BTreeMap<String, u64> {
    let answer = metrics.get("/metrics", Auth::Nothing).await.expect(200);
    let text = answer.text();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = samples.map(|line| line.rsplit_once(' ').unwrap());
    let pairs = pairs.map(|(name, count)| (name.to_owned(), count.parse().unwrap()));
    pairs.filter(|(name, n)| *n > 0 && !name.starts_with("countersign_build_info")).collect()
}

#[tokio::test]
async fn what_happens_is_counted_by_outcome_and_nothing_of_a_caller_is_in_it() {
    let (world, metrics) = counting().await;
    assert_eq!(counts(&metrics).await, BTreeMap::new());
    let (client, agent) = (world.client(), world.agent());
    let proofs = [world.proof(&world.runner()), world.proof(&agent)];
    let token = client.exchange(&proofs[0]).await.expect(200).attribute("access_token");
    let managed = client.intake_key(&proofs[1]).await.expect(200).attribute("api_key");
    let (token, managed) = (token.as_str().unwrap(), managed.as_str().unwrap());
    client.intake_key("nonsense").await.expect(400);
    client.post("/api/v2/delegated-token", Auth::Nothing, &serde_json::json!({})).await.expect(401);

    let series = |key| client.request(Method::POST, "/api/v2/series", Auth::ApiKey(key)).body("{}");
    Answer::of(series(managed)).await.expect(202);
    Answer::of(series("unknown")).await.expect(403);

    client.get("/auth/verify", Auth::Bearer(token)).await.expect(200);
    client.get("/auth/verify", Auth::Nothing).await.expect(401);
    client.get("/auth/verify/kind=person", Auth::Bearer(token)).await.expect(403);
    client.get("/auth/verify/kind=dragon", Auth::Bearer(token)).await.expect(400);

    world.sts.set_faults(vec![Fault::always(FaultKind::Reset {})]);
    client.exchange(&world.signing().seconds_from_now(-1).sign(&agent)).await.expect(503);

    let expected = [
        (r#"countersign_exchanges_total{kind="token",outcome="granted"}"#, 1),
        (r#"countersign_exchanges_total{kind="token",outcome="refused"}"#, 1),
        (r#"countersign_exchanges_total{kind="token",outcome="failed"}"#, 1),
        (r#"countersign_exchanges_total{kind="key",outcome="granted"}"#, 1),
        (r#"countersign_exchanges_total{kind="key",outcome="refused"}"#, 1),
        (r#"countersign_gate_verifications_total{outcome="passed"}"#, 1),
        (r#"countersign_gate_verifications_total{outcome="unauthenticated"}"#, 1),
        (r#"countersign_gate_verifications_total{outcome="forbidden"}"#, 1),
        (r#"countersign_gate_verifications_total{outcome="misconfigured"}"#, 1),
        (r#"countersign_intake_requests_total{outcome="dropped"}"#, 1),
        (r#"countersign_intake_requests_total{outcome="refused"}"#, 1),
    ];
    let expected = expected.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    assert_eq!(counts(&metrics).await, expected);

    let text = metrics.get("/metrics", Auth::Nothing).await.text();
    let org = world.org.id.to_string();
    for secret in [&org, token, managed, integration::ACCOUNT, "arn:", &proofs[0]] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn counts_are_read_from_their_own_listener_and_it_answers_nothing_else() {
    let (world, metrics) = counting().await;
    let answer = metrics.get("/metrics", Auth::Nothing).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for path in ["/", "/metrics/", "/api/v1/validate", "/readyz", "/.well-known/jwks.json"] {
        metrics.get(path, Auth::Nothing).await.expect(404);
    }
    Answer::of(metrics.request(Method::POST, "/metrics", Auth::Nothing)).await.expect(405);
    world.client().get("/metrics", Auth::Nothing).await.expect(404);
    world.client().get("/metrics", world.keys()).await.expect(404);

    let address = world.server.running.metrics_address().unwrap();
    world.server.running.shut_down().await.unwrap();
    assert!(std::net::TcpStream::connect(address).is_err(), "it ends with the server");
}

#[tokio::test]
async fn counts_are_read_nowhere_unless_told() {
    let world = World::start().await;
    assert_eq!(world.server.running.metrics_address(), None);
}
