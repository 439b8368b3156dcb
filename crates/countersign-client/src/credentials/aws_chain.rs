//! The credential chain of the AWS SDK for Rust.

use std::{error::Error, fmt, iter::successors, path::PathBuf};

use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, Region,
    default_provider::credentials::DefaultCredentialsChain,
    environment::EnvironmentVariableRegionProvider,
    meta::region::RegionProviderChain,
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
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

/// Environment variables, profiles (also SSO, assumed roles and credential processes), web identity, the container's
/// endpoint, IMDS: in the order of the AWS SDK for Rust, which does the work.
///
/// The SDK's own requests (to SSO, STS, the container's endpoint) honour the environment as every AWS tool does, its
/// proxies and `AWS_ENDPOINT_URL_STS` included; requests to Countersign do not.
pub struct AwsChain {
    provider: SharedCredentialsProvider,
    region: Option<String>,
    profile: Option<String>,
}

impl AwsChain {
    /// Sets the chain up. Reads the files, asks nobody yet.
    pub async fn load(options: AwsChainOptions) -> Self {
        let config =
            ProviderConfig::without_region().with_behavior_version(Some(BehaviorVersion::latest()));
        let region = region(&options, &config).await;
        let config = config.with_region(region.clone());
        let provider = match &options.profile {
            Some(profile) => {
                let mut builder = ProfileFileCredentialsProvider::builder()
                    .configure(&config)
                    .profile_name(profile);
                if let Some(file) = &options.config_file {
                    builder = builder.profile_files(files(file));
                }
                SharedCredentialsProvider::new(builder.build())
            }
            None => {
                let builder = DefaultCredentialsChain::builder().configure(config);
                SharedCredentialsProvider::new(builder.region(region.clone()).build().await)
            }
        };
        let region = region.map(|region| region.as_ref().to_owned());
        Self { provider, region, profile: options.profile }
    }

    /// The Region of the options, the environment or the profile: what to sign proofs for.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn found(&self, found: &Credentials) -> FoundCredentials {
        FoundCredentials {
            credentials: AwsCredentials {
                access_key_id: found.access_key_id().to_owned(),
                secret_access_key: found.secret_access_key().to_owned().into(),
                session_token: found.session_token().map(|token| token.to_owned().into()),
            },
            source: self.source(found),
        }
    }

    /// The SDK marks credentials with the steps that led to them; the outermost steps come last.
    fn source(&self, found: &Credentials) -> String {
        let none = Vec::new();
        let steps = found.get_property::<Vec<Feature>>().unwrap_or(&none);
        let profile = match &self.profile {
            Some(name) => format!("profile `{name}`"),
            None => "the AWS profile".to_owned(),
        };
        let way = steps.iter().find_map(|step| match step {
            Feature::CredentialsProcess | Feature::CredentialsProfileProcess => {
                Some("its credential process")
            }
            Feature::CredentialsSso | Feature::CredentialsProfileSso => Some("SSO"),
            Feature::CredentialsStsAssumeRole => Some("an assumed role"),
            Feature::CredentialsStsAssumeRoleWebId
            | Feature::CredentialsProfileStsWebIdToken
            | Feature::CredentialsEnvVarsStsWebIdToken => Some("web identity"),
            Feature::CredentialsHttp => Some("the container's endpoint"),
            Feature::CredentialsImds => Some("IMDS"),
            Feature::CredentialsEnvVars => Some("environment variables"),
            _ => None,
        });
        match (steps.contains(&Feature::CredentialsProfile), way) {
            (true, Some(way)) => format!("{profile} ({way})"),
            (true, None) => profile,
            (false, Some(way)) => way.to_owned(),
            (false, None) => self.describe(),
        }
    }
}

#[async_trait]
impl CredentialSource for AwsChain {
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
        match self.provider.provide_credentials().await {
            Ok(found) => Ok(self.found(&found)),
            Err(error) => Err(CredentialsError {
                tried: self.describe(),
                problem: problem(&error),
                check: self.check(),
            }),
        }
    }

    fn describe(&self) -> String {
        match &self.profile {
            Some(name) => format!("profile `{name}`"),
            None => "the AWS credential chain (environment variables, profile, web identity, container, IMDS)".to_owned(),
        }
    }
}

impl AwsChain {
    fn check(&self) -> String {
        match &self.profile {
            Some(name) => format!(
                "check that ~/.aws/config has `[profile {name}]`, and that `aws sts get-caller-identity --profile {name}` works"
            ),
            None => "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or check that `aws sts get-caller-identity` works here".to_owned(),
        }
    }
}

impl fmt::Debug for AwsChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsChain")
            .field("profile", &self.profile)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
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

/// The error and its causes on one line. What a credential process printed is not among them.
fn problem(error: &SdkError) -> String {
    let causes = successors(error.source(), |cause| (*cause).source()).map(ToString::to_string);
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
