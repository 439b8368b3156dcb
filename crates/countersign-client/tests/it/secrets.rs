//! No secret in anything that is printed.

use std::{fmt::Debug, sync::Arc};

use countersign_client::{
    ApiClient, Auth, AuthenticatedClient, ClientError, CredentialSource, EnvironmentCredentials,
    ExplicitCredentials,
};

use crate::server::{Answer, NOON, SECRET_KEY, SESSION, Seen, Server, credentials};

const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.c2VjcmV0.c2ln";
const API_KEY: &str = "aaaabbbbccccddddeeeeffff00001111";
const APP_KEY: &str = "1111222233334444555566667777888899990000";

/// Repeats what it was sent, as a debugging proxy might.
fn echo(seen: &Seen) -> Answer {
    let said = ["authorization", "dd-api-key", "dd-application-key"].map(|name| seen.header(name));
    Answer::new(403, serde_json::json!({"errors": said}).to_string())
}

fn clean(name: &str, shown: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!shown.contains(secret), "{name} shows `{secret}`: {shown}");
    }
}

fn clean_debug(name: &str, value: &impl Debug) {
    let shown = format!("{value:?} {value:#?}");
    clean(name, &shown, &[SECRET_KEY, SESSION, TOKEN, API_KEY, APP_KEY, "pr0xy"]);
}

#[tokio::test]
async fn no_debug_shows_a_secret() {
    let server = Server::start(|_, seen| match seen.target.as_str() {
        "/api/v2/intake-key" => Answer::new(
            200,
            format!(
                r#"{{"data":{{"type":"intake_api_key","attributes":{{"api_key":"{API_KEY}","org_id":7}}}}}}"#
            ),
        ),
        _ => Answer::token(TOKEN, NOON + 1_000),
    })
    .await;
    let client = server.client();
    clean_debug("Token", &client.access_token().await.unwrap());
    clean_debug("IntakeKey", &client.intake_key().await.unwrap());
    clean_debug("Proof", &client.proof().await.unwrap());
    clean_debug("Client", &client);
    clean_debug("AuthenticatedClient", &AuthenticatedClient::new(Arc::clone(&client)));
    clean_debug("ExplicitCredentials", &ExplicitCredentials(credentials()));
    let environment = EnvironmentCredentials::of_variables([
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_SESSION_TOKEN", SESSION),
    ]);
    clean_debug("EnvironmentCredentials", &environment);
    clean_debug("FoundCredentials", &environment.credentials().await.unwrap());

    let mut config = server.config();
    config.proxy = Some("http://u:pr0xy@proxy.example:3128".parse().unwrap());
    clean_debug("ClientConfig", &config);
    clean_debug("HttpOptions", &config.http_options());
    for auth in [
        Auth::Keys { api_key: API_KEY.into(), app_key: APP_KEY.into() },
        Auth::Bearer(TOKEN.into()),
        Auth::Exchange(client),
    ] {
        clean_debug("Auth", &auth);
        let api = ApiClient::new(server.url.clone(), auth, config.http_options()).unwrap();
        clean_debug("ApiClient", &api);
    }
}

#[tokio::test]
async fn no_error_repeats_a_secret_that_the_server_repeats() {
    let server = Server::start(|number, seen| match number {
        0 => echo(seen),
        1 => Answer::token(TOKEN, NOON + 1_000),
        _ => echo(seen),
    })
    .await;
    let client = server.client();
    let error = client.access_token().await.unwrap_err();
    let proof = server.seen()[0].header("authorization").replace("Delegated ", "");
    let shown = format!("{error} {error:?}");
    clean("the exchange", &shown, &[&proof, SECRET_KEY, SESSION]);
    assert!(shown.contains("[redacted]"), "{shown}");

    let auths = [
        Auth::Exchange(client),
        Auth::Bearer(TOKEN.into()),
        Auth::Keys { api_key: API_KEY.into(), app_key: APP_KEY.into() },
    ];
    for auth in auths {
        let name = format!("{auth:?}");
        let api = ApiClient::new(server.url.clone(), auth, server.config().http_options());
        let error = api.unwrap().current_user().await.unwrap_err();
        let shown = format!("{error} {error:?}");
        clean(&name, &shown, &[TOKEN, API_KEY, APP_KEY]);
        assert!(shown.contains("[redacted]"), "{shown}");
    }
}

#[tokio::test]
async fn a_message_is_one_line_and_not_endless() {
    let server = Server::start(|_, _| {
        let long = format!("a\u{1b}[31m\n{}", "x".repeat(10_000));
        Answer::new(400, serde_json::json!({"errors": vec![long; 100]}).to_string())
    })
    .await;
    let error = server.client().access_token().await.unwrap_err();
    assert!(matches!(error, ClientError::Refused(_)));
    let text = error.to_string();
    assert!(!text.contains(char::is_control), "{text}");
    assert!(text.len() < 6_000, "{}", text.len());
}
