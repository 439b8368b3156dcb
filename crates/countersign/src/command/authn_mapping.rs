//! `countersign authn-mapping`

use std::collections::BTreeMap;

use countersign_client::{AuthnGrant, AuthnMapping, ListOptions};
use jsonapi_model::resources::{AuthnPreview, PreviewedTarget};
use serde_json::{Value, json};

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
        AuthnMappingCommand::Preview { attributes, user, api } => {
            let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (key, value) in attributes {
                given.entry(key).or_default().push(value);
            }
            let api = connection::api(&api).await?;
            let preview = api.preview_authn_mappings(given, user.as_deref()).await?;
            match form {
                Output::Json => output::json(&preview)?,
                _ => previewed(&preview, user.is_some()),
            }
        }
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

fn previewed(preview: &AuthnPreview, compared: bool) {
    let part = |change: &'static str, targets: &[PreviewedTarget]| -> Vec<Vec<String>> {
        targets.iter().map(|target| previewed_row(change, target)).collect()
    };
    let gained = if compared { "gains" } else { "gives" };
    let rows =
        [part(gained, &preview.gained), part("keeps", &preview.kept), part("loses", &preview.lost)];
    output::table(&["", "role or team", "because of", "id"], rows.concat(), "No mapping matches.");
    for left in &preview.unmatched {
        let values = left.attribute_values.join("`, `");
        output::line(&format!("No mapping asks for `{}` of `{values}`.", left.attribute_key));
    }
}

fn previewed_row(change: &str, target: &PreviewedTarget) -> Vec<String> {
    let kind = if target.kind == "team" { "team" } else { "role" };
    let because = target.mappings.iter();
    let because: Vec<_> =
        because.map(|m| format!("{}={}", m.attribute_key, m.attribute_value)).collect();
    let because = match because.is_empty() {
        true => "no mapping gives it".to_owned(),
        false => because.join(", "),
    };
    vec![change.to_owned(), format!("{kind} {}", target.name), because, target.id.clone()]
}
