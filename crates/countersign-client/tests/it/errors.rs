//! What errors say.

use std::{net::TcpListener, time::Duration};

use countersign_client::{ApiClient, ClientError, HttpOptions};

use crate::server::{Answer, NOON, Server};

async fn failure(answer: Answer) -> ClientError {
    let server = Server::start(move |_, _| answer.clone()).await;
    server.client().access_token().await.unwrap_err()
}

#[tokio::test]
async fn both_forms_of_error_are_shown_with_where_the_credentials_came_from() {
    #[rustfmt::skip]
    let cases = [
        ("strings",             r#"{"errors":["no mapping","look"]}"#,                                  "no mapping; look"),
        ("objects with detail", r#"{"errors":[{"status":"401","title":"T","detail":"no mapping"}]}"#,   "no mapping"),
        ("objects with title",  r#"{"errors":[{"title":"Unauthorized"}]}"#,                             "Unauthorized"),
    ];
    for (rule, body, shown) in cases {
        let error = failure(Answer::new(401, body)).await;
        assert_eq!(
            error.to_string(),
            format!(
                "refused with status 401: {shown} (AWS credentials from the program's own settings); `aws sts get-caller-identity` shows whose they are"
            ),
            "{rule}"
        );
        assert_eq!(error.status(), Some(401), "{rule}");
    }
}

#[tokio::test]
async fn waiting_times_are_told() {
    let throttled = Answer::new(429, r#"{"errors":["slow down"]}"#).with("retry-after", "7");
    let error = failure(throttled).await;
    assert!(error.to_string().ends_with("; try again in 7 s"), "{error}");
    assert_eq!(error.refusal().unwrap().retry_after, Some(Duration::from_secs(7)));
    let error = failure(Answer::new(503, r#"{"errors":["away"]}"#)).await;
    assert!(error.to_string().ends_with("; try again later"), "{error}");
}

#[tokio::test]
async fn what_is_not_this_api_is_called_so() {
    #[rustfmt::skip]
    let cases = [
        ("a page instead of errors", Answer::new(404, "<html>not here</html>"),   "check that the address is that of a Countersign server"),
        ("a page instead of a token", Answer::new(200, "<html>hello</html>"),     "can not be read"),
        ("another document",         Answer::new(200, r#"{"data":{"type":"x","attributes":{}}}"#), "/data/attributes"),
        ("no number of seconds",     Answer::token("t", 0).replaced("\"0\"", "\"soon\""), "`expires`"),
        ("an empty body",            Answer::new(200, ""),                        "empty"),
        ("a redirect",               Answer::new(302, "").with("location", "https://elsewhere.example/"), "redirect"),
        ("more than a mebibyte",     Answer::new(200, "x".repeat(1024 * 1024 + 1)), "longer than 1048576 bytes"),
    ];
    for (rule, answer, shown) in cases {
        let error = failure(answer).await;
        assert!(error.to_string().contains(shown), "{rule}: {error}");
    }
}

impl Answer {
    fn replaced(mut self, from: &str, to: &str) -> Self {
        self.body = self.body.replace(from, to);
        self
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::start(|_, _| Answer::token("t", NOON + 1_000)).await;
    let location = target.url.join("/api/v2/delegated-token").unwrap().to_string();
    let server =
        Server::start(move |_, _| Answer::new(307, "").with("location", location.clone())).await;
    assert!(server.client().access_token().await.is_err());
    assert_eq!((server.count(), target.count()), (1, 0));
}

#[tokio::test]
async fn a_wrong_clock_is_named_as_the_cause_of_a_refused_date() {
    const STALE: &str = r#"{"errors":[{"detail":"the proof was signed 600 s ago, more than 300 s; check the clock"}]}"#;
    let behind = Answer::new(401, STALE).with("date", "Fri, 24 Jul 2026 12:10:00 GMT");
    let error = failure(behind).await;
    let text = error.to_string();
    assert!(text.starts_with("this machine's clock is 600 s behind the server's"), "{text}");
    assert!(text.contains("set the clock"), "{text}");
    assert_eq!(error.status(), Some(401));

    let ahead = Answer::new(401, STALE).with("date", "Fri, 24 Jul 2026 11:50:00 GMT");
    let text = failure(ahead).await.to_string();
    assert!(text.starts_with("this machine's clock is 600 s ahead of the server's"), "{text}");

    // A wrong clock is not the cause of everything, nor is every refused date a wrong clock's fault.
    let unmapped = Answer::new(401, r#"{"errors":["no identity mapping was found"]}"#);
    let unmapped = failure(unmapped.with("date", "Fri, 24 Jul 2026 12:10:00 GMT")).await;
    assert!(matches!(unmapped, ClientError::Refused(_)), "{unmapped}");
    let right = failure(Answer::new(401, STALE)).await;
    assert!(matches!(right, ClientError::Refused(_)), "{right}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_what_may_be_secret() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let auth = countersign_client::Auth::Bearer("t".into());
    let api = ApiClient::new(url, auth, HttpOptions::default()).unwrap();
    let error = api.explain("arn:aws:sts::123456789012:assumed-role/r/s").await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with(&format!("`http://127.0.0.1:{port}` did not answer: ")), "{text}");
    assert!(!text.contains("assumed-role"), "{text}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_no_longer_than_the_timeout() {
    // Takes connections into its backlog and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let auth = countersign_client::Auth::Bearer("t".into());
    let options = HttpOptions { timeout: Duration::from_millis(50), ..HttpOptions::default() };
    let error = ApiClient::new(url, auth, options).unwrap().validate().await.unwrap_err();
    assert!(error.to_string().contains("it took too long"), "{error}");
}
