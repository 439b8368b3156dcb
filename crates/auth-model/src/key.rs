//! API keys, application keys and managed keys. None of them is kept in the clear.

use std::fmt;

use crate::{
    ApiKeyId, AppKeyId, ManagedKeyId, MappingId, OrgId, PermissionSet, Timestamp, UserId, user::set,
};

/// SHA-256 of a key's text: what a key is found by. Keys are long and random, so a plain hash can't be searched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl fmt::Debug for KeyHash {
    /// Four bytes tell two keys apart; the rest stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "KeyHash({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

/// Proves which organization a request is for; with an application key, also who makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Never reused.
    pub id: ApiKeyId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// For people.
    pub name: String,
    /// What it is found by.
    pub hash: KeyHash,
    /// The last four digits, to tell keys apart.
    pub last4: String,
    /// What it is for.
    pub category: KeyCategory,
    /// Kept and given back; a client's Agents ask for it.
    pub remote_config_read_enabled: bool,
    /// Who made it; `None` for what the installation itself made.
    pub created_by: Option<UserId>,
    /// Who changed it last; `None` for what the installation itself made.
    pub modified_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// When it was last used, to within a minute; `None` if never.
    pub last_used_at: Option<Timestamp>,
}

/// What an API key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyCategory {
    /// A person made it, for whatever API keys are for.
    Made,
    /// A generation of the managed key of an intake mapping: it can be listed and revoked like any other, and can only submit.
    ManagedIntake {
        /// Whose callers are handed it.
        mapping: MappingId,
    },
}

impl KeyCategory {
    /// `default`, as the public service names it, or `managed_intake`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "default",
            Self::ManagedIntake { .. } => "managed_intake",
        }
    }
}

/// What is to become of an API key; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiKeyChange {
    /// For people.
    pub name: Option<String>,
    /// Kept and given back.
    pub remote_config_read_enabled: Option<bool>,
    /// Who.
    pub modified_by: Option<UserId>,
    /// When.
    pub modified_at: Timestamp,
}

impl ApiKeyChange {
    /// Changes the key.
    pub fn apply(&self, key: &mut ApiKey) {
        set(&mut key.name, &self.name);
        set(&mut key.remote_config_read_enabled, &self.remote_config_read_enabled);
        key.modified_by = self.modified_by;
        key.modified_at = self.modified_at;
    }
}

/// Acts as its owner, beside an API key of the same organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppKey {
    /// Never reused.
    pub id: AppKeyId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Whose permissions it carries.
    pub owner: UserId,
    /// For people.
    pub name: String,
    /// What it is found by.
    pub hash: KeyHash,
    /// The last four digits, to tell keys apart.
    pub last4: String,
    /// Narrows what the key may do; `None` leaves it all its owner may do.
    pub scopes: Option<PermissionSet>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to within a minute; `None` if never.
    pub last_used_at: Option<Timestamp>,
}

/// What is to become of an application key; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppKeyChange {
    /// For people.
    pub name: Option<String>,
    /// `Some(None)` takes all narrowing away.
    pub scopes: Option<Option<PermissionSet>>,
}

impl AppKeyChange {
    /// Changes the key.
    pub fn apply(&self, key: &mut AppKey) {
        set(&mut key.name, &self.name);
        set(&mut key.scopes, &self.scopes);
    }
}

/// One generation of the API key that every agent of an intake mapping is handed.
///
/// It is sealed as well as hashed, because each caller must get the same current key again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedKey {
    /// Of this generation.
    pub id: ManagedKeyId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// The intake mapping whose callers are handed it. It outlives the mapping by its own term.
    pub mapping: MappingId,
    /// Counts up from 1 in each mapping; unique there, so that two replicas can't both rotate.
    pub generation: i64,
    /// What it is found by.
    pub hash: KeyHash,
    /// The key's text, sealed under the master key.
    pub sealed: Vec<u8>,
    /// The last four digits, to tell keys apart.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From here on callers are handed a newer one.
    pub rotate_at: Timestamp,
    /// From here on it is refused; later than `rotate_at` by the overlap.
    pub expires_at: Timestamp,
}
