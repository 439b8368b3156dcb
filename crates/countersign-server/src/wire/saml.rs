//! How people sign in by SAML.

use auth_model::SamlConfiguration;
use jsonapi_model::{
    Document,
    resources::{self as wire, SAML_CONFIGURATIONS},
};
use saml_sp::{Binding, IdentityProvider};

use super::offset;
use crate::{App, error::ApiError};

pub(crate) fn saml_configuration(
    app: &App,
    configuration: &SamlConfiguration,
) -> Result<Document<wire::SamlConfigurationAttributes>, ApiError> {
    let org = configuration.org;
    let sp = app.single_sign_on().service_provider(org, false);
    let sp = sp.map_err(|error| ApiError::internal(&error))?;
    let attributes = wire::SamlConfigurationAttributes {
        enabled: configuration.enabled,
        strict: configuration.strict,
        idp_initiated: configuration.idp_initiated,
        autocreate_domains: configuration.autocreate_domains.clone(),
        autocreate_role: configuration.autocreate_role.map(|role| role.to_string()),
        unmatched_users: configuration.unmatched_users.as_str().to_owned(),
        keep_assertions: configuration.keep_assertions,
        email_attribute: configuration.email_attribute.clone(),
        enforce_mappings: configuration.enforcement.is_on(),
        idp: idp(app, configuration),
        sp: wire::SamlSp {
            entity_id: sp.entity_id().to_owned(),
            acs_url: sp.acs_url().to_owned(),
            metadata_url: sp.entity_id().to_owned(),
            sign_in_url: format!("{}/saml/{org}", app.config().issuer()),
            signs_requests: app.single_sign_on().signs_requests(),
        },
    };
    Ok(Document::<_>::new(SAML_CONFIGURATIONS, Some(org.to_string()), attributes))
}

/// What was uploaded, as far as it can be read: metadata that has expired since is shown too.
fn idp(app: &App, configuration: &SamlConfiguration) -> Option<wire::SamlIdp> {
    let metadata = configuration.metadata.as_ref()?;
    let xml = metadata.xml.as_bytes();
    let read = IdentityProvider::from_metadata(xml, app.clock().now())
        .or_else(|_| IdentityProvider::from_metadata(xml, metadata.uploaded_at));
    let idp = read.ok()?;
    let url = |binding| idp.endpoint(binding).map(str::to_owned);
    let certificates = idp.certificates().iter();
    Some(wire::SamlIdp {
        entity_id: idp.entity_id().to_owned(),
        redirect_url: url(Binding::Redirect),
        post_url: url(Binding::Post),
        wants_signed_requests: idp.wants_signed_requests(),
        valid_until: idp.valid_until().map(offset),
        certificates: certificates
            .map(|known| wire::SamlCertificate { sha256: known.fingerprint().to_string() })
            .collect(),
        uploaded_at: offset(metadata.uploaded_at),
    })
}
