//! The accounts and principals of an emulated AWS, as a test states them: in code or in JSON.

use serde::Deserialize;

/// What exists when an emulator starts.
///
/// Every field that is left out is derived from the seed and the names, so it is the same at each start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The accounts.
    #[serde(default)]
    pub accounts: Vec<AccountFixture>,
}

/// One AWS account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFixture {
    /// Twelve digits.
    pub id: String,
    /// `aws` if left out.
    #[serde(default)]
    pub partition: Option<String>,
    /// Access keys of the root user.
    #[serde(default)]
    pub root_keys: Vec<KeyFixture>,
    /// IAM users.
    #[serde(default)]
    pub users: Vec<UserFixture>,
    /// IAM roles.
    #[serde(default)]
    pub roles: Vec<RoleFixture>,
    /// Federated users, each with the temporary credentials of one session.
    #[serde(default)]
    pub federated_users: Vec<SessionFixture>,
}

/// An IAM user.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserFixture {
    /// At most 64 of letters, digits and `_+=,.@-`.
    pub name: String,
    /// Begins and ends with `/`; that alone if left out.
    #[serde(default)]
    pub path: Option<String>,
    /// `AIDA…`
    #[serde(default)]
    pub unique_id: Option<String>,
    /// Lasting access keys.
    #[serde(default)]
    pub access_keys: Vec<KeyFixture>,
}

/// An IAM role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleFixture {
    /// At most 64 of letters, digits and `_+=,.@-`.
    pub name: String,
    /// Begins and ends with `/`; that alone if left out. Part of the role's ARN, not of its sessions'.
    #[serde(default)]
    pub path: Option<String>,
    /// `AROA…`
    #[serde(default)]
    pub unique_id: Option<String>,
    /// ARNs that may assume the role: a principal, a role (any session of it), or an account's `:root`
    /// (anybody in it). Left out: any principal of the role's own account.
    #[serde(default)]
    pub trusted: Option<Vec<String>>,
    /// Longest session, 3600 to 43200 seconds; 3600 if left out.
    #[serde(default)]
    pub max_session_seconds: Option<u32>,
    /// Sessions that exist from the start.
    #[serde(default)]
    pub sessions: Vec<SessionFixture>,
}

/// A lasting access key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFixture {
    /// `AKIA…`
    #[serde(default)]
    pub access_key_id: Option<String>,
    /// The secret access key.
    #[serde(default)]
    pub secret_access_key: Option<Secret>,
    /// Whether the key is switched off.
    #[serde(default)]
    pub inactive: bool,
}

/// Temporary credentials under a session name, or under a federated user's name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionFixture {
    /// 2 to 64 (32 for a federated user) of letters, digits and `_+=,.@-`.
    pub name: String,
    /// `ASIA…`
    #[serde(default)]
    pub access_key_id: Option<String>,
    /// The secret access key.
    #[serde(default)]
    pub secret_access_key: Option<Secret>,
    /// The session token.
    #[serde(default)]
    pub session_token: Option<Secret>,
    /// When the credentials end, in RFC 3339; never if left out.
    #[serde(default)]
    pub expires: Option<String>,
}

/// A secret in a fixture: its `Debug` shows nothing.
#[derive(Clone, Deserialize)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a principal cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// A value breaks a rule of AWS.
    #[error("{field} `{value}` is not valid: {rule}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// As it was given.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// Two keys of one id, or two users or roles of one name.
    #[error("{field} `{value}` exists already: give each its own")]
    Duplicate {
        /// Which value.
        field: &'static str,
        /// As it was given.
        value: String,
    },
    /// An account that is already known in another partition.
    #[error(
        "account `{account}` is in partition `{known}`: leave `partition` out, or use another account"
    )]
    OtherPartition {
        /// The account.
        account: String,
        /// Where it is.
        known: String,
    },
}
