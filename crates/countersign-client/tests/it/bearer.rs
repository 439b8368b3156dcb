//! The bearer on requests of one's own.

use countersign_client::{AuthenticatedClient, Method, StatusCode};
use futures_util::future::join_all;
use serde_json::json;

use crate::server::{Answer, NOON, Seen, Server};

/// Grants `t0`, `t1` … and lets in whoever the function says.
async fn server(lets_in: impl Fn(&Seen) -> bool + Clone + Send + Sync + 'static) -> Server {
    Server::start(move |number, seen| {
        if seen.target.ends_with("/delegated-token") {
            Answer::token(&format!("t{number}"), NOON + 1_000)
        } else if lets_in(seen) {
            Answer::new(200, "{}")
        } else {
            Answer::new(401, r#"{"errors":["Unauthorized"]}"#)
        }
    })
    .await
}

fn targets(server: &Server) -> Vec<(String, String)> {
    let seen = server.seen().into_iter();
    seen.map(|seen| (seen.target.clone(), seen.header("authorization").to_owned()))
        .filter(|(target, _)| !target.ends_with("/delegated-token"))
        .collect()
}

#[tokio::test]
async fn every_request_carries_the_bearer() {
    let server = server(|_| true).await;
    let http = AuthenticatedClient::new(server.client());
    assert_eq!(http.get("/api/v2/users?page[size]=1").await.unwrap().status(), StatusCode::OK);
    http.post("/api/v2/things", &json!({"a": 1})).await.unwrap();
    http.delete("/api/v2/things/1").await.unwrap();
    let own = http.request(Method::PUT, "/api/v2/things/1").unwrap().header("x-own", "1");
    http.send(own.body("text")).await.unwrap();

    let seen = server.seen();
    assert_eq!(seen.len(), 5, "one exchange, four requests");
    assert!(seen[1..].iter().all(|seen| seen.header("authorization") == "Bearer t0"));
    assert_eq!(seen[1].target, "/api/v2/users?page[size]=1");
    assert_eq!((&seen[2].method, &seen[2].body[..]), (&Method::POST, &br#"{"a":1}"#[..]));
    assert_eq!(seen[3].method, Method::DELETE);
    assert_eq!((seen[4].header("x-own"), &seen[4].body[..]), ("1", &b"text"[..]));
}

#[tokio::test]
async fn a_401_is_answered_by_one_fresh_token_and_one_repetition() {
    let server = server(|seen| seen.header("authorization") != "Bearer t0").await;
    let http = AuthenticatedClient::new(server.client());
    let response = http.post("/x", &json!({"a": 1})).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let bearers: Vec<_> = targets(&server).into_iter().map(|(_, bearer)| bearer).collect();
    assert_eq!(bearers, ["Bearer t0", "Bearer t2"]);
    assert_eq!(server.seen()[3].body, server.seen()[1].body);
}

#[tokio::test]
async fn a_second_401_is_handed_over() {
    let server = server(|_| false).await;
    let http = AuthenticatedClient::new(server.client());
    assert_eq!(http.get("/x").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(targets(&server).len(), 2);
}

#[tokio::test]
async fn many_401s_lead_to_one_new_exchange() {
    let server = server(|seen| seen.header("authorization") != "Bearer t0").await;
    let http = AuthenticatedClient::new(server.client());
    for response in join_all((0..20).map(|_| http.get("/x"))).await {
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
    let exchanges = server.seen().iter().filter(|s| s.target.ends_with("-token")).count();
    assert_eq!(exchanges, 2);
}

#[tokio::test]
async fn the_bearer_goes_to_its_server_alone() {
    let server = server(|_| true).await;
    let mut config = server.config();
    config.base_url.set_path("/prefix");
    let credentials = countersign_client::ExplicitCredentials(crate::server::credentials());
    let client = countersign_client::Client::new(
        config,
        std::sync::Arc::new(credentials),
        server.clock.clone(),
    );
    let http = AuthenticatedClient::new(std::sync::Arc::new(client.unwrap()));
    let (origin, port) =
        (server.url.as_str().trim_end_matches('/').to_owned(), server.url.port().unwrap());
    #[rustfmt::skip]
    let cases = [
        // rule                                   target                                     sent to
        ("a path is below the base",              "/x".to_owned(),                           Some("/prefix/x")),
        ("a url below the base is taken",         format!("{origin}/prefix/x"),              Some("/prefix/x")),
        ("a second slash names no host",          "//evil.example/x".to_owned(),             Some("/prefix//evil.example/x")),
        ("a backslash names no host",             "/\\evil.example/x".to_owned(),            Some("/prefix//evil.example/x")),
        ("another host is refused",               "https://evil.example/prefix/x".to_owned(), None),
        ("another port is refused",               format!("http://127.0.0.1:{}/prefix/x", port ^ 1), None),
        ("another path is refused",               format!("{origin}/other"),                 None),
        ("a longer name is another path",         format!("{origin}/prefixed"),              None),
        ("dots do not lead out",                  "/../other".to_owned(),                    None),
        ("encoded dots do not lead out",          "/%2e%2e/other".to_owned(),                None),
        ("a user in the url is refused",          format!("http://u:p@127.0.0.1:{port}/prefix/x"), None),
        ("no url at all",                         "x".to_owned(),                            None),
    ];
    for (rule, target, expected) in cases {
        let before = targets(&server).len();
        let outcome = http.get(&target).await;
        let after = targets(&server);
        match expected {
            Some(path) => assert_eq!(after.last().unwrap().0, path, "{rule}"),
            None => {
                assert!(outcome.is_err(), "{rule}");
                assert_eq!(after.len(), before, "{rule}");
            }
        }
    }
}
