//! Organizations, users, roles and invitations.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, CountedRole, Invitation, InvitationId, OrgId, Organization, PermissionId, Role,
    RoleChange, RoleId, User, UserChange, UserId,
};

use crate::StoreError;

use super::{Listed, RoleQuery, Slice, UserQuery};

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

    /// Those of these ids that there are, oldest first.
    async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// A part of the list.
    async fn users(&self, org: OrgId, query: &UserQuery) -> Result<Listed<User>, StoreError>;

    /// Changes one and returns what has become of it; `None` if there is none of this id. [`StoreError::Duplicate`] as for
    /// [`insert_user`](Self::insert_user), [`StoreError::LastAdmin`] if it is disabled and nobody else manages access. The sessions of
    /// one that is disabled then end.
    async fn change_user(
        &self,
        org: OrgId,
        id: UserId,
        change: &UserChange,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError>;
}

/// Roles, what they hold, and who holds them.
///
/// What takes something away fails with [`StoreError::LastAdmin`] if an enabled user held
/// [`USER_ACCESS_MANAGE`](auth_model::permissions::USER_ACCESS_MANAGE) before and none would after.
#[async_trait]
pub trait Roles: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if its name is taken.
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError>;

    /// The one of this id.
    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError>;

    /// Those of these ids that there are, oldest first.
    async fn roles_by_ids(&self, org: OrgId, ids: &[RoleId]) -> Result<Vec<Role>, StoreError>;

    /// A part of the list.
    async fn roles(&self, org: OrgId, query: &RoleQuery)
    -> Result<Listed<CountedRole>, StoreError>;

    /// Changes one and returns what has become of it; `None` if there is none of this id. [`StoreError::Duplicate`] if the
    /// name is taken.
    async fn change_role(
        &self,
        org: OrgId,
        id: RoleId,
        change: &RoleChange,
        event: &AuditEvent,
    ) -> Result<Option<Role>, StoreError>;

    /// Removes it and takes it from its holders; `false` if there is none of this id.
    async fn delete_role(
        &self,
        org: OrgId,
        id: RoleId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Adds a permission, at the time of the event; `false` if the role holds it already. [`StoreError::Missing`] if there is no such role.
    async fn grant_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Takes a permission away, at the time of the event; `false` if the role does not hold it. [`StoreError::Missing`] if there is no such role.
    async fn revoke_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Gives a user a role, after those that they hold; `false` if they hold it already. [`StoreError::Missing`] if there is no such
    /// role or user.
    async fn add_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Takes a role from a user; `false` if they do not hold it. [`StoreError::Missing`] if there is no such role or user.
    async fn remove_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// Invitations of users.
#[async_trait]
pub trait Invitations: Send + Sync {
    /// Adds one. [`StoreError::Missing`] if there is no such user.
    async fn insert_invitation(
        &self,
        invitation: &Invitation,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id, expired or not.
    async fn invitation(
        &self,
        org: OrgId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError>;

    /// A part of all of them, newest first.
    async fn invitations(&self, org: OrgId, slice: Slice)
    -> Result<Listed<Invitation>, StoreError>;
}
