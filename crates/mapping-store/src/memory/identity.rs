//! Organizations, users and invitations in memory.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, Invitation, InvitationId, OrgId, Organization, User, UserChange, UserId,
};

use crate::{
    Direction, Invitations, Listed, Organizations, Slice, StoreError, UserOrder, UserQuery, Users,
    backend::{Storable, distinct, folded_user},
};

use super::{
    MemoryStore, State,
    lists::{holds, listed},
    rows::{Aged, of, oldest_first},
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
            let roles = distinct(&user.roles);
            state.users.insert((user.org, user.id), User { roles, ..user.clone() });
            Ok(())
        })
    }

    async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&(org, id)).cloned())
    }

    async fn users_by_email(&self, org: OrgId, email: &str) -> Result<Vec<User>, StoreError> {
        Ok(oldest_first(of(&self.state().users, org).filter(|user| user.email == email)))
    }

    async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Ok(oldest_first(ids.into_iter().filter_map(|id| state.users.get(&(org, id)))))
    }

    async fn users(&self, org: OrgId, query: &UserQuery) -> Result<Listed<User>, StoreError> {
        let state = self.state();
        let all: Vec<&User> = of(&state.users, org)
            .filter(|user| query.role.is_none_or(|role| user.roles.contains(&role)))
            .collect();
        let matches = |user: &User| {
            let status = query.statuses.is_empty() || query.statuses.contains(&user.status());
            status && holds(&folded_user(user), &query.text)
        };
        let rows = all.iter().filter(|user| matches(user)).map(|user| (*user).clone()).collect();
        let order = |a: &User, b: &User| in_order(query.order, a, b);
        Ok(listed(all.len(), rows, query.direction, query.slice, order))
    }

    async fn change_user(
        &self,
        org: OrgId,
        id: UserId,
        change: &UserChange,
        event: &AuditEvent,
    ) -> Result<Option<User>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let Some(mut user) = state.users.get(&(org, id)).cloned() else { return Ok(None) };
            change.apply(&mut user);
            unless_duplicate("a user", state.is_other(&user))?;
            state.keep_an_admin(org, |state| {
                state.users.insert((org, id), user.clone());
                Ok(())
            })?;
            if user.disabled {
                state.forget_sessions(org, id);
            }
            Ok(Some(user))
        })
    }
}

pub(super) fn in_order(order: UserOrder, a: &User, b: &User) -> std::cmp::Ordering {
    let first = match order {
        UserOrder::Name => a.name.cmp(&b.name),
        UserOrder::Email => a.email.cmp(&b.email),
        UserOrder::CreatedAt => a.created_at.cmp(&b.created_at),
        UserOrder::ModifiedAt => a.modified_at.cmp(&b.modified_at),
    };
    first.then(a.id.cmp(&b.id))
}

impl State {
    /// Whether this is a person whose e-mail address another person has.
    pub(super) fn is_other(&self, user: &User) -> bool {
        !user.service_account
            && of(&self.users, user.org).any(|other| {
                !other.service_account && other.id != user.id && other.email == user.email
            })
    }
}

#[async_trait]
impl Invitations for MemoryStore {
    async fn insert_invitation(
        &self,
        invitation: &Invitation,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        self.change(event, |state| {
            let key = (invitation.org, invitation.id);
            state.has_user(invitation.org, invitation.user)?;
            unless_duplicate("an invitation", state.invitations.contains_key(&key))?;
            state.invitations.insert(key, invitation.clone());
            Ok(())
        })
    }

    async fn invitation(
        &self,
        org: OrgId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        Ok(self.state().invitations.get(&(org, id)).cloned())
    }

    async fn invitations(
        &self,
        org: OrgId,
        slice: Slice,
    ) -> Result<Listed<Invitation>, StoreError> {
        let rows: Vec<Invitation> = of(&self.state().invitations, org).cloned().collect();
        let order = |a: &Invitation, b: &Invitation| a.age().cmp(&b.age());
        Ok(listed(rows.len(), rows, Direction::Descending, slice, order))
    }
}
