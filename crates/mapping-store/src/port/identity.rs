//! Organizations, users and roles.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Organization, Role, RoleId, User, UserId};

use crate::StoreError;

/// Organizations. The only rows that are not keyed by one.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if its id or number is taken.
    async fn insert_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id, disabled or not.
    async fn organization(&self, id: OrgId) -> Result<Option<Organization>, StoreError>;

    /// All of them, oldest first.
    async fn organizations(&self) -> Result<Vec<Organization>, StoreError>;

    /// Replaces name and `disabled`; `false` if there is none of this id.
    async fn update_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// People and service accounts.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds one with its roles. [`StoreError::Duplicate`] if a person of the same e-mail address exists
    /// (service accounts may share one), [`StoreError::Missing`] if a role does not.
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError>;

    /// The one of this id, disabled or not.
    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError>;

    /// All whose e-mail address is this, in lower case: at most one person, any number of service accounts; oldest first.
    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError>;

    /// All of them, oldest first.
    async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError>;

    /// Replaces everything but id, organization, kind and time of creation; `false` if there is none of this id.
    async fn update_user(&self, user: &User, event: &AuditEvent) -> Result<bool, StoreError>;
}

/// Roles.
#[async_trait]
pub trait Roles: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if its name is taken.
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError>;

    /// The one of this id.
    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError>;

    /// All of them, oldest first.
    async fn roles(&self, org: OrgId) -> Result<Vec<Role>, StoreError>;

    /// Replaces name and permissions; `false` if there is none of this id.
    async fn update_role(&self, role: &Role, event: &AuditEvent) -> Result<bool, StoreError>;
}
