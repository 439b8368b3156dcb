//! Who makes a request: one indexed query for each way of saying so.

use async_trait::async_trait;
use auth_model::{
    ApiKeyId, AppKeyId, KeyHash, ManagedKeyId, MappingId, OrgId, Organization, PermissionSet,
    Timestamp, User, UserId,
};

use crate::StoreError;

/// Who holds an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyHolder {
    /// Enabled.
    pub organization: Organization,
    /// Which key it is.
    pub key: HeldKey,
}

/// The two kinds of API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldKey {
    /// A person made it. With an application key it can do what that key's owner may.
    Made(ApiKeyId),
    /// A managed key: can validate itself and submit telemetry, nothing else.
    Managed {
        /// The generation.
        id: ManagedKeyId,
        /// Whose callers are handed it.
        mapping: MappingId,
    },
}

/// A user who may act now, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Enabled.
    pub organization: Organization,
    /// Enabled.
    pub user: User,
    /// The union of the permissions of the user's roles.
    pub permissions: PermissionSet,
    /// The API and application key it came by; `None` for a token.
    pub keys: Option<(ApiKeyId, AppKeyId)>,
    /// Narrows the permissions where the application key has scopes.
    pub scopes: Option<PermissionSet>,
}

/// Finds out who makes a request, as things stand at this moment: whatever was disabled or removed
/// before the call is no longer an authority.
#[async_trait]
pub trait Authentication: Send + Sync {
    /// By an API key alone. `None` if there is no such key, it has expired, its organization is disabled,
    /// or, for a managed key, its mapping or the mapping's AWS account is gone.
    async fn by_api_key(
        &self,
        hash: KeyHash,
        now: Timestamp,
    ) -> Result<Option<ApiKeyHolder>, StoreError>;

    /// By an API key that a person made and an application key of the same organization. `None` if either is not one,
    /// or the organization or the owner is disabled.
    async fn by_key_pair(
        &self,
        api: KeyHash,
        app: KeyHash,
    ) -> Result<Option<Authority>, StoreError>;

    /// By the claims of a verified access token. `None` if the mapping is gone or leads to somebody else, its AWS account
    /// is no longer integrated, or the organization or the user is disabled.
    async fn by_mapping(
        &self,
        org: OrgId,
        mapping: MappingId,
        user: UserId,
    ) -> Result<Option<Authority>, StoreError>;
}
