//! Version 1 against a small metadata service that answers as AWS documents it.

use axum::{
    Router,
    http::{StatusCode as Status, header},
    response::{IntoResponse, Redirect},
    routing::{get, put},
};

use super::*;

const ROLE: &str = "/latest/meta-data/iam/security-credentials/ci";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const PAGE: &str = r#"{"Code":"Success","LastUpdated":"2026-08-05T12:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIAV1","SecretAccessKey":"v1-secret","Token":"v1-token","Expiration":"2026-08-05T18:00:00Z"}"#;

async fn served(routes: Router) -> Metadata {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Metadata { base: Some(base.parse().unwrap()), off: false }
}

/// A service whose list of roles and whose page of `ci` are these.
async fn with_role(list: &'static str, page: impl Into<String>) -> Metadata {
    let page = page.into();
    let routes = Router::new()
        .route(ROLES, get(move || async move { list }))
        .route(ROLE, get(move || async move { page }))
        .route("/latest/meta-data/placement/region", get(|| async { "eu-west-1" }));
    served(routes).await
}

#[tokio::test]
async fn the_first_role_of_the_list_gives_the_credentials() {
    for list in ["ci", "ci\n", "ci\nother"] {
        let found = with_role(list, PAGE).await.credentials().await.unwrap();
        assert_eq!((found.access_key_id(), found.session_token()), ("ASIAV1", Some("v1-token")));
        assert_eq!(found.secret_access_key(), "v1-secret");
    }
    let region = with_role("ci", PAGE).await.region().await;
    assert_eq!(region.as_deref(), Some("eu-west-1"));
}

#[tokio::test]
async fn what_is_no_page_of_credentials_is_refused_without_showing_it() {
    let long = format!(r#"{{"Token":"v1-secret{}"}}"#, "x".repeat(MAX_BYTES));
    #[rustfmt::skip]
    let cases = [
        ("no role's name",     "../user-data",  PAGE.to_owned(),                                                          "it names no role"),
        ("a parent",           "..",            PAGE.to_owned(),                                                          "it names no role"),
        ("no name",            "",              PAGE.to_owned(),                                                          "it names no role"),
        ("a page",             "<html>",        PAGE.to_owned(),                                                          "it names no role"),
        ("no json",            "ci",            "v1-secret".to_owned(),                                                   "it answers with something else than credentials"),
        ("no id",              "ci",            r#"{"SecretAccessKey":"v1-secret","Token":"t"}"#.to_owned(),              "it answers with something else than credentials"),
        ("no token",           "ci",            r#"{"AccessKeyId":"A","SecretAccessKey":"v1-secret"}"#.to_owned(),        "it answers with something else than credentials"),
        ("too long",           "ci",            long,                                                                     "it answers with something else than credentials"),
        ("a refusal",          "ci",            r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"v1-secret"}"#.to_owned(), "it has no credentials for the role: AssumeRoleUnauthorizedAccess"),
    ];
    for (rule, list, page, problem) in cases {
        let trouble = with_role(list, page).await.credentials().await.unwrap_err();
        assert_eq!(trouble.problem, problem, "{rule}");
        assert!(
            !trouble.check.is_empty() && !format!("{trouble:?}").contains("v1-secret"),
            "{rule}"
        );
    }
}

#[tokio::test]
async fn the_status_is_what_decides() {
    #[rustfmt::skip]
    let cases = [
        (Status::NOT_FOUND,             "the instance has no role"),
        (Status::FORBIDDEN,             "it answers with status 403"),
        (Status::UNAUTHORIZED,          "it answers with status 401"),
        (Status::INTERNAL_SERVER_ERROR, "it answers with status 500"),
    ];
    for (status, problem) in cases {
        let routes = Router::new().route(ROLES, get(move || async move { (status, PAGE) }));
        assert_eq!(served(routes).await.credentials().await.unwrap_err().problem, problem);
    }
    let nobody = Metadata { base: "http://127.0.0.1:1".parse().ok(), off: false };
    assert_eq!(nobody.credentials().await.unwrap_err().problem, "it does not answer");
    assert_eq!(nobody.refusal_of_tokens().await, None);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = get(|| async { Redirect::temporary(ROLE) });
    let routes = Router::new().route(ROLES, elsewhere).route(ROLE, get(|| async { PAGE }));
    let trouble = served(routes).await.credentials().await.unwrap_err();
    assert_eq!(trouble.problem, "it answers with status 307");
}

#[tokio::test]
async fn a_token_is_refused_by_these_statuses_only() {
    let refused = [Status::NOT_FOUND, Status::FORBIDDEN, Status::METHOD_NOT_ALLOWED];
    let other = [Status::OK, Status::BAD_REQUEST, Status::UNAUTHORIZED, Status::BAD_GATEWAY];
    for (statuses, expected) in [(&refused[..], true), (&other[..], false)] {
        for status in statuses.iter().copied() {
            let answer = move || async move {
                (status, [(header::CONTENT_TYPE, "text/plain")], "token").into_response()
            };
            let metadata = served(Router::new().route("/latest/api/token", put(answer))).await;
            assert_eq!(metadata.refusal_of_tokens().await.is_some(), expected, "{status}");
        }
    }
}

#[tokio::test]
async fn what_is_turned_off_is_not_asked() {
    let mut metadata = with_role("ci", PAGE).await;
    metadata.off = true;
    let trouble = metadata.credentials().await.unwrap_err();
    assert!(trouble.problem.contains("AWS_EC2_METADATA_V1_DISABLED"), "{trouble}");
    assert_eq!(metadata.region().await, None);
}

#[test]
fn the_address_is_the_one_that_is_set_or_that_of_the_mode() {
    #[rustfmt::skip]
    let cases = [
        (None,                         None,         Some("http://169.254.169.254/")),
        (None,                         Some("IPv4"), Some("http://169.254.169.254/")),
        (None,                         Some("IPv6"), Some("http://[fd00:ec2::254]/")),
        (None,                         Some("IPv9"), None),
        (Some("http://127.0.0.1:99/"), Some("IPv6"), Some("http://127.0.0.1:99/")),
        (Some("http://127.0.0.1/x"),   None,         Some("http://127.0.0.1/x")),
        (Some(""),                     None,         None),
        (Some("data:x"),               None,         None),
    ];
    for (endpoint, mode, expected) in cases {
        let found = base(endpoint, mode).map(String::from);
        assert_eq!(found.as_deref(), expected, "{endpoint:?} {mode:?}");
    }
}
