//! Sources of which only half is set. The SDK passes them over; who set the half wants to hear of it.

use aws_credential_types::provider::{self, ProvideCredentials, future};

use super::{SdkError, trouble::Trouble};

/// A source that has a look at what is set before it says that nothing is.
#[derive(Debug)]
pub(super) struct HalfSet<P> {
    pub(super) provider: P,
    /// The complaint about the half that is set, as the error that it is worth.
    pub(super) complaint: fn() -> Option<SdkError>,
}

impl<P: ProvideCredentials> HalfSet<P> {
    async fn credentials(&self) -> provider::Result {
        match self.provider.provide_credentials().await {
            Err(SdkError::CredentialsNotLoaded(nothing)) => {
                Err((self.complaint)().unwrap_or(SdkError::CredentialsNotLoaded(nothing)))
            }
            other => other,
        }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for HalfSet<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// A key id without its key is a mistake. A key alone is left over from somewhere: the search goes on, as in boto3.
pub(super) fn environment() -> Option<SdkError> {
    const SET: &str = "set both, and AWS_SESSION_TOKEN if they are temporary, or unset both";
    match (is_set("AWS_ACCESS_KEY_ID"), is_set("AWS_SECRET_ACCESS_KEY")) {
        (true, false) => {
            let problem = "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not";
            Some(Trouble::new(problem, SET).failure())
        }
        (false, true) => {
            let problem = "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not";
            Some(Trouble::new(problem, SET).absence())
        }
        _ => None,
    }
}

/// A token without a role to take. A role alone may be meant for something else.
pub(super) fn web_identity() -> Option<SdkError> {
    let half = is_set("AWS_WEB_IDENTITY_TOKEN_FILE") && !is_set("AWS_ROLE_ARN");
    half.then(|| {
        let problem = "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not";
        let check = "set AWS_ROLE_ARN to the role to take; on EKS annotate the service account with it and start the pod anew";
        Trouble::new(problem, check).failure()
    })
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}
