//! Credentials in environment variables.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use auth_model::SecretString;
use sts_proof::AwsCredentials;

use super::{CredentialSource, CredentialsError, FoundCredentials};

/// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary credentials, `AWS_SESSION_TOKEN`.
pub struct EnvironmentCredentials {
    given: Option<HashMap<String, SecretString>>,
}

impl EnvironmentCredentials {
    /// The variables of this process, read each time.
    pub fn of_process() -> Self {
        Self { given: None }
    }

    /// These variables instead.
    pub fn of_variables<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let given =
            variables.into_iter().map(|(name, value)| (name.into(), value.into().into())).collect();
        Self { given: Some(given) }
    }

    /// A variable that is set and not empty.
    fn variable(&self, name: &str) -> Option<SecretString> {
        let value = match &self.given {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok().map(SecretString::from),
        };
        value.filter(|value| !expose(value).trim().is_empty())
    }

    fn required(&self, name: &str) -> Result<SecretString, CredentialsError> {
        self.variable(name).ok_or_else(|| CredentialsError {
            tried: self.describe(),
            problem: format!("`{name}` is not set"),
            check: "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if the credentials are temporary"
                .to_owned(),
        })
    }
}

#[async_trait]
impl CredentialSource for EnvironmentCredentials {
    async fn credentials(&self) -> Result<FoundCredentials, CredentialsError> {
        let credentials = AwsCredentials {
            access_key_id: expose(&self.required("AWS_ACCESS_KEY_ID")?).trim().to_owned(),
            secret_access_key: self.required("AWS_SECRET_ACCESS_KEY")?,
            session_token: self.variable("AWS_SESSION_TOKEN"),
        };
        Ok(FoundCredentials { credentials, source: self.describe() })
    }

    fn describe(&self) -> String {
        "environment variables".to_owned()
    }
}

impl fmt::Debug for EnvironmentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentCredentials").finish_non_exhaustive()
    }
}

fn expose(value: &SecretString) -> &str {
    auth_model::ExposeSecret::expose_secret(value)
}
