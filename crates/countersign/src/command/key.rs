//! `countersign key`

use countersign_client::{ApiClient, ApiKey, AppKey, KeyOwner};
use serde::Serialize;
use serde_json::json;

use super::user::options;
use crate::{
    cli::{ApiKeyCommand, AppKeyCommand, KeyCommand, Output},
    connection,
    failure::Failure,
    lookup::{self, id},
    output,
};

pub(crate) async fn run(args: KeyCommand, form: Output) -> Result<(), Failure> {
    match args {
        KeyCommand::Api(args) => api_key(args, form).await,
        KeyCommand::App(args) => app_key(args, form).await,
    }
}

async fn api_key(args: ApiKeyCommand, form: Output) -> Result<(), Failure> {
    match args {
        ApiKeyCommand::List { part, api } => {
            let keys = connection::api(&api).await?.api_keys(&options(&part)).await?;
            if form == Output::Json {
                return Ok(output::json(&keys.data)?);
            }
            output::table(
                &["name", "ends in", "category", "made", "last used", "id"],
                keys.data.iter().map(api_key_row).collect(),
                "No API keys. `countersign key api create` makes one.",
            );
            output::rest(keys.data.len(), keys.meta.as_ref());
        }
        ApiKeyCommand::Create { name, api } => {
            let key = connection::api(&api).await?.create_api_key(&name).await?;
            let said = format!("Created API key `{name}` ({}).", id(&key.id));
            shown_once(form, &said, key.attributes.key.as_deref(), &key)?;
        }
        ApiKeyCommand::Delete { id, api } => {
            connection::api(&api).await?.delete_api_key(&id).await?;
            let sentence = format!("Deleted API key {id}. It is refused from now on.");
            output::done(form, &sentence, &json!({ "deleted": id }))?;
        }
    }
    Ok(())
}

async fn app_key(args: AppKeyCommand, form: Output) -> Result<(), Failure> {
    match args {
        AppKeyCommand::List { service_account, part, api } => {
            let api = connection::api(&api).await?;
            let account = account(&api, service_account).await?;
            let keys = api.app_keys(owner(&account), &options(&part)).await?;
            if form == Output::Json {
                return Ok(output::json(&keys.data)?);
            }
            output::table(
                &["name", "ends in", "scopes", "made", "last used", "id"],
                keys.data.iter().map(app_key_row).collect(),
                "No application keys. `countersign key app create` makes one.",
            );
            output::rest(keys.data.len(), keys.meta.as_ref());
        }
        AppKeyCommand::Create { name, service_account, scopes, api } => {
            let api = connection::api(&api).await?;
            let account = account(&api, service_account).await?;
            let key = api.create_app_key(owner(&account), &name, &scopes).await?;
            let whose = match &account {
                Some(account) => format!(" of service account {account}"),
                None => String::new(),
            };
            let said = format!("Created application key `{name}`{whose} ({}).", id(&key.id));
            shown_once(form, &said, key.attributes.key.as_deref(), &key)?;
        }
        AppKeyCommand::Delete { id, service_account, api } => {
            let api = connection::api(&api).await?;
            let account = account(&api, service_account).await?;
            api.delete_app_key(owner(&account), &id).await?;
            let sentence = format!("Deleted application key {id}. It is refused from now on.");
            output::done(form, &sentence, &json!({ "deleted": id }))?;
        }
    }
    Ok(())
}

/// A key's text: alone on standard output, so that it can be taken from there, with what belongs to it beside.
fn shown_once(
    form: Output,
    said: &str,
    text: Option<&str>,
    key: &impl Serialize,
) -> Result<(), Failure> {
    if form == Output::Json {
        output::json(key)?;
    } else {
        output::note(said);
        output::line(text.unwrap_or_default());
    }
    output::note("The key is shown this once: keep it where secrets are kept.");
    Ok(())
}

async fn account(api: &ApiClient, given: Option<String>) -> Result<Option<String>, Failure> {
    match given {
        Some(given) => Ok(Some(lookup::service_account(api, &given).await?)),
        None => Ok(None),
    }
}

fn owner(account: &Option<String>) -> KeyOwner<'_> {
    account.as_deref().map_or(KeyOwner::Caller, KeyOwner::ServiceAccount)
}

fn api_key_row(key: &ApiKey) -> Vec<String> {
    let a = &key.attributes;
    vec![
        a.name.clone(),
        format!("…{}", a.last4),
        a.category.clone(),
        output::moment(&a.created_at),
        used(a.date_last_used.as_deref()),
        id(&key.id),
    ]
}

fn app_key_row(key: &AppKey) -> Vec<String> {
    let a = &key.attributes;
    vec![
        a.name.clone(),
        format!("…{}", a.last4),
        a.scopes.as_ref().map_or_else(|| "all".to_owned(), |scopes| scopes.join("\n")),
        output::moment(&a.created_at),
        used(a.last_used_at.as_deref()),
        id(&key.id),
    ]
}

fn used(at: Option<&str>) -> String {
    at.map_or_else(|| "never".to_owned(), output::moment)
}
