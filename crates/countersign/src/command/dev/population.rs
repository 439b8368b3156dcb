//! What a first user needs to find in the server.

use anyhow::Context;
use auth_model::Access;
use countersign_client::{ApiClient, Auth, HttpOptions, Url};
use countersign_server::Bootstrap;

use super::{ACCOUNT, INTAKE_ROLE, PERSONA_ROLE, shown, state::FirstUser};

/// Whom sessions of the persona role act as.
pub(crate) const SERVICE_ACCOUNT: &str = "terraform-service-account@myorg.com";

/// An organization, its admin with keys, and the service account with a role of its own.
pub(crate) async fn first_user(bootstrap: Bootstrap<'_>) -> anyhow::Result<FirstUser> {
    let made = async {
        let first = bootstrap.organization("My organization").await?;
        let org = first.organization.id;
        let admin = bootstrap.user(&first.admin, "admin@myorg.com", "Admin", false).await?;
        let api_key = bootstrap.api_key(&admin, "dev").await?;
        let app_key = bootstrap.app_key(&admin, "dev").await?;
        let reads_and_maps = |permission: &auth_model::Permission| {
            permission.access == Access::Read || permission.name.starts_with("cloud_auth_config")
        };
        let role = bootstrap.role(org, "Terraform", false, reads_and_maps).await?;
        bootstrap.user(&role, SERVICE_ACCOUNT, "Terraform", true).await?;
        Ok::<_, countersign_server::BootstrapError>(FirstUser {
            org: org.to_string(),
            api_key: shown(&api_key).to_owned(),
            app_key: shown(&app_key).to_owned(),
        })
    };
    made.await.context("the first organization could not be made")
}

/// The integrated account and both mappings, made as a user would make them; what is there already is left alone.
pub(crate) async fn over_the_api(url: &Url, first: &FirstUser) -> anyhow::Result<()> {
    let auth =
        Auth::Keys { api_key: first.api_key.clone().into(), app_key: first.app_key.clone().into() };
    let api = ApiClient::new(url.clone(), auth, HttpOptions::default())?;
    if api.aws_accounts().await?.iter().all(|a| a.attributes.aws_account_id != ACCOUNT) {
        api.add_aws_account(ACCOUNT, "aws", "CountersignIntegrationRole").await?;
    }
    let pattern = pattern(PERSONA_ROLE);
    if api.persona_mappings().await?.iter().all(|m| m.attributes.arn_pattern != pattern) {
        api.create_persona_mapping(SERVICE_ACCOUNT, &pattern).await?;
    }
    let pattern = self::pattern(INTAKE_ROLE);
    if api.intake_mappings().await?.iter().all(|m| m.attributes.arn_pattern != pattern) {
        api.create_intake_mapping(&pattern).await?;
    }
    Ok(())
}

/// Any session of a role.
fn pattern(role: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/*")
}
