//! The control API, as a test in another language uses it, and who may not.

use bytes::Bytes;
use http::Request;
use sts_emulator::{Credentials, Principal, PrincipalKind};

use crate::support::{ACCOUNT, BODY, Plan, control, send, start};

fn credentials(json: &serde_json::Value) -> Credentials {
    Credentials {
        access_key_id: json["access_key_id"].as_str().unwrap().into(),
        secret_access_key: json["secret_access_key"].as_str().unwrap().into(),
        session_token: json["session_token"].as_str().map(Into::into),
        expires: None,
        principal: Principal {
            partition: "aws".parse().unwrap(),
            account: ACCOUNT.parse().unwrap(),
            kind: PrincipalKind::Root,
        },
    }
}

#[tokio::test]
async fn requests_are_listed_counted_and_forgotten() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    send(&sts, &Plan::new(BODY).sign(&user)).await;
    let (status, answer) = control(&sts, "GET", "requests", "").await;
    assert_eq!((status, &answer["count"]), (200, &1.into()));
    let request = &answer["requests"][0];
    assert_eq!(request["action"], "GetCallerIdentity");
    assert_eq!(request["access_key_id"], user.access_key_id);
    assert_eq!(request["headers"]["host"][0], "sts.amazonaws.com");
    assert_eq!(request["body"], BODY);
    assert_eq!(request["status"], 200);
    assert_eq!(control(&sts, "DELETE", "requests", "").await.0, 204);
    assert_eq!(control(&sts, "GET", "requests", "").await.1["count"], 0);
}

#[tokio::test]
async fn faults_are_set_shown_and_cleared() {
    let sts = start().await;
    let request = Plan::new(BODY).sign(&sts.add_user(ACCOUNT, "alice").unwrap());
    let faults = r#"{"faults": [{"kind": "throttle", "count": 1, "account": "123456789012"}, {"kind": "latency", "millis": 1}]}"#;
    let (status, shown) = control(&sts, "PUT", "faults", faults).await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!(shown["faults"][0]["kind"], "throttle");
    assert_eq!(shown["faults"][0]["count"], 1);
    assert_eq!(send(&sts, &request).await.status, 400);
    let left = control(&sts, "GET", "faults", "").await.1;
    assert_eq!(left["faults"].as_array().unwrap().len(), 1);
    // What is shown can be sent back.
    assert_eq!(control(&sts, "PUT", "faults", &left.to_string()).await, (200, left));
    assert_eq!(control(&sts, "PUT", "faults", "[]").await.0, 200);
    assert!(sts.faults().is_empty());
}

