//! What a client signs with.

use auth_model::SecretString;

/// AWS credentials. `Debug` shows the access key id and nothing else.
#[derive(Clone, Debug)]
pub struct AwsCredentials {
    /// `AKIA…` of a user, `ASIA…` of a session.
    pub access_key_id: String,
    /// The secret half; it never leaves this process.
    pub secret_access_key: SecretString,
    /// Present where the credentials are temporary.
    pub session_token: Option<SecretString>,
}
