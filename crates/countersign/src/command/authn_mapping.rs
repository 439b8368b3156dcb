//! `countersign authn-mapping`

mod preview;

use countersign_client::{AuthnGrant, AuthnMapping, ListOptions};
use serde_json::{Value, json};

pub(super) use self::preview::attribute as attribute_row;
use super::user::options;
use crate::{
    cli::{ApiConnection, AuthnMappingCommand, Output, Part},
    connection,
    failure::Failure,
    lookup::{self, id},
    output,
};

pub(crate) async fn run(args: AuthnMappingCommand, form: Output) -> Result<(), Failure> {
    match args {
        AuthnMappingCommand::List { part, api } => list(&part, &api, form).await?,
        AuthnMappingCommand::Create { attribute: (key, value), role, team, api } => {
            let api = connection::api(&api).await?;
            let gives = match (role, team) {
                (Some(role), _) => AuthnGrant::Role(id(&lookup::role(&api, &role).await?.id)),
                (None, team) => AuthnGrant::Team(team.unwrap_or_default()),
            };
            let mapping = api.create_authn_mapping(&key, &value, &gives).await?;
            let sentence = format!(
                "Created authN mapping {}.\nNext: `countersign authn-mapping preview '{key}={value}'`.",
                id(&mapping.id)
            );
            output::done(form, &sentence, &mapping)?;
        }
        AuthnMappingCommand::Delete { id, api } => {
            connection::api(&api).await?.delete_authn_mapping(&id).await?;
            let sentence = format!("Deleted authN mapping {id}.");
            output::done(form, &sentence, &json!({ "deleted": id }))?;
        }
        AuthnMappingCommand::Preview(args) => preview::run(args, form).await?,
    }
    Ok(())
}

async fn list(part: &Part, api: &ApiConnection, form: Output) -> Result<(), Failure> {
    let options: ListOptions = options(part);
    let found = connection::api(api).await?.authn_mappings(&options).await?;
    if form == Output::Json {
        return Ok(output::json(&found.data)?);
    }
    let rows = found.data.iter().map(|mapping| row(mapping, &found.included)).collect();
    output::table(
        &["attribute", "value", "gives", "id"],
        rows,
        "No authN mappings. `countersign authn-mapping create` makes one.",
    );
    output::rest(found.data.len(), found.meta.as_ref());
    Ok(())
}

fn row(mapping: &AuthnMapping, included: &[Value]) -> Vec<String> {
    let a = &mapping.attributes;
    let all = mapping.relationships.clone().unwrap_or_default();
    let gives = match (all.role, all.team) {
        (Some(role), _) => format!("role {}", name(&role.data.id, included)),
        (None, Some(team)) => format!("team {}", name(&team.data.id, included)),
        (None, None) => String::new(),
    };
    vec![a.attribute_key.clone(), a.attribute_value.clone(), gives, id(&mapping.id)]
}

/// What an included resource is called; the id of one that is not there.
fn name<'a>(id: &'a str, included: &'a [Value]) -> &'a str {
    let found = included
        .iter()
        .find(|resource| resource.pointer("/id").and_then(Value::as_str) == Some(id));
    found.and_then(|it| it.pointer("/attributes/name")?.as_str()).unwrap_or(id)
}
