//! How people sign in by SAML.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, IdpMetadata, OrgId, RoleId, SamlChange, SamlConfiguration, SignInMethod,
};
use mapping_store::{
    SamlConfigurations, SignIn, StoreError,
    backend::{Storable, allows_sessions, domains_to_text, stored_domains},
};

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, one},
    kept_assertions, roles, sessions,
    store::Values,
};

#[async_trait]
impl SamlConfigurations for PostgresStore {
    async fn saml_configuration(&self, org: OrgId) -> Result<SamlConfiguration, StoreError> {
        let row = one(self.row(BY_ORG, &[&org.0]).await?.as_ref(), configuration)?;
        Ok(row.unwrap_or_else(|| SamlConfiguration::new(org)))
    }

    async fn change_saml_configuration(
        &self,
        org: OrgId,
        change: &SamlChange,
        event: &AuditEvent,
    ) -> Result<SamlConfiguration, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            // The organization stands for its configuration, which may not be there yet.
            if change.rows(LOCK, &[&org.0]).await?.is_empty() {
                return Err(StoreError::Missing { what: "organization" });
            }
            if let Some(Some(role)) = what.autocreate_role {
                roles::must_have(change, org, role).await?;
            }
            let mut row = stored(change, org).await?;
            what.apply(&mut row);
            write(change, &row).await?;
            end_what_is_not_allowed(change, &row).await?;
            Ok(row)
        })
        .await
    }
}

/// Whether the organization allows a sign-in; nobody changes that before its end. Nothing but the organization may be locked yet.
pub(crate) async fn allows(change: &Change<'_>, sign_in: &SignIn) -> Result<bool, StoreError> {
    let org = sign_in.user.org;
    if change.rows(SHARE, &[&org.0]).await?.is_empty() {
        return Err(StoreError::Missing { what: "organization" });
    }
    Ok(sign_in.is_allowed_by(&stored(change, org).await?))
}

/// What an organization has decided. By a statement of its own: one that had to wait for the lock would see what was decided before it
/// waited.
async fn stored(change: &Change<'_>, org: OrgId) -> Result<SamlConfiguration, StoreError> {
    let row = one(change.rows(BY_ORG, &[&org.0]).await?.first(), configuration)?;
    Ok(row.unwrap_or_else(|| SamlConfiguration::new(org)))
}

async fn write(change: &Change<'_>, row: &SamlConfiguration) -> Result<(), StoreError> {
    let metadata = row.metadata.as_ref();
    let values: Values<'_> = &[
        &row.org.0,
        &row.enabled,
        &row.strict,
        &row.idp_initiated,
        &domains_to_text(&row.autocreate_domains),
        &row.autocreate_role.map(|role| role.0),
        &row.unmatched_users.as_str(),
        &row.keep_assertions,
        &row.email_attribute,
        &row.enforcement.as_str(),
        &metadata.map(|metadata| &metadata.xml),
        &metadata.map(|metadata| metadata.uploaded_at.unix_micros()),
    ];
    change.run(WRITE, values).await.map(drop)
}

async fn end_what_is_not_allowed(
    change: &Change<'_>,
    row: &SamlConfiguration,
) -> Result<(), StoreError> {
    for method in [SignInMethod::Saml, SignInMethod::Keys] {
        if !allows_sessions(row, method) {
            sessions::end_by_method(change, row.org, method).await?;
        }
    }
    if !row.keep_assertions {
        kept_assertions::forget_all(change, row.org).await?;
    }
    Ok(())
}

fn configuration(columns: &mut Columns<'_>) -> Result<SamlConfiguration, StoreError> {
    Ok(SamlConfiguration {
        org: OrgId(columns.take()?),
        enabled: columns.take()?,
        strict: columns.take()?,
        idp_initiated: columns.take()?,
        autocreate_domains: stored_domains(columns.take()?),
        autocreate_role: columns.id(RoleId)?,
        unmatched_users: columns.parse("reading what becomes of unmatched users")?,
        keep_assertions: columns.take()?,
        email_attribute: columns.take()?,
        enforcement: columns.parse("reading whether mappings are enforced")?,
        metadata: metadata(columns)?,
    })
}

fn metadata(columns: &mut Columns<'_>) -> Result<Option<IdpMetadata>, StoreError> {
    let (xml, uploaded_at) = (columns.take::<Option<String>>()?, columns.time_option()?);
    Ok(xml.zip(uploaded_at).map(|(xml, uploaded_at)| IdpMetadata { xml, uploaded_at }))
}

const LOCK: &str = "SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE";

/// Sign-ins do not wait for one another, but for a change.
const SHARE: &str = "SELECT 1 FROM organizations WHERE id = $1 FOR SHARE";

const BY_ORG: &str = "
    SELECT org_id, enabled, strict, idp_initiated, autocreate_domains, autocreate_role, unmatched_users,
        keep_assertions, email_attribute, enforcement, metadata, metadata_uploaded_at
    FROM saml_configurations WHERE org_id = $1";

const WRITE: &str = "
    INSERT INTO saml_configurations (org_id, enabled, strict, idp_initiated, autocreate_domains, autocreate_role,
        unmatched_users, keep_assertions, email_attribute, enforcement, metadata, metadata_uploaded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (org_id) DO UPDATE SET enabled = $2, strict = $3, idp_initiated = $4, autocreate_domains = $5,
        autocreate_role = $6, unmatched_users = $7, keep_assertions = $8, email_attribute = $9, enforcement = $10,
        metadata = $11, metadata_uploaded_at = $12";
