//! API keys, application keys and managed keys. None of them is kept in the clear.

use std::fmt;

use crate::{ApiKeyId, AppKeyId, ManagedKeyId, MappingId, OrgId, PermissionSet, Timestamp, UserId};

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
    /// Who made it; `None` for what the installation itself made.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
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
