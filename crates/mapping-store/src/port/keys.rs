//! API keys, application keys, managed keys and signing keys.

use async_trait::async_trait;
use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, AuditEvent, KeyId, ManagedKey, MappingId, OrgId,
    SigningKey, Timestamp,
};

use crate::StoreError;

/// API keys that people made.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if its hash is taken.
    async fn insert_api_key(&self, key: &ApiKey, event: &AuditEvent) -> Result<(), StoreError>;

    /// All of them, oldest first.
    async fn api_keys(&self, org: OrgId) -> Result<Vec<ApiKey>, StoreError>;

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
    /// Adds one. [`StoreError::Duplicate`] if its hash is taken, [`StoreError::Missing`] if its owner is not a user of the organization.
    async fn insert_app_key(&self, key: &AppKey, event: &AuditEvent) -> Result<(), StoreError>;

    /// All of them, oldest first.
    async fn app_keys(&self, org: OrgId) -> Result<Vec<AppKey>, StoreError>;

    /// Removes it; `false` if there is none of this id.
    async fn delete_app_key(
        &self,
        org: OrgId,
        id: AppKeyId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
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
