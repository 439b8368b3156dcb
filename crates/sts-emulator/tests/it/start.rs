//! Starting and stopping, and the values that are derived.

use auth_model::{ExposeSecret, OsRandomness};
use sts_emulator::{Fixture, FixtureError, StartError, StsEmulator};
use tokio::net::TcpStream;

use crate::support::{ACCOUNT, raw, start};

#[tokio::test]
async fn refuses_an_address_that_others_can_reach_unless_told() {
    let anywhere = "0.0.0.0:0".parse().unwrap();
    let error = StsEmulator::builder().listen(anywhere).start().await.unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(address) if address == anywhere));
    assert!(error.to_string().contains("listen on 127.0.0.1"));
    let sts = StsEmulator::builder().listen(anywhere).allow_non_loopback(true).start().await;
    sts.unwrap().shutdown().await;
}

#[tokio::test]
async fn shutdown_frees_the_port() {
    let sts = start().await;
    let address = sts.local_addr();
    let open = TcpStream::connect(address).await.unwrap();
    sts.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
    drop(open);
    StsEmulator::builder().listen(address).start().await.unwrap();
}

#[tokio::test]
async fn derived_values_look_like_awss_and_follow_the_seed() {
    let one = start().await;
    let two = start().await;
    let other = StsEmulator::builder().fresh_seed(&OsRandomness).unwrap().start().await.unwrap();
    let make = |sts: &StsEmulator| {
        let user = sts.add_user(ACCOUNT, "alice").unwrap();
        let session = sts.add_session(ACCOUNT, "ci", "build-7").unwrap();
        let secret = user.secret_access_key.expose_secret().to_owned();
        (
            user.access_key_id,
            session.access_key_id,
            user.principal.user_id(),
            session.principal.user_id(),
            secret,
        )
    };
    let first = make(&one);
    assert_eq!(first, make(&two));
    assert_ne!(first, make(&other));
    assert!(first.0.starts_with("AKIA") && first.0.len() == 20);
    assert!(first.1.starts_with("ASIA") && first.1.len() == 20);
    assert!(first.2.starts_with("AIDA") && first.2.len() == 21);
    assert!(first.3.starts_with("AROA") && first.3.len() == 21 + ":build-7".len());
    assert_eq!(first.4.len(), 40);
}

#[tokio::test]
async fn a_fixture_that_breaks_a_rule_is_refused() {
    #[rustfmt::skip]
    let cases = [
        (r#"{"id": "12"}"#,                                                            "twelve digits"),
        (r#"{"id": "123456789012", "partition": "mars"}"#,                             "one of AWS's partitions"),
        (r#"{"id": "123456789012", "users": [{"name": "a b"}]}"#,                      "1 to 64"),
        (r#"{"id": "123456789012", "users": [{"name": "a", "path": "x"}]}"#,           "begin and end it with `/`"),
        (r#"{"id": "123456789012", "users": [{"name": "a"}, {"name": "a"}]}"#,         "exists already"),
        (r#"{"id": "123456789012", "roles": [{"name": "r", "max_session_seconds": 1}]}"#, "between 3600 and 43200"),
        (r#"{"id": "123456789012", "federated_users": [{"name": "x"}]}"#,              "2 to 32"),
        (r#"{"id": "123456789012", "roles": [{"name": "r", "sessions": [{"name": "s1", "expires": "noon"}]}]}"#, "RFC 3339"),
        (r#"{"id": "123456789012", "root_keys": [{"access_key_id": "short"}]}"#,       "16 to 128"),
    ];
    for (account, text) in cases {
        let fixture: Fixture =
            serde_json::from_str(&format!("{{\"accounts\": [{account}]}}")).unwrap();
        let error = StsEmulator::builder().fixture(fixture).start().await.unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
        assert!(matches!(
            error,
            StartError::Fixture(FixtureError::Invalid { .. } | FixtureError::Duplicate { .. })
        ));
    }
}

#[tokio::test]
async fn hostile_bytes_do_not_stop_it() {
    let sts = start().await;
    let long = format!("POST / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(600_000));
    let cases: [&[u8]; 7] = [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nauthorization: AWS4-HMAC-SHA256 \xff\xfe\r\nconnection: close\r\n\r\n",
        b"GET /?X-Amz-Signature=%ff%&X-Amz-Credential=%00&=&&%%% HTTP/1.1\r\nhost: \r\nconnection: close\r\n\r\n",
        b"POST /_control/ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    ];
    for bytes in cases.into_iter().chain([long.as_bytes()]) {
        // How it ends is the parser's business; that the next one is served is ours. A server that has
        // seen enough may reset while we still write, which is fine too.
        let mut half = bytes.to_vec();
        half.truncate(100_000);
        let finish = tokio::time::timeout(
            std::time::Duration::from_millis(300),
            raw(sts.local_addr(), &half),
        );
        let _ = finish.await;
    }
    let user = sts.add_user(ACCOUNT, "alice").unwrap();
    let request = crate::support::Plan::new(crate::support::BODY).sign(&user);
    assert_eq!(crate::support::send(&sts, &request).await.status, 200);
}
