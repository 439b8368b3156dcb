//! `countersign bootstrap` and `countersign org`: at the store itself.

use anyhow::{Context, anyhow};
use auth_model::{ExposeSecret, OrgId, OsRandomness, SystemClock};
use countersign_server::{Bootstrap, BootstrapError, NewOrganization};
use mapping_store::StoreError;
use serde_json::json;

use crate::{
    cli::{self, Installation, Organization, Output},
    failure::Failure,
    installation::{self, Opened},
    output,
};

/// Makes the first organization.
pub(crate) async fn bootstrap(args: &cli::NewOrganization, form: Output) -> Result<(), Failure> {
    let opened = installation::open_or_make(&args.installation).await?;
    let there = opened.store.organizations().await.context("can't read the organizations")?;
    if let Some(first) = there.first() {
        let state =
            if first.disabled { " (disabled: perhaps an earlier attempt broke off)" } else { "" };
        return Err(Failure::usage(anyhow!(
            "there is an organization already: `{}`{state}; use `countersign org create` to make another",
            first.name
        )));
    }
    make(&opened, args, form).await
}

pub(crate) async fn run(args: Organization, form: Output) -> Result<(), Failure> {
    match args {
        Organization::List(installation) => list(&installation, form).await,
        Organization::Create(args) => {
            let opened = installation::open_or_make(&args.installation).await?;
            make(&opened, &args, form).await
        }
        Organization::Disable { id, installation } => switch(&id, &installation, true, form).await,
        Organization::Enable { id, installation } => switch(&id, &installation, false, form).await,
    }
}

async fn make(opened: &Opened, args: &cli::NewOrganization, form: Output) -> Result<(), Failure> {
    let made = bootstrap_of(opened)
        .organization_with_admin(&args.org, &args.admin_email, args.admin_name.as_deref().unwrap_or_default())
        .await
        .map_err(|error| match error {
            BootstrapError::Text(_) => Failure::usage(error),
            BootstrapError::Store(StoreError::Duplicate { .. }) => anyhow!(
                "another organization was made at the same moment, and this one was not; `countersign org list` shows which there are"
            )
            .into(),
            error => anyhow::Error::from(error)
                .context("no organization that could be used was made")
                .into(),
        })?;
    show(&made, &opened.config.issuer(), args, form)
}

fn show(
    made: &NewOrganization,
    url: &str,
    args: &cli::NewOrganization,
    form: Output,
) -> Result<(), Failure> {
    let NewOrganization { organization, admin, api_key, app_key } = made;
    let (api_key, app_key) = (api_key.expose_secret(), app_key.expose_secret());
    let variables = [
        ("DD_HOST", url),
        ("DD_ORG_UUID", &organization.id.to_string()),
        ("DD_API_KEY", api_key),
        ("DD_APP_KEY", app_key),
    ];
    match form {
        Output::Json => {
            return Ok(output::json(&json!({
                "organization": { "id": organization.id.to_string(), "name": organization.name },
                "admin": {
                    "id": admin.id.to_string(),
                    "email": admin.email,
                    "name": admin.name,
                },
                "url": url,
                "api_key": api_key,
                "app_key": app_key,
            }))?);
        }
        Output::Env => {
            for (name, value) in variables {
                output::line(&format!("export {name}={value}"));
            }
        }
        _ => {
            let rows = [
                ("organization", organization.name.clone()),
                ("its id (DD_ORG_UUID)", organization.id.to_string()),
                ("admin", admin.email.clone()),
                ("the admin's id", admin.id.to_string()),
                ("API key (DD_API_KEY)", api_key.to_owned()),
                ("application key (DD_APP_KEY)", app_key.to_owned()),
            ];
            let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
            output::table(&["made", ""], rows.into(), "");
        }
    }
    let config = args.installation.config.as_deref();
    let config = config.map(|path| format!(" --config {}", path.display())).unwrap_or_default();
    output::note(&format!(
        "The keys are shown this once: keep them where secrets are kept.\n\
         Next: `countersign serve{config}`; then, with DD_HOST={url} and both keys in the environment, `countersign user create`.",
    ));
    Ok(())
}

async fn list(installation: &Installation, form: Output) -> Result<(), Failure> {
    let opened = installation::open(installation).await?;
    let all = opened.store.organizations().await.context("can't read the organizations")?;
    let time = |at: auth_model::Timestamp| jsonapi_model::time::zulu_micros(at.unix_micros());
    if form == Output::Json {
        let all = all.iter().map(|organization| {
            json!({
                "id": organization.id.to_string(),
                "name": organization.name,
                "disabled": organization.disabled,
                "created_at": time(organization.created_at),
                "modified_at": time(organization.modified_at),
            })
        });
        return Ok(output::json(&all.collect::<Vec<_>>())?);
    }
    let rows = all.iter().map(|organization| {
        vec![
            organization.name.clone(),
            if organization.disabled { "disabled" } else { "enabled" }.to_owned(),
            output::moment(&time(organization.created_at)),
            organization.id.to_string(),
        ]
    });
    output::table(
        &["name", "state", "made", "id"],
        rows.collect(),
        "No organizations. `countersign bootstrap` makes the first.",
    );
    Ok(())
}

async fn switch(
    id: &str,
    installation: &Installation,
    disable: bool,
    form: Output,
) -> Result<(), Failure> {
    let org: OrgId = id.parse().map_err(|e| Failure::usage(anyhow::Error::from(e)))?;
    let opened = installation::open(installation).await?;
    let found = opened.store.organization(org).await.context("can't read the organization")?;
    let mut found = found.ok_or_else(|| {
        Failure::usage(anyhow!(
            "there is no organization {org}; `countersign org list` shows which there are"
        ))
    })?;
    let state = if disable { "disabled" } else { "enabled" };
    let already = found.disabled == disable;
    if !already {
        let bootstrap = bootstrap_of(&opened);
        if !bootstrap.set_disabled(&mut found, disable).await.map_err(anyhow::Error::from)? {
            return Err(anyhow!("the organization {org} is gone").into());
        }
    }
    let sentence = match (already, disable) {
        (true, _) => format!("Organization `{}` ({org}) was {state} already.", found.name),
        (false, true) => format!(
            "Disabled organization `{}` ({org}). Its keys, tokens and proofs are refused from now on; `countersign org enable {org}` takes it back.",
            found.name
        ),
        (false, false) => format!(
            "Enabled organization `{}` ({org}). Its keys, and the tokens and proofs that have not expired, work again.",
            found.name
        ),
    };
    let value = json!({ "id": id, "disabled": found.disabled, "changed": !already });
    Ok(output::done(form, &sentence, &value)?)
}

fn bootstrap_of(opened: &Opened) -> Bootstrap<'_> {
    Bootstrap::new(opened.store.as_ref(), &opened.catalogue, &SystemClock, &OsRandomness)
}
