//! Roles in memory.

use std::cmp::Ordering;

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnTarget, CountedRole, OrgId, PermissionId, Role, RoleChange, RoleId, UserId,
    permissions,
};

use crate::{
    Listed, RoleOrder, RoleQuery, Roles, StoreError,
    backend::{Storable, folded},
};

use super::{
    MemoryStore, State,
    lists::{count, holds, listed},
    rows::{of, oldest_first},
    unless_duplicate, unless_missing,
};

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

    async fn roles_by_ids(&self, org: OrgId, ids: &[RoleId]) -> Result<Vec<Role>, StoreError> {
        Ok(oldest_first(of(&self.state().roles, org).filter(|role| ids.contains(&role.id))))
    }

    async fn roles(
        &self,
        org: OrgId,
        query: &RoleQuery,
    ) -> Result<Listed<CountedRole>, StoreError> {
        let state = self.state();
        let matches = |role: &Role| {
            let wanted = query.ids.is_empty() || query.ids.contains(&role.id);
            wanted && holds(&folded(&[&role.name]), &query.text)
        };
        let rows = of(&state.roles, org).filter(|role| matches(role));
        let rows = rows.map(|role| state.counted(role)).collect();
        let order = |a: &CountedRole, b: &CountedRole| in_order(query.order, a, b);
        Ok(listed(of(&state.roles, org).count(), rows, query.direction, query.slice, order))
    }

    async fn change_role(
        &self,
        org: OrgId,
        id: RoleId,
        change: &RoleChange,
        event: &AuditEvent,
    ) -> Result<Option<Role>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let Some(mut role) = state.roles.get(&(org, id)).cloned() else { return Ok(None) };
            change.apply(&mut role);
            state.role_name_is_free(&role)?;
            state.keep_an_admin(org, |state| {
                state.roles.insert((org, id), role.clone());
                Ok(Some(role))
            })
        })
    }

    async fn delete_role(
        &self,
        org: OrgId,
        id: RoleId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.keep_an_admin(org, |state| {
                let holders = state.users.iter_mut().filter(|((owner, _), _)| *owner == org);
                holders.for_each(|(_, user)| user.roles.retain(|role| *role != id));
                state.forget_target(org, AuthnTarget::Role(id));
                Ok(state.roles.remove(&(org, id)).is_some())
            })
        })
    }

    async fn grant_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.has_roles(org, &[role])?;
            let role = state.roles.get_mut(&(org, role));
            Ok(role.is_some_and(|role| {
                let new = role.permissions.insert(permission);
                if new {
                    role.modified_at = event.at;
                }
                new
            }))
        })
    }

    async fn revoke_permission(
        &self,
        org: OrgId,
        role: RoleId,
        permission: PermissionId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.has_roles(org, &[role])?;
            state.keep_an_admin(org, |state| {
                let role = state.roles.get_mut(&(org, role));
                Ok(role.is_some_and(|role| {
                    let held = role.permissions.remove(&permission);
                    if held {
                        role.modified_at = event.at;
                    }
                    held
                }))
            })
        })
    }

    async fn add_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.has_roles(org, &[role])?;
            state.has_user(org, user)?;
            let user = state.users.get_mut(&(org, user));
            Ok(user.is_some_and(|user| {
                let new = !user.roles.contains(&role);
                if new {
                    user.roles.push(role);
                }
                new
            }))
        })
    }

    async fn remove_role_holder(
        &self,
        org: OrgId,
        role: RoleId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.has_roles(org, &[role])?;
            state.has_user(org, user)?;
            state.keep_an_admin(org, |state| {
                let user = state.users.get_mut(&(org, user));
                Ok(user.is_some_and(|user| {
                    let held = user.roles.contains(&role);
                    user.roles.retain(|other| *other != role);
                    held
                }))
            })
        })
    }
}

fn in_order(order: RoleOrder, a: &CountedRole, b: &CountedRole) -> Ordering {
    let first = match order {
        RoleOrder::Name => a.role.name.cmp(&b.role.name),
        RoleOrder::ModifiedAt => a.role.modified_at.cmp(&b.role.modified_at),
        RoleOrder::UserCount => a.user_count.cmp(&b.user_count),
    };
    first.then(a.role.id.cmp(&b.role.id))
}

impl State {
    fn role_name_is_free(&self, role: &Role) -> Result<(), StoreError> {
        let taken = |other: &Role| other.id != role.id && other.name == role.name;
        unless_duplicate("a role", of(&self.roles, role.org).any(taken))
    }

    fn counted(&self, role: &Role) -> CountedRole {
        let holders = of(&self.users, role.org).filter(|user| user.roles.contains(&role.id));
        CountedRole { role: role.clone(), user_count: count(holders.count()) }
    }

    /// Makes a change unless it would take the last enabled user who manages access.
    pub(super) fn keep_an_admin<T>(
        &mut self,
        org: OrgId,
        change: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let had_one = self.has_admin(org);
        let before = (self.users.clone(), self.roles.clone());
        let outcome = change(self)?;
        if had_one && !self.has_admin(org) {
            (self.users, self.roles) = before;
            return Err(StoreError::LastAdmin);
        }
        Ok(outcome)
    }

    fn has_admin(&self, org: OrgId) -> bool {
        let manages = permissions::USER_ACCESS_MANAGE.id;
        of(&self.users, org).filter(|user| !user.disabled).any(|user| {
            let mut roles = user.roles.iter().filter_map(|role| self.roles.get(&(org, *role)));
            roles.any(|role| role.permissions.contains(&manages))
        })
    }

    pub(super) fn has_roles(&self, org: OrgId, roles: &[RoleId]) -> Result<(), StoreError> {
        unless_missing("role", roles.iter().all(|role| self.roles.contains_key(&(org, *role))))
    }
}
