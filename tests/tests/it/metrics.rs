//! Counts for Prometheus, from a listener of their own.

use std::net::SocketAddr;

use integration::{Auth, Client, World};

async fn world() -> (World, SocketAddr) {
    let world =
        World::with(|config| config.metrics.listen = Some(([127, 0, 0, 1], 0).into())).await;
    let address = world.server.running.metrics_address().unwrap();
    (world, address)
}

async fn read(address: SocketAddr) -> String {
    let answer = Client::to(address).get("/metrics", Auth::Nothing).await.expect(200);
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    answer.text().to_owned()
}

#[tokio::test]
async fn what_became_of_exchanges_questions_and_telemetry_is_counted() {
    let (world, address) = world().await;
    let managed = world.managed_key().await;
    let token = world.token().await;
    world.client().exchange("nonsense").await.expect(400);
    world.client().get("/auth/verify", Auth::Nothing).await.expect(401);
    world
        .client()
        .post("/api/v2/series", Auth::ApiKey(&managed), &serde_json::json!({}))
        .await
        .expect(202);
    let text = read(address).await;
    for line in [
        "countersign_exchanges_total{kind=\"key\",outcome=\"granted\"} 1",
        "countersign_exchanges_total{kind=\"token\",outcome=\"granted\"} 1",
        "countersign_exchanges_total{kind=\"token\",outcome=\"refused\"} 1",
        "countersign_gate_verifications_total{outcome=\"unauthenticated\"} 1",
        "countersign_intake_requests_total{outcome=\"dropped\"} 1",
    ] {
        assert!(text.lines().any(|have| have == line), "{line}\n{text}");
    }
    for secret in [managed.as_str(), token.as_str(), "123456789012", &world.org.id.to_string()] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn they_are_nowhere_but_on_that_listener_which_has_nothing_else() {
    let (world, address) = world().await;
    world.client().get("/metrics", Auth::Nothing).await.expect(404);
    world.client().get("/metrics", world.keys()).await.expect(404);
    for path in ["/", "/healthz", "/api/v2/current_user", "/metrics/x"] {
        Client::to(address).get(path, world.keys()).await.expect(404);
    }
    assert!(World::start().await.server.running.metrics_address().is_none(), "off unless told");
}
