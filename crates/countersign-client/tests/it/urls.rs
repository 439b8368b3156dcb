//! Which base URLs are taken.

use countersign_client::{ApiClient, Auth, Client, ClientError, ExplicitCredentials, HttpOptions};

use crate::server::{credentials, org};

#[test]
fn secrets_go_over_https_or_to_a_loopback_host() {
    #[rustfmt::skip]
    let cases = [
        // rule                                    url                                  taken
        ("https",                                  "https://countersign.example",       true),
        ("https with port and path",               "https://countersign.example:1/a/",  true),
        ("http to 127.0.0.1",                      "http://127.0.0.1:8080",             true),
        ("http to the loopback net",               "http://127.8.9.1",                  true),
        ("http to ::1",                            "http://[::1]:8080",                 true),
        ("http to localhost",                      "http://localhost:8080",             true),
        ("http to a host",                         "http://countersign.example",        false),
        ("http to a private address",              "http://10.0.0.1",                   false),
        ("http to all addresses",                  "http://0.0.0.0",                    false),
        ("http to a name that begins as loopback", "http://127.0.0.1.evil.example",     false),
        ("http to a name that ends as localhost",  "http://evil-localhost",             false),
        ("another scheme",                         "ftp://countersign.example",         false),
        ("no host",                                "data:text/plain,x",                 false),
        ("user and password",                      "https://u:p4ssw0rd@c.example",      false),
        ("a query",                                "https://c.example/?key=p4ssw0rd",   false),
        ("a fragment",                             "https://c.example/#p4ssw0rd",       false),
    ];
    for (rule, url, taken) in cases {
        let url: countersign_client::Url = url.parse().unwrap();
        let config = countersign_client::ClientConfig::new(url.clone(), org());
        let source = std::sync::Arc::new(ExplicitCredentials(credentials()));
        let client = Client::new(config, source, std::sync::Arc::new(auth_model::SystemClock));
        let api = ApiClient::new(url, Auth::Bearer("t".into()), HttpOptions::default());
        assert_eq!(client.is_ok(), taken, "{rule}");
        assert_eq!(api.is_ok(), taken, "{rule}");
        if let Err(error) = client {
            assert!(matches!(error, ClientError::InsecureUrl { .. }), "{rule}: {error:?}");
            assert!(!format!("{error} {error:?}").contains("p4ssw0rd"), "{rule}: {error:?}");
        }
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let url: countersign_client::Url = "https://countersign.example".parse().unwrap();
    let refused = |options: HttpOptions| {
        let error = ApiClient::new(url.clone(), Auth::Bearer("t".into()), options).unwrap_err();
        error.to_string()
    };
    let no_pem = refused(HttpOptions {
        trusted_roots_pem: Some("no pem".to_owned()),
        ..HttpOptions::default()
    });
    assert!(no_pem.contains("trusted certificates"), "{no_pem}");
    let agent = refused(HttpOptions { user_agent: "a\nb".to_owned(), ..HttpOptions::default() });
    assert!(agent.contains("user agent"), "{agent}");
}
