//! The AWS SDK's sources of credentials, in the SDK's order, each under its own name.
//!
//! The SDK has a chain of its own; it does not say which link failed, and that is the first thing its user needs to know.

use std::{borrow::Cow, error::Error as _, time::Duration};

use async_trait::async_trait;
use auth_model::SecretString;
use aws_config::{
    BehaviorVersion,
    ecs::EcsCredentialsProvider,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    imds::credentials::ImdsCredentialsProvider,
    meta::region::RegionProviderChain,
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use sts_proof::AwsCredentials;

use super::{CredentialError, CredentialSource, SourcedCredentials};
use crate::scrub::scrub;

/// The credentials that the AWS SDKs and the AWS CLI would use on this machine.
///
/// In this order: environment, profile (with roles, SSO and external programs), web identity token (EKS), container
/// (ECS, EKS Pod Identity), instance metadata (EC2). The first that has credentials wins; one that has them but fails
/// ends the search.
#[derive(Clone, Debug)]
pub struct AwsChain {
    links: Vec<Link>,
    region: Option<String>,
}

/// One source of the chain.
#[derive(Clone, Debug)]
struct Link {
    name: Cow<'static, str>,
    check: &'static str,
    provider: SharedCredentialsProvider,
}

/// Longer than the slowest source takes to find out that there is nothing.
const MAX_WAIT: Duration = Duration::from_secs(20);

impl AwsChain {
    /// The whole chain. Reads the AWS configuration files for a Region; asks no source yet.
    pub async fn load() -> Self {
        let (config, region) = configure(None).await;
        let links = vec![
            Link::new(
                "the environment",
                ENVIRONMENT,
                EnvironmentVariableCredentialsProvider::new(),
            ),
            Link::new(
                "the aws profile",
                PROFILE,
                ProfileFileCredentialsProvider::builder().configure(&config).build(),
            ),
            Link::new(
                "the web identity token",
                WEB_IDENTITY,
                WebIdentityTokenCredentialsProvider::builder().configure(&config).build(),
            ),
            Link::new(
                "the container's credential endpoint",
                CONTAINER,
                EcsCredentialsProvider::builder().configure(&config).build(),
            ),
            Link::new(
                "the instance metadata service",
                INSTANCE,
                ImdsCredentialsProvider::builder().configure(&config).build(),
            ),
        ];
        Self { links, region }
    }

    /// One profile of the AWS configuration files and nothing else, also where the environment has credentials:
    /// whoever names a profile means it.
    pub async fn profile(name: &str) -> Self {
        let (config, region) = configure(Some(name)).await;
        let provider =
            ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build();
        let link = Link::new(format!("aws profile `{}`", scrub(name, &[])), PROFILE, provider);
        Self { links: vec![link], region }
    }

    /// The Region that the environment or the profile names, if any: whose STS a proof may be made for.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    async fn search(&self) -> Result<SourcedCredentials, CredentialError> {
        for link in &self.links {
            match link.provider.provide_credentials().await {
                Ok(found) => {
                    let from = link.name.clone().into_owned();
                    return Ok(SourcedCredentials { credentials: convert(&found), from });
                }
                Err(CredentialsError::CredentialsNotLoaded(_)) => {
                    tracing::debug!(source = %link.name, "no aws credentials there");
                }
                Err(error) => return Err(link.failed(&error)),
            }
        }
        Err(self.nothing_found())
    }

    fn nothing_found(&self) -> CredentialError {
        let names: Vec<_> = self.links.iter().map(|link| link.name.as_ref()).collect();
        let check = match self.links.as_slice() {
            [only] => only.check,
            _ => EVERYWHERE,
        };
        CredentialError {
            tried: names.join(", "),
            reason: "there are none".to_owned(),
            check: check.to_owned(),
        }
    }
}

#[async_trait]
impl CredentialSource for AwsChain {
    async fn credentials(&self) -> Result<SourcedCredentials, CredentialError> {
        match tokio::time::timeout(MAX_WAIT, self.search()).await {
            Ok(result) => result,
            Err(_) => Err(CredentialError {
                reason: format!("the search took longer than {} s", MAX_WAIT.as_secs()),
                ..self.nothing_found()
            }),
        }
    }
}

