//! What one question to the gate asks of the store: one indexed query, and none where the answer is known without.
//!
//! Stores say so as they are asked (`mapping_store_…`, at level `TRACE`). That the queries are indexed is for the stores' own tests of plans.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use auth_model::ExposeSecret;
use integration::{Answer, Auth, Browser, KeyPair, World};
use reqwest::Method;
use serde_json::json;
use tracing_subscriber::{Layer, layer::SubscriberExt as _};

use crate::sign_in::{self, configure};

/// Counts what stores say on the thread of its test, on which the server runs, too.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for Asked {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target().starts_with("mapping_store_")
            && *metadata.level() == tracing::Level::TRACE
        {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Asked {
    /// How often a store was asked for this answer.
    async fn during(&self, request: reqwest::RequestBuilder, status: u16) -> usize {
        self.0.store(0, Ordering::Relaxed);
        Answer::of(request).await.expect(status);
        self.0.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn one_question_to_the_gate_is_at_most_one_query() {
    let asked = Asked::default();
    // While there is only one subscriber, whichever thread first comes by an event decides whether it matters to anybody, and that may be
    // another test's. With a second one that does nothing, all are asked.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let counting = tracing_subscriber::registry().with(asked.clone());
    let _here = tracing::subscriber::set_default(counting);
    // In memory nothing is a query.
    let world = World::durable().await;
    configure(&world, json!({})).await;
    let mut browser = Browser::new(world.client());
    browser.sign_in(sign_in::admin(&world)).await.expect(303);
    let cookie = format!("countersign_session={}", browser.session().unwrap());
    let (token, managed) = (world.token().await, world.managed_key().await);
    let api = world.keys().api.expose_secret();
    let other = world.server.tenant("Other").await;
    let bad_pair = KeyPair { api: world.keys().api.clone(), app: "x".into() };
    let foreign = world.server.person(other.id, "x@example.com", &[]).await.1;
    let ask = |needs: &str, auth: Auth<'_>| {
        world.client().request(Method::GET, &format!("/auth/verify/{needs}"), auth)
    };
    let users = "permission=teams_read";
    let keys = "kind=api_key,kind=intake_key";
    for (rule, request, status, queries) in [
        ("a token", ask(users, Auth::Bearer(&token)), 200, 1),
        ("the same token again", ask(users, Auth::Bearer(&token)), 200, 1),
        ("a key pair", ask(users, Auth::Keys(world.keys())), 200, 1),
        (
            "a session",
            ask(users, Auth::Nothing).header("cookie", &cookie).header("x-original-method", "GET"),
            200,
            1,
        ),
        ("an API key", ask(keys, Auth::ApiKey(api)), 200, 1),
        ("a managed key", ask(keys, Auth::ApiKey(&managed)), 200, 1),
        ("a key pair that is none", ask(users, Auth::Keys(&bad_pair)), 403, 1),
        ("a key that is none", ask(keys, Auth::ApiKey("x")), 403, 1),
        ("who lacks the permission", ask(users, Auth::Keys(&foreign)), 403, 1),
        ("another organization", ask(&format!("org={}", other.id), Auth::Bearer(&token)), 403, 1),
        ("nothing", ask(users, Auth::Nothing), 401, 0),
        ("a token that is none", ask(users, Auth::Bearer("x")), 401, 0),
        ("a token with another signature", ask(users, Auth::Bearer(&bent(&token))), 401, 0),
        (
            "a cookie that is none",
            ask(users, Auth::Nothing).header("cookie", "countersign_session=x"),
            401,
            0,
        ),
        ("requirements that make no sense", ask("role=admin", Auth::Bearer(&token)), 400, 0),
    ] {
        assert_eq!(asked.during(request, status).await, queries, "{rule}");
    }
}

/// With the first character of the signature changed; the last one holds bits that count for nothing.
fn bent(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{first}{}", &signature[1..])
}
