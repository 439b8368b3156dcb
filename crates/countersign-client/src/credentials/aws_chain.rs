//! The sources of credentials that the AWS SDK for Rust has, in its order.
//!
//! The SDK's own chain does not say which of them failed, which is what its user needs to know; so they stand here
//! one by one.

use std::{fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, Region, ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider, provider_config::ProviderConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    credential_feature::AwsCredentialFeature as Feature,
    provider::{
        ProvideCredentials, SharedCredentialsProvider, error::CredentialsError as SdkError,
    },
};
use aws_smithy_http_client::{Builder as HttpBuilder, tls};
use sts_proof::AwsCredentials;
use tracing::{instrument::WithSubscriber, subscriber::NoSubscriber};

use self::{
    half_set::HalfSet, imds::Imds, metadata::Metadata, profile::Profile, source::Source,
    trouble::Trouble,
};
use super::{CredentialSource, CredentialsError, FoundCredentials};

mod container;
mod half_set;
mod imds;
mod metadata;
mod profile;
mod region;
mod source;
mod trouble;
mod web_identity;

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
    /// Speaks version 1 of IMDS where version 2 is refused, unless `AWS_EC2_METADATA_V1_DISABLED` is `true`. Whoever can make a
    /// program on the instance send one request can read the role's credentials by version 1.
    pub imds_v1: bool,
    /// Asks IMDS for the Region where nothing else names one. Takes two seconds at most; off EC2 it often takes them all.
    pub region_from_imds: bool,
}

/// Environment variables, a profile (with SSO, assumed roles and credential processes), web identity, the container's
/// endpoint, IMDS: the first that has credentials wins; one that should have them but fails ends the search.
///
/// The SDK's own requests to SSO and STS honour the environment as every AWS tool does, its proxies and `AWS_ENDPOINT_URL_STS`
/// included; requests to Countersign do not. The container's endpoint and IMDS are asked through no proxy. The SDK's log lines are
/// not passed on.
pub struct AwsChain {
    links: Vec<Link>,
    region: Option<String>,
}

/// One source, and who asks it.
struct Link {
    source: Source,
    provider: SharedCredentialsProvider,
}

impl AwsChain {
    /// Sets the chain up. Reads the files for a Region, and asks nobody yet but IMDS, if it is to name the Region.
    pub async fn load(options: AwsChainOptions) -> Self {
        let config =
            ProviderConfig::without_region().with_behavior_version(Some(BehaviorVersion::latest()));
        let metadata = Metadata::of_process();
        let region = region::region(&options, &config, &metadata).await;
        let sts = region.clone().unwrap_or_else(|| Region::from_static(GLOBAL));
        let config = config.with_region(Some(sts));
        let links = match &options.profile {
            Some(_) => vec![profile_link(&options, &config)],
            None => all_links(&options, &config, metadata),
        };
        Self { links, region: region.map(|region| region.as_ref().to_owned()) }
    }

    /// The Region of the options, the environment, the profile or, if it was wished for, IMDS: what to sign proofs for.
    /// `None` is the global STS. Found once, by [`load`](Self::load).
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn nothing_found(&self, absences: &[(&Source, Trouble)]) -> CredentialsError {
        let mut problem = "there are none".to_owned();
        let mut checks = Vec::new();
        for (source, absence) in absences {
            problem.push_str(&format!("; {}: {}", source.name(), absence.problem));
            checks.push(absence.check.clone());
        }
        checks.push(match self.links.as_slice() {
            [only] if absences.is_empty() => only.source.check(),
            [_] => String::new(),
            _ => EVERYWHERE.to_owned(),
        });
        checks.retain(|check| !check.is_empty());
        CredentialsError { tried: self.describe(), problem, check: checks.join("; or ") }
    }
}

