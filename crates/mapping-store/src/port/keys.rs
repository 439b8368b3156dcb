//! API keys, application keys, managed keys and signing keys.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyChange, ApiKeyId, AppKey, AppKeyChange, AppKeyId, AuditEvent, KeyId, ManagedKey,
    MappingId, OrgId, SigningKey, Timestamp,
};

use crate::StoreError;

use super::{ApiKeyQuery, AppKeyQuery, Listed};

/// API keys. Those that people made, and the generations of managed ones, which are listed and revoked here too.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Adds one that a person made. [`StoreError::Duplicate`] if its hash is taken, [`StoreError::Full`] if the organization has
    /// `at_most` API keys already.
    async fn insert_api_key(
        &self,
        key: &ApiKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id.
    async fn api_key(&self, org: OrgId, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError>;

    /// A part of the list.
    async fn api_keys(&self, org: OrgId, query: &ApiKeyQuery)
    -> Result<Listed<ApiKey>, StoreError>;

    /// Changes one that a person made and returns what has become of it; `None` if there is none of this id.
    async fn change_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        change: &ApiKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<ApiKey>, StoreError>;

    /// Removes it; `false` if there is none of this id.
    async fn delete_api_key(
        &self,
        org: OrgId,
        id: ApiKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// Application keys.
#[async_trait]
pub trait AppKeys: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if its hash is taken, [`StoreError::Missing`] if its owner is not a user of the organization,
    /// [`StoreError::Full`] if the owner has `at_most` already.
    async fn insert_app_key(
        &self,
        key: &AppKey,
        at_most: u64,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id.
    async fn app_key(&self, org: OrgId, id: AppKeyId) -> Result<Option<AppKey>, StoreError>;

    /// A part of the list.
    async fn app_keys(&self, org: OrgId, query: &AppKeyQuery)
    -> Result<Listed<AppKey>, StoreError>;

    /// Changes one and returns what has become of it; `None` if there is none of this id.
    async fn change_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        change: &AppKeyChange,
        event: &AuditEvent,
    ) -> Result<Option<AppKey>, StoreError>;

    /// Removes it; `false` if there is none of this id.
    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// That a key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The organization it belongs to.
    pub org: OrgId,
    /// Which.
    pub key: UsedKey,
    /// When.
    pub at: Timestamp,
}

/// A key that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsedKey {
    /// An API key of either category.
    Api(ApiKeyId),
    /// An application key.
    App(AppKeyId),
}

/// When keys were last used. Written many at a time, beside what they were used for: no request waits for it.
#[async_trait]
pub trait KeyUses: Send + Sync {
    /// Notes uses. A key that is gone is passed over; a time never goes back.
    async fn note_key_uses(&self, uses: &[KeyUse]) -> Result<(), StoreError>;
}

/// The generations of managed API keys.
#[async_trait]
pub trait ManagedKeys: Send + Sync {
    /// The newest generation of this mapping's key, expired or not.
    async fn managed_key(
        &self,
        org: OrgId,
        mapping: MappingId,
    ) -> Result<Option<ManagedKey>, StoreError>;

    /// Adds a generation. [`StoreError::Duplicate`] if another replica has added it: read it and hand that out.
    /// [`StoreError::Missing`] if the mapping is gone.
    async fn insert_managed_key(&self, key: &ManagedKey) -> Result<(), StoreError>;

    /// Removes all that expired before this; how many.
    async fn sweep_managed_keys(&self, expired_before: Timestamp) -> Result<u64, StoreError>;
}

/// The ring of signing keys. It belongs to the installation, not to an organization.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// All of them, oldest first. At most one is `Next` and at most one is `Current`.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError>;

    /// Adds one. [`StoreError::Duplicate`] if its id, or its state of `Next` or `Current`, is taken: another replica was first.
    async fn insert_signing_key(&self, key: &SigningKey) -> Result<(), StoreError>;

    /// In one transaction: the `Current` key, if any, becomes `Retired`, and this `Next` one becomes `Current`.
    /// `false`, and nothing changed, if this one is not `Next` (another replica was first).
    async fn promote_signing_key(&self, kid: &KeyId, at: Timestamp) -> Result<bool, StoreError>;

    /// Removes a `Retired` key; `false` if there is none of this id in that state.
    async fn remove_signing_key(&self, kid: &KeyId) -> Result<bool, StoreError>;
}
