//! The keys that a signature is verified with.

use arn_pattern::Partition;
use auth_model::{SecretString, Timestamp};

/// An access key: what the service holds of a pair, and whether it is good.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// `AKIA…` for a lasting key, `ASIA…` for a temporary one.
    pub id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// The session token that must come with a temporary key.
    pub session_token: Option<SecretString>,
    /// First moment at which a temporary key is refused.
    pub expires: Option<Timestamp>,
    /// Whether the key is switched on.
    pub active: bool,
    /// The only partition whose endpoints know the key.
    pub partition: Partition,
}

/// Finds access keys by id.
pub trait KeyLookup {
    /// The key of this id, if there is one.
    fn find(&self, access_key_id: &str) -> Option<AccessKey>;
}