#[async_trait]
impl CredentialSource for AwsChain {
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
        let mut absences = Vec::new();
        for link in &self.links {
            match link.ask().await {
                Ok(found) => return Ok(link.found(&found)),
                Err(error @ SdkError::CredentialsNotLoaded(_)) => {
                    tracing::debug!(source = %link.source.name(), "no aws credentials there");
                    absences.extend(link.source.absence(&error).map(|why| (&link.source, why)));
                }
                Err(error) => return Err(link.failed(&error)),
            }
        }
        Err(self.nothing_found(&absences))
    }

    fn describe(&self) -> String {
        let names: Vec<_> = self.links.iter().map(|link| link.source.name()).collect();
        names.join(", ")
    }
}

impl Link {
    fn new(source: Source, provider: impl ProvideCredentials + 'static) -> Self {
        Self { source, provider: SharedCredentialsProvider::new(provider) }
    }

    /// Within [`PATIENCE`], so that the source which keeps everybody waiting is the one that is named.
    async fn ask(&self) -> Result<Credentials, SdkError> {
        // The SDK logs errors whole, with what a credential process wrote.
        let asked = self.provider.provide_credentials().with_subscriber(NoSubscriber::new());
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| Err(SdkError::provider_timed_out(PATIENCE)))
    }

    fn found(&self, found: &Credentials) -> FoundCredentials {
        let credentials = AwsCredentials {
            access_key_id: found.access_key_id().to_owned(),
            secret_access_key: found.secret_access_key().into(),
            session_token: found.session_token().map(Into::into),
        };
        let name = self.source.name();
        let source = match way(found) {
            Some(way) => format!("{name} ({way})"),
            None => name,
        };
        FoundCredentials { credentials, source }
    }

    fn failed(&self, error: &SdkError) -> CredentialsError {
        let Trouble { problem, check } = self.source.trouble(error);
        CredentialsError { tried: self.source.name(), problem, check }
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

fn all_links(options: &AwsChainOptions, config: &ProviderConfig, metadata: Metadata) -> Vec<Link> {
    let environment = HalfSet {
        provider: EnvironmentVariableCredentialsProvider::new(),
        complaint: half_set::environment,
    };
    let web_identity = HalfSet {
        provider: WebIdentityTokenCredentialsProvider::builder().configure(config).build(),
        complaint: half_set::web_identity,
    };
    // Whoever is between here and a metadata service can read its answer, or give another.
    let direct = direct(config);
    let container = EcsCredentialsProvider::builder().configure(&direct).build();
    vec![
        Link::new(Source::Environment, environment),
        profile_link(options, config),
        Link::new(Source::WebIdentity, web_identity),
        Link::new(Source::Container, container),
        Link::new(Source::Imds, Imds::new(&direct, metadata, options.imds_v1)),
    ]
}

/// The same through no proxy, whatever the environment says.
fn direct(config: &ProviderConfig) -> ProviderConfig {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    config.clone().with_http_client(HttpBuilder::new().tls_provider(tls).build_https())
}

fn profile_link(options: &AwsChainOptions, config: &ProviderConfig) -> Link {
    // As the SDK chooses it.
    let named = options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok());
    let name = named.clone().unwrap_or_else(|| "default".to_owned());
    let provider = Profile {
        config: config.clone(),
        wanted: options.profile.clone(),
        file: options.config_file.clone(),
        name: name.clone(),
        named: named.is_some(),
    };
    Link::new(Source::Profile(name), provider)
}

/// How a profile came to its credentials, if not by having them; the SDK marks them with the steps, but not with an
/// assumed role.
fn way(found: &Credentials) -> Option<&'static str> {
    let steps = found.get_property::<Vec<Feature>>()?;
    if !steps.contains(&Feature::CredentialsProfile) {
        return None;
    }
    steps.iter().find_map(|step| match step {
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

const EVERYWHERE: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile, or run `aws sso login`; `aws sts get-caller-identity` shows whether they are found";

/// For one source: less than a client's time-out of 30 s.
const PATIENCE: Duration = Duration::from_secs(25);
/// What the SDK calls the STS of no Region. As in boto3, a role can be taken where no Region is set.
const GLOBAL: &str = "aws-global";

#[cfg(test)]
mod tests;
