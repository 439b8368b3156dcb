//! How organizations' people sign in by SAML.

use async_trait::async_trait;
use auth_model::{AuditEvent, OrgId, SamlChange, SamlConfiguration};

use crate::StoreError;

/// One configuration for each organization.
#[async_trait]
pub trait SamlConfigurations: Send + Sync {
    /// What the organization has decided; [`SamlConfiguration::new`] if nothing, or if there is no such organization.
    async fn saml_configuration(&self, org: OrgId) -> Result<SamlConfiguration, StoreError>;

    /// Changes it and returns what has become of it. What it no longer allows ends with it, in the same transaction: sessions by
    /// keys if it is strict then, sessions by SAML if it is not enabled then, kept assertions if they are not to be kept then. No
    /// [`sign_in`](super::SignIns::sign_in) begins them after it.
    ///
    /// [`StoreError::Missing`] if there is no such organization, or a role is given that it does not have.
    async fn change_saml_configuration(
        &self,
        org: OrgId,
        change: &SamlChange,
        event: &AuditEvent,
    ) -> Result<SamlConfiguration, StoreError>;
}