#[tokio::test]
async fn the_clock_is_fixed_shifted_and_real_again() {
    let sts = start().await;
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let now = control(&sts, "PUT", "clock", r#"{"fixed": "2026-08-05T13:34:56+01:00"}"#).await;
    assert_eq!(now, (200, serde_json::json!({"now": "2026-08-05T12:34:56Z"})));
    let now = control(&sts, "PUT", "clock", r#"{"offset_seconds": 3600}"#).await;
    assert_eq!(now.1["now"], "2026-08-05T13:34:56Z");
    let reply = send(&sts, &Plan::new(BODY).sign(&user)).await;
    assert!(reply.field("Message").starts_with("Signature expired: "));
    assert_eq!(control(&sts, "PUT", "clock", r#"{"real": true}"#).await.0, 200);
    assert_eq!(send(&sts, &Plan::new(BODY).sign(&user)).await.status, 200);
}

#[tokio::test]
async fn credentials_are_made_and_work_and_are_listed_without_secrets() {
    let sts = start().await;
    #[rustfmt::skip]
    let cases = [
        (r#"{"user": {"name": "alice", "path": "/a/"}}"#,      "arn:aws:iam::123456789012:user/a/alice"),
        (r#"{"session": {"role": "ci", "name": "build-7"}}"#,  "arn:aws:sts::123456789012:assumed-role/ci/build-7"),
        (r#"{"federated_user": {"name": "carol"}}"#,           "arn:aws:sts::123456789012:federated-user/carol"),
        (r#"{"root": {}}"#,                                    "arn:aws:iam::123456789012:root"),
    ];
    for (principal, arn) in cases {
        let body = format!(
            r#"{{"account": "123456789012", "principal": {principal}, "duration_seconds": 900}}"#
        );
        let (status, made) = control(&sts, "POST", "credentials", &body).await;
        assert_eq!((status, &made["arn"]), (201, &arn.into()), "{made}");
        assert_eq!(made["expires"].is_string(), made["session_token"].is_string());
        let reply = send(&sts, &Plan::new(BODY).sign(&credentials(&made))).await;
        assert_eq!(reply.field("Arn"), arn);
        let (_, listed) = control(&sts, "GET", "credentials", "").await;
        assert!(!listed.to_string().contains(made["secret_access_key"].as_str().unwrap()));
        assert!(listed.to_string().contains(made["access_key_id"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn a_fixture_replaces_what_there_is() {
    let sts = start().await;
    let old = sts.add_user(ACCOUNT, "alice").unwrap();
    let fixture = r#"{"accounts": [{"id": "123456789012", "users": [{"name": "bob", "access_keys": [{}]}]}]}"#;
    let (status, made) = control(&sts, "PUT", "fixture", fixture).await;
    assert_eq!(status, 200, "{made}");
    let new = credentials(&made["credentials"][0]);
    assert_eq!(send(&sts, &Plan::new(BODY).sign(&new)).await.status, 200);
    assert_eq!(send(&sts, &Plan::new(BODY).sign(&old)).await.status, 403);
}

#[tokio::test]
async fn errors_say_what_to_send_instead() {
    let sts = start().await;
    #[rustfmt::skip]
    let cases = [
        ("PUT",  "faults",      r#"{"faults": [{"kind": "latencyy"}]}"#,                  400, "`latency`"),
        ("PUT",  "faults",      r#"[{"kind": "latency", "millis": 1, "acount": "1"}]"#,   400, "`acount`"),
        ("PUT",  "faults",      r#"[{"kind": "html", "status": 99}]"#,                    400, "use 200 to 599"),
        ("PUT",  "faults",      r#"{"fault": []}"#,                                       400, "`faults`"),
        ("PUT",  "faults",      "not json",                                               400, "send for example"),
        ("PUT",  "clock",       r#"{"fixed": "noon"}"#,                                   400, "`noon`, which is not RFC 3339"),
        ("PUT",  "clock",       r#"{"fixed": "2026-08-05T12:34:56Z", "real": true}"#,     400, "one of `fixed`"),
        ("POST", "credentials", r#"{"account": "12", "principal": {"root": {}}}"#,        400, "twelve digits"),
        ("POST", "credentials", r#"{"account": "123456789012"}"#,                         400, "`principal`"),
        ("PUT",  "fixture",     r#"{"accounts": [{"id": "123456789012", "user": []}]}"#,  400, "`user`"),
        ("POST", "requests",    "",                                                       405, "use GET or DELETE"),
        ("GET",  "reqests",     "",                                                       404, "use one of requests"),
    ];
    for (method, name, body, expected, text) in cases {
        let (status, answer) = control(&sts, method, name, body).await;
        assert_eq!(status, expected, "{body}: {answer}");
        let message = answer["error"].as_str().unwrap();
        assert!(message.contains(text), "{message}");
    }
    assert_eq!(sts.request_count(), 0, "control requests are not recorded");
}

#[tokio::test]
async fn web_pages_and_forwarded_requests_are_refused() {
    let sts = start().await;
    let here = sts.local_addr().to_string();
    #[rustfmt::skip]
    let cases = [
        ("an address",              here.as_str(),           None,                              200),
        ("localhost",               "localhost:4566",        None,                              200),
        ("an IPv6 address",         "[::1]:4566",            None,                              200),
        ("a rebound name",          "rebind.example.com",    None,                              403),
        ("an STS host",             "sts.amazonaws.com",     None,                              403),
        ("a page's origin",         here.as_str(),           Some(("origin", "http://a.test")), 403),
        ("a page without origin",   here.as_str(),           Some(("sec-fetch-site", "none")),  403),
        ("a page's image",          here.as_str(),           Some(("referer", "http://a.test")), 403),
    ];
    for (rule, host, header, status) in cases {
        let mut request = Request::get("/_control/requests").header("host", host);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let reply = send(&sts, &request.body(Bytes::new()).unwrap()).await;
        assert_eq!(reply.status, status, "{rule}");
    }
}
