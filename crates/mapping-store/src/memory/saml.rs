//! How people sign in by SAML, in memory.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, SamlChange, SamlConfiguration};

use crate::{
    SamlConfigurations, StoreError,
    backend::{Storable, allows_sessions},
};

use super::{MemoryStore, State};

#[async_trait]
impl SamlConfigurations for MemoryStore {
    async fn saml_configuration(&self, org: OrgId) -> Result<SamlConfiguration, StoreError> {
        Ok(self.state().saml_of(org))
    }

    async fn change_saml_configuration(
        &self,
        org: OrgId,
        change: &SamlChange,
        event: &AuditEvent,
    ) -> Result<SamlConfiguration, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            state.has_organization(org)?;
            if let Some(Some(role)) = change.autocreate_role {
                state.has_roles(org, &[role])?;
            }
            let mut configuration = state.saml_of(org);
            change.apply(&mut configuration);
            state.saml.insert(org, configuration.clone());
            state.sessions.retain(|(owner, _), session| {
                *owner != org || allows_sessions(&configuration, session.method)
            });
            if !configuration.keep_assertions {
                state.kept_assertions.retain(|(owner, _), _| *owner != org);
            }
            Ok(configuration)
        })
    }
}

impl State {
    pub(super) fn saml_of(&self, org: OrgId) -> SamlConfiguration {
        self.saml.get(&org).cloned().unwrap_or_else(|| SamlConfiguration::new(org))
    }
}
