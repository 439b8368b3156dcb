//! The parts of the use case, and who we are to an identity provider.

use std::{sync::Arc, time::Duration};

use auth_model::{
    AuditEvent, AuditOutcome, Clock, OrgId, Organization, Randomness, SamlConfiguration, Timestamp,
};
use mapping_store::Store;
use saml_sp::{IdentityProvider, ServiceProvider, ServiceProviderSettings, SigningKey};
use token_issuer::MasterKey;

use crate::{Attempt, Refusal};

/// What it is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What cookies and kept attributes are sealed under.
    pub master_key: Arc<MasterKey>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address that browsers use, without a final slash.
    pub public_url: String,
    /// How far the identity provider's clock may be off; the same on all replicas.
    pub clock_allowance: Duration,
    /// Signs requests to identity providers.
    pub request_key: Option<Arc<SigningKey>>,
    /// How long a session lasts at most.
    pub sessions_last: Duration,
    /// How long a session lasts that is not used.
    pub session_idle: Duration,
}

/// Signs people in, by assertions of their organization's identity provider or by their keys.
pub struct SingleSignOn {
    pub(crate) parts: Parts,
    pub(crate) settings: Settings,
}

impl std::fmt::Debug for SingleSignOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SingleSignOn").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// An organization that signs in by SAML, and its identity provider.
pub(crate) struct Enabled {
    pub(crate) configuration: SamlConfiguration,
    pub(crate) idp: IdentityProvider,
    pub(crate) sp: ServiceProvider,
}

impl SingleSignOn {
    /// Nothing is read until somebody signs in.
    ///
    /// # Errors
    /// Settings that no service provider can have, such as a `public_url` that is no URL.
    pub fn new(parts: Parts, settings: Settings) -> Result<Self, saml_sp::SettingsError> {
        let this = Self { parts, settings };
        this.service_provider(OrgId(uuid::Uuid::nil()), false)?;
        Ok(this)
    }

    /// Who we are to an organization's identity provider. Each organization has a name and an address of its own, so that an
    /// assertion for one is no good at another.
    pub fn service_provider(
        &self,
        org: OrgId,
        allow_unsolicited: bool,
    ) -> Result<ServiceProvider, saml_sp::SettingsError> {
        let Settings { public_url, request_key, clock_allowance, .. } = &self.settings;
        let mut settings = ServiceProviderSettings::new(
            &format!("{public_url}/saml/{org}/metadata"),
            &format!("{public_url}/saml/{org}/acs"),
        );
        settings.signing_key.clone_from(request_key);
        settings.clock_allowance = *clock_allowance;
        settings.allow_unsolicited = allow_unsolicited;
        ServiceProvider::new(settings)
    }

    /// Whether requests to identity providers are signed.
    pub fn signs_requests(&self) -> bool {
        self.settings.request_key.is_some()
    }

    /// An organization that people can sign in to at all, and its configuration.
    pub async fn organization(
        &self,
        org: OrgId,
    ) -> Result<(Organization, SamlConfiguration), Refusal> {
        let organization = self.parts.store.organization(org).await?;
        let organization = organization.filter(|found| !found.disabled);
        let organization = organization.ok_or(Refusal::NotEnabled)?;
        Ok((organization, self.parts.store.saml_configuration(org).await?))
    }

    pub(crate) async fn enabled(&self, org: OrgId) -> Result<Enabled, Refusal> {
        let (_, configuration) = self.organization(org).await?;
        let metadata = configuration.metadata.as_ref().filter(|_| configuration.enabled);
        let metadata = metadata.ok_or(Refusal::NotEnabled)?;
        let idp = IdentityProvider::from_metadata(metadata.xml.as_bytes(), self.now())?;
        let sp = self.service_provider(org, configuration.idp_initiated)?;
        Ok(Enabled { configuration, idp, sp })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(crate) fn event(
        &self,
        name: &'static str,
        org: OrgId,
        attempt: &Attempt,
    ) -> Result<AuditEvent, Refusal> {
        let Parts { clock, randomness, .. } = &self.parts;
        Ok(attempt.event(name, org, clock.as_ref(), randomness.as_ref())?)
    }

    /// Writes down why somebody was refused: in the log always, in the audit log of organizations that sign people in. A log that
    /// can't be written changes nothing for one who gets nothing anyway.
    pub(crate) async fn record(
        &self,
        name: &'static str,
        org: OrgId,
        attempt: &Attempt,
        refusal: &Refusal,
    ) {
        tracing::warn!(org.id = %org, reason = refusal.code(), "a sign-in was refused: {refusal}");
        if matches!(refusal, Refusal::NotEnabled) {
            return;
        }
        let Ok(mut event) = self.event(name, org, attempt) else { return };
        event.outcome = match refusal.is_ours() {
            true => AuditOutcome::Failed,
            false => AuditOutcome::Refused,
        };
        event.reason = refusal.code().into();
        event.detail = refusal.to_string();
        if let Err(error) = self.parts.store.record(&event).await {
            tracing::error!(%error, "a refused sign-in could not be recorded");
        }
    }
}
