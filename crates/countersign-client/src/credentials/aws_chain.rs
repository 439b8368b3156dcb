//! The sources of credentials that the AWS SDK for Rust has, in its order.
//!
//! The SDK's own chain does not say which of them failed, which is what its user needs to know; so they stand here
//! one by one.

use std::{error::Error, fmt, iter::successors, path::PathBuf};

use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, Region,
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
    credential_feature::AwsCredentialFeature as Feature,
    provider::{
        ProvideCredentials, SharedCredentialsProvider, error::CredentialsError as SdkError,
    },
};
use sts_proof::AwsCredentials;

use super::{CredentialSource, CredentialsError, FoundCredentials};

/// What may be set of an [`AwsChain`].
#[derive(Clone, Debug, Default)]
pub struct AwsChainOptions {
    /// Takes the credentials of this profile and looks nowhere else, as `aws --profile` does. Without it the whole
    /// chain is tried, and `AWS_PROFILE` names the profile in it.
    pub profile: Option<String>,
    /// Overrides `AWS_REGION` and the profile's.
    pub region: Option<String>,
    /// Reads this file in place of `~/.aws/config` and `~/.aws/credentials`.
    pub config_file: Option<PathBuf>,
}

/// Environment variables, a profile (with SSO, assumed roles and credential processes), web identity, the container's
/// endpoint, IMDS: the first that has credentials wins; one that should have them but fails ends the search.
///
/// The SDK's own requests (to SSO, STS, the container's endpoint) honour the environment as every AWS tool does, its
/// proxies and `AWS_ENDPOINT_URL_STS` included; requests to Countersign do not.
pub struct AwsChain {
    links: Vec<Link>,
    region: Option<String>,
}

/// One source.
struct Link {
    name: String,
    check: String,
    provider: SharedCredentialsProvider,
}

impl AwsChain {
    /// Sets the chain up. Reads the files for a Region, asks nobody yet.
    pub async fn load(options: AwsChainOptions) -> Self {
        let config =
            ProviderConfig::without_region().with_behavior_version(Some(BehaviorVersion::latest()));
        let region = region(&options, &config).await;
        let config = config.with_region(region.clone());
        let links = match &options.profile {
            Some(_) => vec![profile_link(&options, &config)],
            None => all_links(&options, &config),
        };
        Self { links, region: region.map(|region| region.as_ref().to_owned()) }
    }

    /// The Region of the options, the environment or the profile: what to sign proofs for.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn nothing_found(&self) -> CredentialsError {
        let check = match self.links.as_slice() {
            [only] => only.check.clone(),
            _ => EVERYWHERE.to_owned(),
        };
        CredentialsError { tried: self.describe(), problem: "there are none".to_owned(), check }
    }
}

#[async_trait]
impl CredentialSource for AwsChain {
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
        for link in &self.links {
            match link.provider.provide_credentials().await {
                Ok(found) => return Ok(link.found(&found)),
                Err(SdkError::CredentialsNotLoaded(_)) => {
                    tracing::debug!(source = %link.name, "no aws credentials there");
                }
                Err(error) => return Err(link.failed(&error)),
            }
        }
        Err(self.nothing_found())
    }

    fn describe(&self) -> String {
        let names: Vec<_> = self.links.iter().map(|link| link.name.as_str()).collect();
        names.join(", ")
    }
}

impl Link {
    fn new(
        name: impl Into<String>,
        check: impl Into<String>,
        provider: impl ProvideCredentials + 'static,
    ) -> Self {
        let provider = SharedCredentialsProvider::new(provider);
        Self { name: name.into(), check: check.into(), provider }
    }

    fn found(&self, found: &Credentials) -> FoundCredentials {
        let credentials = AwsCredentials {
            access_key_id: found.access_key_id().to_owned(),
            secret_access_key: found.secret_access_key().into(),
            session_token: found.session_token().map(Into::into),
        };
        let source = match way(found) {
            Some(way) => format!("{} ({way})", self.name),
            None => self.name.clone(),
        };
        FoundCredentials { credentials, source }
    }

