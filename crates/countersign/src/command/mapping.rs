//! `countersign mapping`

use jsonapi_model::Resource;
use jsonapi_model::resources::{IntakeMapping, PersonaMapping};

use crate::{
    cli::{Intake, Mapping, Output, Persona},
    connection,
    failure::Failure,
    output,
};

pub(crate) async fn run(args: Mapping, form: Output) -> Result<(), Failure> {
    match args {
        Mapping::Persona(args) => persona(args, form).await,
        Mapping::Intake(args) => intake(args, form).await,
    }
}

async fn persona(args: Persona, form: Output) -> Result<(), Failure> {
    match args {
        Persona::List(api) => {
            let mappings = connection::api(&api).await?.persona_mappings().await?;
            if form == Output::Json {
                return Ok(output::json(&mappings)?);
            }
            let rows = mappings.iter().map(persona_row).collect();
            output::table(
                &["id", "ARN pattern", "acts as", "account id"],
                rows,
                "No persona mappings. `countersign mapping persona create` makes one.",
            );
        }
        Persona::Create { arn_pattern, account, api } => {
            let api = connection::api(&api).await?;
            let (mapping, warnings) = api.create_persona_mapping(&account, &arn_pattern).await?;
            warn(&warnings);
            let sentence = format!(
                "Created persona mapping {}: {} acts as {}",
                mapping.id.as_deref().unwrap_or_default(),
                mapping.attributes.arn_pattern,
                mapping.attributes.account_identifier
            );
            output::done(form, &sentence, &mapping)?;
        }
        Persona::Delete { id, api } => {
            connection::api(&api).await?.delete_persona_mapping(&id).await?;
            let sentence = format!("Deleted persona mapping {id}. Its tokens stopped working.");
            output::done(form, &sentence, &serde_json::json!({ "deleted": id }))?;
        }
    }
    Ok(())
}

async fn intake(args: Intake, form: Output) -> Result<(), Failure> {
    match args {
        Intake::List(api) => {
            let mappings = connection::api(&api).await?.intake_mappings().await?;
            if form == Output::Json {
                return Ok(output::json(&mappings)?);
            }
            let rows = mappings.iter().map(intake_row).collect();
            output::table(
                &["id", "ARN pattern"],
                rows,
                "No intake mappings. `countersign mapping intake create` makes one.",
            );
        }
        Intake::Create { arn_pattern, api } => {
            let api = connection::api(&api).await?;
            let (mapping, warnings) = api.create_intake_mapping(&arn_pattern).await?;
            warn(&warnings);
            let sentence = format!(
                "Created intake mapping {}: {} may have the managed API key",
                mapping.id.as_deref().unwrap_or_default(),
                mapping.attributes.arn_pattern
            );
            output::done(form, &sentence, &mapping)?;
        }
        Intake::Delete { id, api } => {
            connection::api(&api).await?.delete_intake_mapping(&id).await?;
            let sentence =
                format!("Deleted intake mapping {id}. Its managed keys stopped working.");
            output::done(form, &sentence, &serde_json::json!({ "deleted": id }))?;
        }
    }
    Ok(())
}

fn persona_row(mapping: &Resource<PersonaMapping>) -> Vec<String> {
    let PersonaMapping { account_identifier, account_uuid, arn_pattern } = &mapping.attributes;
    let id = mapping.id.clone().unwrap_or_default();
    vec![id, arn_pattern.clone(), account_identifier.clone(), account_uuid.clone()]
}

fn intake_row(mapping: &Resource<IntakeMapping>) -> Vec<String> {
    vec![mapping.id.clone().unwrap_or_default(), mapping.attributes.arn_pattern.clone()]
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        output::note(&format!("warning: {warning}"));
    }
}
