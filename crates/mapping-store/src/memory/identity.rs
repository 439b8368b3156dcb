//! Organizations, users and roles in memory.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, Organization, Role, RoleId, User, UserId};

use crate::{Organizations, Roles, StoreError, Users, backend::Storable};

use super::{
    MemoryStore, State,
    rows::{of, oldest_first},
    unless_duplicate,
};

#[async_trait]
impl Organizations for MemoryStore {
    async fn insert_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        organization.storable()?;
        self.change(event, |state| {
            let taken = |other: &Organization| {
                other.id == organization.id || other.number == organization.number
            };
            unless_duplicate("an organization", state.organizations.values().any(taken))?;
            state.organizations.insert(organization.id, organization.clone());
            Ok(())
        })
    }

    async fn organization(&self, id: OrgId) -> Result<Option<Organization>, StoreError> {
        Ok(self.state().organizations.get(&id).cloned())
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        Ok(oldest_first(self.state().organizations.values()))
    }

    async fn update_organization(
        &self,
        organization: &Organization,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        organization.storable()?;
        self.change(event, |state| {
            let Some(row) = state.organizations.get_mut(&organization.id) else {
                return Ok(false);
            };
            row.name.clone_from(&organization.name);
            row.disabled = organization.disabled;
            row.modified_at = organization.modified_at;
            Ok(true)
        })
    }
}

#[async_trait]
impl Users for MemoryStore {
    async fn insert_user(&self, user: &User, event: &AuditEvent) -> Result<(), StoreError> {
        user.storable()?;
        self.change(event, |state| {
            state.has_organization(user.org)?;
            state.has_roles(user.org, &user.roles)?;
            let taken = state.users.contains_key(&(user.org, user.id)) || state.is_other(user);
            unless_duplicate("a user", taken)?;
            state.users.insert((user.org, user.id), user.clone());
            Ok(())
        })
    }

    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&(org, id)).cloned())
    }

    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError> {
        Ok(oldest_first(of(&self.state().users, org).filter(|user| user.email == email)))
    }

    async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError> {
        Ok(oldest_first(of(&self.state().users, org)))
    }

    async fn update_user(&self, user: &User, event: &AuditEvent) -> Result<bool, StoreError> {
        user.storable()?;
        self.change(event, |state| {
            let Some(row) = state.users.get(&(user.org, user.id)) else { return Ok(false) };
            let kept = User {
                service_account: row.service_account,
                created_at: row.created_at,
                ..user.clone()
            };
            state.has_roles(user.org, &user.roles)?;
            unless_duplicate("a user", state.is_other(&kept))?;
            state.users.insert((user.org, user.id), kept);
            Ok(true)
        })
    }
}

impl State {
    /// Whether this is a person whose e-mail address another person has.
    fn is_other(&self, user: &User) -> bool {
        !user.service_account
            && of(&self.users, user.org).any(|other| {
                !other.service_account && other.id != user.id && other.email == user.email
            })
    }

    fn role_name_is_free(&self, role: &Role) -> Result<(), StoreError> {
        let taken = |other: &Role| other.id != role.id && other.name == role.name;
        unless_duplicate("a role", of(&self.roles, role.org).any(taken))
    }
}

#[async_trait]
impl Roles for MemoryStore {
    async fn insert_role(&self, role: &Role, event: &AuditEvent) -> Result<(), StoreError> {
        role.storable()?;
        self.change(event, |state| {
            state.has_organization(role.org)?;
            state.role_name_is_free(role)?;
            unless_duplicate("a role", state.roles.contains_key(&(role.org, role.id)))?;
            state.roles.insert((role.org, role.id), role.clone());
            Ok(())
        })
    }

    async fn role(&self, org: OrgId, id: RoleId) -> Result<Option<Role>, StoreError> {
        Ok(self.state().roles.get(&(org, id)).cloned())
    }

    async fn roles(&self, org: OrgId) -> Result<Vec<Role>, StoreError> {
        Ok(oldest_first(of(&self.state().roles, org)))
    }

    async fn update_role(&self, role: &Role, event: &AuditEvent) -> Result<bool, StoreError> {
        role.storable()?;
        self.change(event, |state| {
            if !state.roles.contains_key(&(role.org, role.id)) {
                return Ok(false);
            }
            state.role_name_is_free(role)?;
            if let Some(row) = state.roles.get_mut(&(role.org, role.id)) {
                row.name.clone_from(&role.name);
                row.permissions.clone_from(&role.permissions);
                row.modified_at = role.modified_at;
            }
            Ok(true)
        })
    }
}