impl Link {
    fn new(
        name: impl Into<Cow<'static, str>>,
        check: &'static str,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        Self { name: name.into(), check, provider: SharedCredentialsProvider::new(provider) }
    }

    fn failed(&self, error: &CredentialsError) -> CredentialError {
        let reason = match error {
            CredentialsError::ProviderTimedOut(_) => "it did not answer in time".to_owned(),
            other => cause(other),
        };
        CredentialError {
            tried: self.name.clone().into_owned(),
            reason,
            check: self.check.to_owned(),
        }
    }
}

/// The innermost cause. What an external program wrote is left out: nobody knows what it holds.
fn cause(error: &CredentialsError) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let text = causes.last().map(ToString::to_string).unwrap_or_else(|| error.to_string());
    let text = text.split("Stderr:").next().unwrap_or_default();
    scrub(text, &[]).trim_end_matches('.').to_owned()
}

/// What the sources need to know. The Region is looked for where it costs nothing, not in the metadata service.
async fn configure(profile: Option<&str>) -> (ProviderConfig, Option<String>) {
    let config = ProviderConfig::default().with_behavior_version(Some(BehaviorVersion::latest()));
    let mut file = ProfileFileRegionProvider::builder().configure(&config);
    if let Some(name) = profile {
        file = file.profile_name(name);
    }
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(file.build())
        .region()
        .await;
    let name = region.as_ref().map(ToString::to_string);
    (config.with_region(region), name)
}

fn convert(found: &Credentials) -> AwsCredentials {
    AwsCredentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: SecretString::from(found.secret_access_key()),
        session_token: found.session_token().map(SecretString::from),
    }
}

const ENVIRONMENT: &str = "set both `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` for temporary credentials";
const PROFILE: &str = "check `AWS_PROFILE`, `~/.aws/config` and `~/.aws/credentials`; for an sso profile run `aws sso login`";
const WEB_IDENTITY: &str =
    "check `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and the trust policy of the role";
const CONTAINER: &str = "check `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI`, and that the task or pod has a role";
const INSTANCE: &str =
    "check that the instance has a role, and that its metadata service can be reached";
const EVERYWHERE: &str = "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_PROFILE`, or run `aws sso login`; `aws sts get-caller-identity` tells whether they are found";

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::future;

    use super::*;

    #[derive(Debug)]
    struct Always(Option<&'static str>);

    impl ProvideCredentials for Always {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::ready(match self.0 {
                None => Err(CredentialsError::not_loaded("none")),
                Some("fails") => Err(CredentialsError::provider_error(
                    "the program exited with code 1. Stderr: wJalrXUtnFEMI",
                )),
                Some(id) => Ok(Credentials::new(id, "wJalrXUtnFEMI", None, None, "test")),
            })
        }
    }

    fn chain(links: &[(&'static str, Option<&'static str>)]) -> AwsChain {
        let links =
            links.iter().map(|(name, holds)| Link::new(*name, "look there", Always(*holds)));
        AwsChain { links: links.collect(), region: None }
    }

    #[tokio::test]
    async fn the_first_source_that_has_credentials_wins_and_is_named() {
        let chain =
            chain(&[("a", None), ("b", Some("AKIAIOSFODNN7EXAMPLE")), ("c", Some("fails"))]);
        let found = chain.credentials().await.unwrap();
        assert_eq!(found.from, "b");
        assert_eq!(found.credentials.access_key_id, "AKIAIOSFODNN7EXAMPLE");
        assert!(!format!("{found:?}").contains("wJalr"));
    }

    #[tokio::test]
    async fn a_source_that_fails_ends_the_search_by_name_without_what_a_program_wrote() {
        let chain =
            chain(&[("a", None), ("b", Some("fails")), ("c", Some("AKIAIOSFODNN7EXAMPLE"))]);
        let error = chain.credentials().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "no aws credentials from b: the program exited with code 1; look there"
        );
        assert!(!format!("{error:?}").contains("wJalr"));
    }

    #[tokio::test]
    async fn where_nothing_is_found_all_that_was_tried_is_named() {
        let error = chain(&[("a", None), ("b", None)]).credentials().await.unwrap_err();
        assert_eq!(error.tried, "a, b");
        assert!(error.check.contains("AWS_PROFILE"), "{error}");
        assert_eq!(chain(&[("a", None)]).credentials().await.unwrap_err().check, "look there");
    }
}
