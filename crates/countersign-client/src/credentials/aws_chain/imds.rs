//! The instance metadata service (IMDS) of EC2: version 2 by the SDK, version 1 by [`metadata`](super::metadata) where it is allowed.

use std::time::Duration;

use aws_config::{
    Region,
    imds::{Client, client::error::ImdsError, credentials::ImdsCredentialsProvider},
    provider_config::ProviderConfig,
};
use aws_credential_types::provider::{self, ProvideCredentials, future};

use super::{
    SdkError,
    metadata::Metadata,
    trouble::{Causes, Trouble},
};

pub(super) const CHECK: &str =
    "check that the instance has a role and may reach its metadata service";

/// The credentials of the instance's role.
#[derive(Debug)]
pub(super) struct Imds {
    provider: ImdsCredentialsProvider,
    metadata: Metadata,
    /// Whether version 1 may be spoken where version 2 is refused.
    v1: bool,
}

impl Imds {
    pub(super) fn new(config: &ProviderConfig, metadata: Metadata, v1: bool) -> Self {
        let provider = ImdsCredentialsProvider::builder().configure(config).build();
        Self { provider, metadata, v1 }
    }

    async fn credentials(&self) -> provider::Result {
        match self.provider.provide_credentials().await {
            Err(error) if no_token(&error) => self.without_token(error).await,
            other => other,
        }
    }

    /// The SDK does not tell how the token was refused, so that it is asked for once more.
    async fn without_token(&self, error: SdkError) -> provider::Result {
        match self.metadata.refusal_of_tokens().await {
            None => Err(error),
            Some(_) if self.v1 => self.metadata.credentials().await.map_err(Trouble::failure),
            Some(status) => {
                let problem = format!(
                    "it gives no session token (status {status}), so it speaks version 1 only, which is not allowed"
                );
                Err(Trouble::new(problem, VERSION_1).failure())
            }
        }
    }
}

impl ProvideCredentials for Imds {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// Whether IMDS was reached but gave no session token.
fn no_token(error: &SdkError) -> bool {
    let error = Causes::of(error).find::<ImdsError>();
    matches!(error, Some(ImdsError::FailedToLoadToken(cause)) if !cause.is_dispatch_failure())
}

/// The Region that the instance is in. `None` where IMDS is turned off, says none, or does not say it within [`REGION_PATIENCE`].
pub(super) async fn region(
    config: &ProviderConfig,
    metadata: &Metadata,
    v1: bool,
) -> Option<Region> {
    if is_true("AWS_EC2_METADATA_DISABLED") {
        return None;
    }
    let asked = async {
        let client = Client::builder().configure(config).max_attempts(1).build();
        match client.get(REGION_PATH).await {
            Ok(region) => Some(region.as_ref().to_owned()),
            Err(ImdsError::FailedToLoadToken(cause)) if v1 && !cause.is_dispatch_failure() => {
                metadata.refusal_of_tokens().await?;
                metadata.region().await
            }
            Err(_) => None,
        }
    };
    let region = tokio::time::timeout(REGION_PATIENCE, asked).await.ok().flatten();
    let region = region.map(|name| name.trim().to_owned()).filter(|name| is_region(name));
    if region.is_none() {
        tracing::debug!("IMDS names no Region");
    }
    region.map(Region::new)
}

/// The form of a Region's name. It becomes part of a host's name.
fn is_region(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// A variable that says `true`, as the SDK reads it.
pub(super) fn is_true(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

pub(super) fn trouble(causes: &Causes<'_>) -> Option<Trouble> {
    let (problem, check) = if causes.say("received 404 from IMDS") {
        ("the instance has no role", "attach an IAM role (an instance profile) to the instance")
    } else if causes.say("IMDS disabled by") {
        (
            "it is turned off by AWS_EC2_METADATA_DISABLED",
            "unset that if the instance's role is wanted",
        )
    } else if causes.say("read timeout") {
        (
            "it takes requests but does not answer them",
            "in a container on EC2 raise the hop limit of the instance's metadata options to 2 (HttpPutResponseHopLimit)",
        )
    } else if causes.say("dispatch failure") {
        (
            "it does not answer",
            "on EC2 check that the metadata service is enabled and that no firewall is before 169.254.169.254",
        )
    } else if causes.say("Does this role have a trust relationship with EC2") {
        (
            "the role may not be taken by EC2",
            "check that the role's trust policy allows ec2.amazonaws.com",
        )
    } else if causes.say("session token") {
        ("it gives no session token", "check the instance's metadata options")
    } else if let Some(ImdsError::ErrorResponse(answer)) = causes.find::<ImdsError>() {
        let problem = format!("it answers with status {}", answer.response().status().as_u16());
        return Some(Trouble::new(problem, CHECK));
    } else {
        ("it answers with something else than credentials", CHECK)
    };
    Some(Trouble::new(problem, check))
}

const REGION_PATH: &str = "/latest/meta-data/placement/region";
const REGION_PATIENCE: Duration = Duration::from_secs(2);
const VERSION_1: &str = "enable version 2 in the instance's metadata options (HttpTokens); if this can not be, allow version 1: `imds_v1`";

#[cfg(test)]
mod tests {
    use super::is_region;

    #[test]
    fn a_region_is_a_label_of_a_host() {
        for name in ["us-east-1", "mx-central-1", "us-iso-east-1"] {
            assert!(is_region(name), "{name}");
        }
        let long = "a".repeat(33);
        for name in ["", "-", "a-", "US-EAST-1", "us east", "x.evil.example", "a/b", "a\n", &long] {
            assert!(!is_region(name), "{name}");
        }
    }
}