    fn failed(&self, error: &SdkError) -> CredentialsError {
        let problem = match error {
            SdkError::ProviderTimedOut(_) => "no answer in time".to_owned(),
            error => problem(error),
        };
        CredentialsError { tried: self.name.clone(), problem, check: self.check.clone() }
    }
}

impl fmt::Debug for AwsChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsChain")
            .field("sources", &self.describe())
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

fn all_links(options: &AwsChainOptions, config: &ProviderConfig) -> Vec<Link> {
    vec![
        Link::new(
            "environment variables",
            "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if they are temporary",
            EnvironmentVariableCredentialsProvider::new(),
        ),
        profile_link(options, config),
        Link::new(
            "web identity",
            "check AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and the role's trust policy",
            WebIdentityTokenCredentialsProvider::builder().configure(config).build(),
        ),
        Link::new(
            "the container's endpoint",
            "check that the task or pod has a role, and AWS_CONTAINER_CREDENTIALS_FULL_URI if it is set",
            EcsCredentialsProvider::builder().configure(config).build(),
        ),
        Link::new(
            "IMDS",
            "check that the instance has a role and may reach its metadata service",
            ImdsCredentialsProvider::builder().configure(config).build(),
        ),
    ]
}

fn profile_link(options: &AwsChainOptions, config: &ProviderConfig) -> Link {
    let mut provider = ProfileFileCredentialsProvider::builder().configure(config);
    if let Some(name) = &options.profile {
        provider = provider.profile_name(name);
    }
    if let Some(file) = &options.config_file {
        provider = provider.profile_files(files(file));
    }
    // As the SDK chooses it.
    let name = options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    let name = name.unwrap_or_else(|| "default".to_owned());
    let check = format!(
        "check ~/.aws/config for `[profile {name}]`, and that `aws sts get-caller-identity --profile {name}` works; for SSO run `aws sso login --profile {name}`"
    );
    Link::new(format!("profile `{name}`"), check, provider.build())
}

/// Without IMDS, which would hold everybody up who is not on an EC2 instance, for a Region that is not needed there.
async fn region(options: &AwsChainOptions, config: &ProviderConfig) -> Option<Region> {
    if let Some(region) = &options.region {
        return Some(Region::new(region.clone()));
    }
    let mut profile = ProfileFileRegionProvider::builder().configure(config);
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    if let Some(file) = &options.config_file {
        profile = profile.profile_files(files(file));
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .region()
        .await
}

#[expect(deprecated, reason = "the new name is in a crate that has nothing else for us")]
fn files(file: &std::path::Path) -> aws_config::profile::profile_file::ProfileFiles {
    use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
    ProfileFiles::builder().with_file(ProfileFileKind::Config, file).build()
}

/// How a profile came to its credentials, if not by having them; the SDK marks them with the steps.
fn way(found: &Credentials) -> Option<&'static str> {
    let steps = found.get_property::<Vec<Feature>>()?;
    if !steps.contains(&Feature::CredentialsProfile) {
        return None;
    }
    steps.iter().find_map(|step| match step {
        Feature::CredentialsStsAssumeRole => Some("an assumed role"),
        Feature::CredentialsStsAssumeRoleWebId | Feature::CredentialsProfileStsWebIdToken => {
            Some("web identity")
        }
        Feature::CredentialsProcess | Feature::CredentialsProfileProcess => {
            Some("its credential process")
        }
        Feature::CredentialsSso | Feature::CredentialsProfileSso => Some("SSO"),
        _ => None,
    })
}

/// The innermost cause on one line. What a credential process wrote is left out: nobody knows what it holds.
fn problem(error: &SdkError) -> String {
    let text = successors(error.source(), |cause| (*cause).source())
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let text = text.split("Stderr:").next().unwrap_or_default();
    let text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    text.trim().trim_end_matches('.').to_owned()
}

const EVERYWHERE: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile, or run `aws sso login`; `aws sts get-caller-identity` shows whether they are found";

#[cfg(test)]
mod tests;
