//! How people sign in by SAML.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, IdpMetadata, OrgId, RoleId, SamlChange, SamlConfiguration, SignInMethod,
};
use mapping_store::{
    SamlConfigurations, StoreError,
    backend::{Storable, allows_sessions, domains_to_text, stored_domains},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, one, run},
    fault::Fault,
    kept_assertions, organizations, roles, sessions,
};

#[async_trait]
impl SamlConfigurations for SqliteStore {
    async fn saml_configuration(&self, org: OrgId) -> Result<SamlConfiguration, StoreError> {
        self.read(move |connection| stored(connection, org)).await
    }

    async fn change_saml_configuration(
        &self,
        org: OrgId,
        change: &SamlChange,
        event: &AuditEvent,
    ) -> Result<SamlConfiguration, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, org)?;
            if let Some(Some(role)) = change.autocreate_role {
                roles::must_have(connection, org, role)?;
            }
            let mut row = stored(connection, org)?;
            change.apply(&mut row);
            write(connection, &row)?;
            end_what_is_not_allowed(connection, &row)?;
            Ok(row)
        })
        .await
    }
}

/// What an organization has decided.
pub(crate) fn stored(connection: &Connection, org: OrgId) -> Result<SamlConfiguration, Fault> {
    let row = one(connection, BY_ORG, [org.0], configuration)?;
    Ok(row.unwrap_or_else(|| SamlConfiguration::new(org)))
}

fn write(connection: &Connection, row: &SamlConfiguration) -> Result<(), Fault> {
    let metadata = row.metadata.as_ref();
    let values = params![
        row.org.0,
        row.enabled,
        row.strict,
        row.idp_initiated,
        domains_to_text(&row.autocreate_domains),
        row.autocreate_role.map(|role| role.0),
        row.unmatched_users.as_str(),
        row.keep_assertions,
        row.email_attribute,
        row.enforcement.as_str(),
        metadata.map(|metadata| &metadata.xml),
        metadata.map(|metadata| metadata.uploaded_at.unix_micros())
    ];
    run(connection, WRITE, values)?;
    Ok(())
}

fn end_what_is_not_allowed(connection: &Connection, row: &SamlConfiguration) -> Result<(), Fault> {
    for method in [SignInMethod::Saml, SignInMethod::Keys] {
        if !allows_sessions(row, method) {
            sessions::end_by_method(connection, row.org, method)?;
        }
    }
    if !row.keep_assertions {
        kept_assertions::forget_all(connection, row.org)?;
    }
    Ok(())
}

fn configuration(columns: &mut Columns<'_, '_>) -> Result<SamlConfiguration, Fault> {
    Ok(SamlConfiguration {
        org: OrgId(columns.take()?),
        enabled: columns.take()?,
        strict: columns.take()?,
        idp_initiated: columns.take()?,
        autocreate_domains: stored_domains(&columns.take::<String>()?),
        autocreate_role: columns.id(RoleId)?,
        unmatched_users: columns.parse("reading what becomes of unmatched users")?,
        keep_assertions: columns.take()?,
        email_attribute: columns.take()?,
        enforcement: columns.parse("reading whether mappings are enforced")?,
        metadata: metadata(columns)?,
    })
}

fn metadata(columns: &mut Columns<'_, '_>) -> Result<Option<IdpMetadata>, Fault> {
    let (xml, uploaded_at) = (columns.take::<Option<String>>()?, columns.time_option()?);
    Ok(xml.zip(uploaded_at).map(|(xml, uploaded_at)| IdpMetadata { xml, uploaded_at }))
}

const BY_ORG: &str = "
    SELECT org_id, enabled, strict, idp_initiated, autocreate_domains, autocreate_role, unmatched_users,
        keep_assertions, email_attribute, enforcement, metadata, metadata_uploaded_at
    FROM saml_configurations WHERE org_id = ?1";

const WRITE: &str = "
    INSERT INTO saml_configurations (org_id, enabled, strict, idp_initiated, autocreate_domains, autocreate_role,
        unmatched_users, keep_assertions, email_attribute, enforcement, metadata, metadata_uploaded_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (org_id) DO UPDATE SET enabled = ?2, strict = ?3, idp_initiated = ?4, autocreate_domains = ?5,
        autocreate_role = ?6, unmatched_users = ?7, keep_assertions = ?8, email_attribute = ?9, enforcement = ?10,
        metadata = ?11, metadata_uploaded_at = ?12";
