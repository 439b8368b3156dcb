//! Everybody who was seen: what the mappings would make of what each was last told to have.

use auth_model::{AuthnTarget, KeptAssertion, OrgId, RoleId, User, UserId, permissions};
use mapping_store::{Listed, Slice, StoreError};
use role_mapping::Attributes;

use crate::{Outlook, Refusal, SingleSignOn, Told, outlook};

/// Somebody who signed in while assertions were kept.
#[derive(Debug)]
pub struct Seen {
    /// Who.
    pub user: User,
    /// Their last assertion.
    pub kept: KeptAssertion,
    /// What it said.
    pub told: Told,
    /// What the mappings would make of it.
    pub outlook: Outlook,
}

/// Who would be left that manages access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// How many people were looked at; all that were seen if nobody was found.
    pub looked_at: u64,
    /// The first person found that would manage access.
    pub manager: Option<UserId>,
}

impl SingleSignOn {
    /// A part of everybody who was seen, by user id. Those who are disabled count among them, but are left out.
    pub async fn seen(&self, org: OrgId, slice: Slice) -> Result<Listed<Seen>, Refusal> {
        let store = self.parts.store.as_ref();
        let latest = store.latest_assertions(org, slice, self.now()).await?;
        let ids: Vec<UserId> = latest.rows.iter().map(|kept| kept.user).collect();
        let users = store.users_by_ids(org, &ids).await?;
        let mut rows = Vec::with_capacity(latest.rows.len());
        for kept in latest.rows {
            let user = users.iter().find(|user| user.id == kept.user && !user.disabled);
            let Some(user) = user.cloned() else { continue };
            let told = self.kept_told(&kept)?;
            let attributes = Attributes::collect(told.pairs())?;
            let outlook = outlook(store, org, Some(&user), &attributes).await?;
            rows.push(Seen { user, kept, told, outlook });
        }
        Ok(Listed { rows, total: latest.total, filtered: latest.filtered })
    }

    /// What a kept assertion said.
    pub fn kept_told(&self, kept: &KeptAssertion) -> Result<Told, Refusal> {
        let id = kept.id.to_string();
        Ok(Told::open(&self.parts.master_key, kept.org, &id, &kept.sealed)?)
    }

    /// Whether somebody who was seen would manage access if mappings were enforced and everybody signed in as they did last. Service
    /// accounts do not count: they never sign in, and no person may hold their keys.
    pub async fn foresee(&self, org: OrgId) -> Result<Foreseen, Refusal> {
        let mut slice = Slice { offset: 0, limit: AT_ONCE };
        loop {
            let part = self.seen(org, slice).await?;
            for seen in &part.rows {
                if self.would_manage(&seen.outlook, org).await? {
                    let looked_at = slice.offset.saturating_add(AT_ONCE).min(part.total);
                    return Ok(Foreseen { looked_at, manager: Some(seen.user.id) });
                }
            }
            slice.offset = slice.offset.saturating_add(AT_ONCE);
            if slice.offset >= part.total {
                return Ok(Foreseen { looked_at: part.total, manager: None });
            }
        }
    }

    async fn would_manage(&self, outlook: &Outlook, org: OrgId) -> Result<bool, StoreError> {
        let role = |target| match target {
            AuthnTarget::Role(role) => Some(role),
            AuthnTarget::Team(_) => None,
        };
        let roles: Vec<RoleId> = outlook.difference.then().targets().filter_map(role).collect();
        let roles = self.parts.store.roles_by_ids(org, &roles).await?;
        let manages = permissions::USER_ACCESS_MANAGE.id;
        Ok(roles.iter().any(|role| role.permissions.contains(&manages)))
    }
}

/// How many are read at once.
const AT_ONCE: u64 = 200;
