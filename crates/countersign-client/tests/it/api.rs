//! The API's calls: what is sent, and what comes of the answer.

use countersign_client::{ApiClient, Auth, HttpOptions};

use crate::server::{Answer, NOON, Server};

const ARN: &str = "arn:aws:sts::123456789012:assumed-role/r/s+1";

fn by_keys(server: &Server) -> ApiClient {
    let auth = Auth::Keys { api_key: "api".into(), app_key: "app".into() };
    ApiClient::new(server.url.clone(), auth, HttpOptions::default()).unwrap()
}

#[tokio::test]
async fn mappings_are_made_listed_and_removed() {
    let server = Server::start(|number, _| match number {
        0 => Answer::new(
            201,
            r#"{"data":{"id":"m1","type":"aws_cloud_auth_config","attributes":{"account_identifier":"a","account_uuid":"u","arn_pattern":"p"}},"meta":{"warnings":["wide"]}}"#,
        ),
        1 => Answer::new(
            200,
            r#"{"data":[{"id":"m1","type":"aws_cloud_auth_config","attributes":{"account_identifier":"a","account_uuid":"u","arn_pattern":"p"}}]}"#,
        ),
        3 => Answer::new(
            201,
            r#"{"data":{"id":"m2","type":"aws_cloud_auth_intake_mapping","attributes":{"arn_pattern":"p"}}}"#,
        ),
        4 => Answer::new(200, r#"{"data":[]}"#),
        _ => Answer::new(204, ""),
    })
    .await;
    let api = by_keys(&server);
    let (mapping, warnings) = api.create_persona_mapping("a", "p").await.unwrap();
    assert_eq!((mapping.id.as_deref(), warnings), (Some("m1"), vec!["wide".to_owned()]));
    let listed = api.persona_mappings().await.unwrap();
    assert_eq!(listed[0].attributes.account_uuid, "u");
    api.delete_persona_mapping("a/../b").await.unwrap();
    let (_, warnings) = api.create_intake_mapping("p").await.unwrap();
    assert!(warnings.is_empty());
    assert!(api.intake_mappings().await.unwrap().is_empty());
    api.delete_intake_mapping("m2").await.unwrap();

    let seen = server.seen();
    let lines: Vec<_> =
        seen.iter().map(|s| format!("{} {}", s.method, s.target.split_off_prefix())).collect();
    assert_eq!(
        lines,
        [
            "POST persona_mapping",
            "GET persona_mapping",
            "DELETE persona_mapping/a%2F..%2Fb",
            "POST intake_mapping",
            "GET intake_mapping",
            "DELETE intake_mapping/m2",
        ]
    );
    assert_eq!(
        (seen[0].header("dd-api-key"), seen[0].header("dd-application-key")),
        ("api", "app")
    );
    assert_eq!(seen[0].header("content-type"), "application/json");
    assert_eq!(
        std::str::from_utf8(&seen[0].body).unwrap(),
        r#"{"data":{"type":"aws_cloud_auth_config","attributes":{"account_identifier":"a","arn_pattern":"p"}}}"#
    );
}

trait Prefixed {
    fn split_off_prefix(&self) -> &str;
}

impl Prefixed for String {
    fn split_off_prefix(&self) -> &str {
        self.strip_prefix("/api/v2/cloud_auth/aws/").unwrap()
    }
}

#[tokio::test]
async fn accounts_are_added_listed_and_removed() {
    const ACCOUNT: &str = r#"{"id":"c1","type":"account","attributes":{"aws_account_id":"123456789012","aws_partition":"aws","auth_config":{"role_name":"r","external_id":"e"},"created_at":"t","modified_at":"t","more":[1]}}"#;
    let server = Server::start(|number, _| match number {
        0 => Answer::new(200, format!(r#"{{"data":{ACCOUNT}}}"#)),
        1 => Answer::new(200, format!(r#"{{"data":[{ACCOUNT}]}}"#)),
        _ => Answer::new(204, ""),
    })
    .await;
    let api = by_keys(&server);
    let account = api.add_aws_account("123456789012", "aws", "r").await.unwrap();
    assert_eq!(account.attributes.auth_config.external_id.as_deref(), Some("e"));
    assert_eq!(api.aws_accounts().await.unwrap(), [account]);
    api.remove_aws_account("c1").await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[2].target, "/api/v2/integration/aws/accounts/c1");
    assert_eq!(
        std::str::from_utf8(&seen[0].body).unwrap(),
        r#"{"data":{"type":"account","attributes":{"aws_account_id":"123456789012","aws_partition":"aws","auth_config":{"role_name":"r"}}}}"#
    );
}

#[tokio::test]
async fn explain_asks_for_the_arn_as_it_is() {
    let kind = r#"{"granted":false,"refused":"no","winner":null,"matched":[],"near_misses":[]}"#;
    let body = format!(
        r#"{{"data":{{"id":"x","type":"aws_arn_explanation","attributes":{{"arn":"{ARN}","aws_account_id":"123456789012","account_integrated":true,"persona":{kind},"intake":{kind}}}}}}}"#
    );
    let server = Server::start(move |_, _| Answer::new(200, body.clone())).await;
    let explanation = by_keys(&server).explain(ARN).await.unwrap();
    assert_eq!((explanation.arn.as_str(), explanation.persona.granted), (ARN, false));
    let target = &server.seen()[0].target;
    assert!(
        target.ends_with("?arn=arn%3Aaws%3Asts%3A%3A123456789012%3Aassumed-role%2Fr%2Fs%2B1"),
        "{target}"
    );
}

#[tokio::test]
async fn keys_are_validated_in_every_form() {
    let server = Server::start(|_, seen| match seen.target.as_str() {
        "/api/v2/validate_keys" => Answer::new(200, r#"{"status":"ok"}"#),
        "/api/v1/validate" => Answer::new(200, r#"{"valid":true}"#),
        "/api/v2/validate" => Answer::new(
            200,
            r#"{"data":{"id":"o","type":"validate_v2","attributes":{"valid":true,"api_key_id":"k","api_key_scopes":[]}}}"#,
        ),
        _ => Answer::token("t", NOON + 1_000),
    })
    .await;
    let api = by_keys(&server);
    api.validate().await.unwrap();
    api.validate_v1().await.unwrap();
    assert_eq!(api.validate_api_key().await.unwrap().data.attributes.api_key_id, "k");

    ApiClient::of(server.client()).validate().await.unwrap();
    let last = server.seen().pop().unwrap();
    assert_eq!(last.header("authorization"), "Bearer t");
    assert_eq!(last.header("dd-api-key"), "");
}
