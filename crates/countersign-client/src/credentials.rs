//! Where AWS credentials come from.

#[cfg(feature = "aws-config")]
mod aws_chain;
mod environment;

use std::fmt;

use async_trait::async_trait;
use sts_proof::AwsCredentials;

#[cfg(feature = "aws-config")]
pub use aws_chain::{AwsChain, AwsChainOptions};
pub use environment::EnvironmentCredentials;

/// Gives AWS credentials whenever a proof is to be signed. Asked anew each time, so that credentials may rotate.
#[async_trait]
pub trait CredentialSource: Send + Sync + fmt::Debug {
    /// The credentials of this moment.
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError>;

    /// For people: where it looks, such as `the environment variables`.
    fn describe(&self) -> String;
}

/// Credentials, and where they were found.
#[derive(Clone, Debug)]
pub struct FoundCredentials {
    /// What a proof is signed with.
    pub credentials: AwsCredentials,
    /// For people: ``environment variables``, ``profile `ci` ``, `IMDS` …
    pub source: String,
}

/// A source gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no aws credentials from {tried}: {problem}; {check}")]
pub struct CredentialsError {
    /// Which source was tried.
    pub tried: String,
    /// What is wrong there, without secrets.
    pub problem: String,
    /// What to check.
    pub check: String,
}

/// Credentials that the program has.
#[derive(Clone, Debug)]
pub struct ExplicitCredentials(pub AwsCredentials);

#[async_trait]
impl CredentialSource for ExplicitCredentials {
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
        Ok(FoundCredentials { credentials: self.0.clone(), source: self.describe() })
    }

    fn describe(&self) -> String {
        "the program's own settings".to_owned()
    }
}
