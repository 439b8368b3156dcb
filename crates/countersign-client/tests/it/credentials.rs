//! Where credentials come from.

use std::sync::Arc;

use async_trait::async_trait;
use auth_model::ExposeSecret;
use countersign_client::{
    Client, ClientError, CredentialSource, CredentialsError, EnvironmentCredentials,
    FoundCredentials,
};

use crate::server::{ACCESS_KEY, Answer, NOON, SECRET_KEY, SESSION, Server};

#[tokio::test]
async fn the_environment_gives_keys_with_or_without_a_session() {
    let pair = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    let found = EnvironmentCredentials::of_variables(pair).credentials().await.unwrap();
    assert_eq!(found.source, "environment variables");
    assert_eq!(found.credentials.access_key_id, ACCESS_KEY);
    assert_eq!(found.credentials.secret_access_key.expose_secret(), SECRET_KEY);
    assert!(found.credentials.session_token.is_none());

    for (token, expected) in [(SESSION, true), ("", false), (" ", false)] {
        let three = pair.into_iter().chain([("AWS_SESSION_TOKEN", token)]);
        let found = EnvironmentCredentials::of_variables(three).credentials().await.unwrap();
        assert_eq!(found.credentials.session_token.is_some(), expected, "`{token}`");
    }
}

#[tokio::test]
async fn what_is_missing_in_the_environment_is_named() {
    type Variables = &'static [(&'static str, &'static str)];
    #[rustfmt::skip]
    let cases: [(&str, Variables, &str); 3] = [
        ("nothing",         &[],                                                                  "`AWS_ACCESS_KEY_ID` is not set"),
        ("no secret",       &[("AWS_ACCESS_KEY_ID", ACCESS_KEY)],                                 "`AWS_SECRET_ACCESS_KEY` is not set"),
        ("an empty secret", &[("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", "")],  "`AWS_SECRET_ACCESS_KEY` is not set"),
    ];
    for (rule, variables, expected) in cases {
        let source = EnvironmentCredentials::of_variables(variables.iter().copied());
        let text = source.credentials().await.unwrap_err().to_string();
        assert!(text.starts_with("no aws credentials from environment variables: "), "{text}");
        assert!(text.contains(expected) && text.contains("export "), "{rule}: {text}");
    }
}

#[tokio::test]
async fn an_exchange_without_credentials_names_the_source_and_asks_nobody() {
    let server = Server::start(|_, _| Answer::token("t", NOON + 1_000)).await;
    let source = Arc::new(EnvironmentCredentials::of_variables([("", ""); 0]));
    let client = Client::new(server.config(), source, server.clock.clone()).unwrap();
    let error = client.access_token().await.unwrap_err();
    assert!(matches!(error, ClientError::NoCredentials(_)), "{error:?}");
    assert!(error.to_string().contains("from environment variables"), "{error}");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_source_that_never_answers_is_given_up() {
    #[derive(Debug)]
    struct Never;
    #[async_trait]
    impl CredentialSource for Never {
        async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
            std::future::pending().await
        }

        fn describe(&self) -> String {
            "nowhere".to_owned()
        }
    }
    let server = Server::start(|_, _| Answer::token("t", NOON + 1_000)).await;
    let mut config = server.config();
    config.timeout = std::time::Duration::from_millis(20);
    let client = Client::new(config, Arc::new(Never), server.clock.clone()).unwrap();
    let error = client.access_token().await.unwrap_err();
    assert!(
        error.to_string().starts_with("no aws credentials from nowhere: nothing came"),
        "{error}"
    );
}

#[cfg(feature = "aws-config")]
mod chain {
    use std::fs;

    use countersign_client::{AwsChain, AwsChainOptions};
    use tempfile::TempDir;

    use super::*;

    /// The profile `it` of a configuration file with this body.
    async fn profile(folder: &TempDir, body: &str) -> AwsChain {
        let file = folder.path().join("config");
        fs::write(&file, format!("[profile it]\n{body}\n")).unwrap();
        let options = AwsChainOptions {
            profile: Some("it".to_owned()),
            config_file: Some(file),
            region: Some("eu-west-1".to_owned()),
            ..AwsChainOptions::default()
        };
        AwsChain::load(options).await
    }

    #[tokio::test]
    async fn a_profile_gives_its_keys_and_is_named() {
        let folder = TempDir::new().unwrap();
        let keys = format!(
            "aws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\naws_session_token = {SESSION}"
        );
        let chain = profile(&folder, &keys).await;
        let found = chain.credentials().await.unwrap();
        assert_eq!(found.source, "profile `it`");
        assert_eq!(found.credentials.access_key_id, ACCESS_KEY);
        assert_eq!(found.credentials.secret_access_key.expose_secret(), SECRET_KEY);
        assert_eq!(found.credentials.session_token.unwrap().expose_secret(), SESSION);
        assert_eq!(chain.region(), Some("eu-west-1"));
        assert!(!format!("{chain:?}").contains(SECRET_KEY));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_credential_process_gives_keys_and_is_named() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("keys.json");
        let keys = format!(
            r#"{{"Version":1,"AccessKeyId":"{ACCESS_KEY}","SecretAccessKey":"{SECRET_KEY}","SessionToken":"{SESSION}"}}"#
        );
        fs::write(&file, keys).unwrap();
        let chain = profile(&folder, &format!("credential_process = cat {}", file.display())).await;
        let found = chain.credentials().await.unwrap();
        assert_eq!(found.source, "profile `it` (its credential process)");
        assert_eq!(found.credentials.access_key_id, ACCESS_KEY);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_a_failing_credential_process_wrote_is_not_shown() {
        let folder = TempDir::new().unwrap();
        let command = format!("credential_process = echo {SECRET_KEY} >&2; exit 3");
        let chain = profile(&folder, &command).await;
        let error = chain.credentials().await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("profile `it`") && shown.contains("exit status: 3"), "{shown}");
        assert!(!shown.contains(SECRET_KEY), "{shown}");
    }

    /// As other programs renew them there, under one that runs for months.
    #[tokio::test]
    async fn a_profile_whose_keys_are_renewed_gives_the_new_ones() {
        let folder = TempDir::new().unwrap();
        let keys =
            |id: &str| format!("aws_access_key_id = {id}\naws_secret_access_key = {SECRET_KEY}");
        let chain = profile(&folder, &keys(ACCESS_KEY)).await;
        for id in [ACCESS_KEY, "AKIAI44QH8DHBEXAMPLE"] {
            fs::write(folder.path().join("config"), format!("[profile it]\n{}\n", keys(id)))
                .unwrap();
            let found = chain.credentials().await.unwrap();
            assert_eq!(found.credentials.access_key_id, id);
        }
    }

    #[tokio::test]
    async fn a_profile_that_is_not_there_is_named_with_what_to_check() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, "[profile other]\nregion = eu-central-1\n").unwrap();
        let options = |profile: &str| AwsChainOptions {
            profile: Some(profile.to_owned()),
            config_file: Some(file.clone()),
            ..AwsChainOptions::default()
        };
        let error = AwsChain::load(options("it")).await.credentials().await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("no aws credentials from profile `it`: "), "{text}");
        assert!(text.contains("~/.aws/config"), "{text}");
    }
}
