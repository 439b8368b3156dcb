//! Who makes a request, answered from memory.

use async_trait::async_trait;
use auth_model::{KeyHash, MappingId, OrgId, Organization, PermissionSet, Timestamp, UserId};

use crate::{ApiKeyHolder, Authentication, Authority, HeldKey, StoreError};

use super::{MemoryStore, State};

#[async_trait]
impl Authentication for MemoryStore {
    async fn by_api_key(
        &self,
        hash: KeyHash,
        now: Timestamp,
    ) -> Result<Option<ApiKeyHolder>, StoreError> {
        let state = self.state();
        Ok(state.made_key(hash).or_else(|| state.managed_key(hash, now)))
    }

    async fn by_key_pair(
        &self,
        api: KeyHash,
        app: KeyHash,
    ) -> Result<Option<Authority>, StoreError> {
        let state = self.state();
        let api = state.api_keys.values().find(|key| key.hash == api);
        let app = state.app_keys.values().find(|key| key.hash == app);
        let (Some(api), Some(app)) = (api, app) else { return Ok(None) };
        if api.org != app.org {
            return Ok(None);
        }
        Ok(state.authority(app.org, app.owner).map(|authority| Authority {
            keys: Some((api.id, app.id)),
            scopes: app.scopes.clone(),
            ..authority
        }))
    }

    async fn by_mapping(
        &self,
        org: OrgId,
        mapping: MappingId,
        user: UserId,
    ) -> Result<Option<Authority>, StoreError> {
        let state = self.state();
        let Some(mapping) = state.personas.get(org, mapping) else { return Ok(None) };
        let pattern = &mapping.pattern;
        let holds = mapping.target == user
            && state.is_integrated(org, pattern.account(), pattern.partition());
        Ok(if holds { state.authority(org, user) } else { None })
    }
}

impl State {
    fn enabled_organization(&self, org: OrgId) -> Option<Organization> {
        self.organizations.get(&org).filter(|organization| !organization.disabled).cloned()
    }

    fn made_key(&self, hash: KeyHash) -> Option<ApiKeyHolder> {
        let key = self.api_keys.values().find(|key| key.hash == hash)?;
        let organization = self.enabled_organization(key.org)?;
        Some(ApiKeyHolder { organization, key: HeldKey::Made(key.id) })
    }

    fn managed_key(&self, hash: KeyHash, now: Timestamp) -> Option<ApiKeyHolder> {
        let key = self.managed_keys.values().find(|key| key.hash == hash)?;
        let pattern = &self.intakes.get(key.org, key.mapping)?.pattern;
        let holds = now < key.expires_at
            && self.is_integrated(key.org, pattern.account(), pattern.partition());
        let organization = self.enabled_organization(key.org).filter(|_| holds)?;
        let key = HeldKey::Managed { id: key.id, mapping: key.mapping };
        Some(ApiKeyHolder { organization, key })
    }

    /// An enabled user of an enabled organization.
    pub(super) fn authority(&self, org: OrgId, user: UserId) -> Option<Authority> {
        let organization = self.enabled_organization(org)?;
        let user = self.users.get(&(org, user)).filter(|user| !user.disabled)?;
        let roles = user.roles.iter().filter_map(|role| self.roles.get(&(org, *role)));
        let permissions: PermissionSet =
            roles.flat_map(|role| &role.permissions).copied().collect();
        Some(Authority { organization, user: user.clone(), permissions, keys: None, scopes: None })
    }
}
