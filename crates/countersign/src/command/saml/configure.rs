//! `countersign saml configure`

use std::path::Path;

use anyhow::anyhow;
use countersign_client::{ApiClient, ClientError, SamlConfiguration};
use jsonapi_model::resources::{SamlConfigurationAttributes, SamlConfigurationUpdate};
use serde_json::Value;

use super::next::{NextStep, Progress};
use crate::{
    cli::{Configure, Output},
    connection,
    failure::Failure,
    input,
    lookup::{self, id},
    output,
};

/// Reads and looks up everything first, so that a slip of the pen changes nothing.
pub(super) async fn run(args: Configure, form: Output) -> Result<(), Failure> {
    let metadata = args.idp_metadata.as_deref().map(file).transpose()?;
    let api = connection::api(&args.api).await?;
    let update = update(&api, &args).await?;
    let mut steps = Steps { form, done: Vec::new(), reached: None };
    if let Some(xml) = metadata {
        let outcome = api.upload_idp_metadata(xml).await;
        let reached = steps.reach(outcome, "")?;
        steps.say("the metadata is uploaded", uploaded(&reached.attributes));
        steps.reached = Some(reached);
    }
    if update != SamlConfigurationUpdate::default() {
        let outcome = api.update_saml_configuration(update.clone()).await;
        let reached = steps.reach(outcome, settings_hint(&args))?;
        steps.say("the settings are changed", changed(&update, &reached.attributes)?);
        steps.reached = Some(reached);
    }
    if let Some(on) = args.enforce_mappings {
        let outcome = api.enforce_mappings(on, args.force).await;
        let is_on = steps.reach(outcome, ENFORCEMENT_HINT)?;
        steps.say("enforcement is switched", enforced(is_on).to_owned());
        if let Some(reached) = &mut steps.reached {
            reached.attributes.enforce_mappings = is_on;
        }
    }
    finish(&api, steps).await
}

async fn finish(api: &ApiClient, steps: Steps) -> Result<(), Failure> {
    let Steps { form, reached, .. } = steps;
    let reached = match reached {
        Some(reached) => reached,
        None => api.saml_configuration().await?,
    };
    if form == Output::Json {
        return Ok(output::json(&reached)?);
    }
    // All is done; who may not read what the next step depends on is not told of a failure.
    if let Ok(progress) = Progress::read(api).await {
        let next = NextStep::of(&reached.attributes, &progress);
        output::line(&next.words(&reached.attributes.sp.sign_in_url));
    }
    Ok(())
}

/// What has been done, and the configuration that it has led to.
struct Steps {
    form: Output,
    done: Vec<&'static str>,
    reached: Option<SamlConfiguration>,
}

impl Steps {
    fn say(&mut self, done: &'static str, sentence: String) {
        self.done.push(done);
        if self.form != Output::Json {
            output::line(&sentence);
        }
    }

    /// What a step has led to. If it was refused: what the server says, what `hint` adds to a conflict, and what was done before.
    fn reach<T>(&self, outcome: Result<T, ClientError>, hint: &str) -> Result<T, Failure> {
        outcome.map_err(|error| {
            let mut more = String::new();
            if error.status() == Some(409) {
                more.push_str(hint);
            }
            if !self.done.is_empty() {
                more.push_str(&format!(" (before that, {})", self.done.join(" and ")));
            }
            Failure::from(error).adding(&more)
        })
    }
}

fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    let given = path.to_string_lossy();
    if given.starts_with("https://") || given.starts_with("http://") {
        return Err(Failure::usage(anyhow!(
            "metadata is read from a file: `curl -fsS '{given}' | countersign saml configure --idp-metadata -`"
        )));
    }
    input::read(path)
}

async fn update(api: &ApiClient, args: &Configure) -> Result<SamlConfigurationUpdate, Failure> {
    let domains = args.no_autocreate_domains || !args.autocreate_domains.is_empty();
    let autocreate_role = match args.autocreate_role.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(role) => Some(Some(id(&lookup::role(api, role).await?.id))),
    };
    let email = args.name_id_is_email || args.email_attribute.is_some();
    Ok(SamlConfigurationUpdate {
        enabled: args.enabled,
        strict: args.strict,
        idp_initiated: args.idp_initiated,
        autocreate_domains: domains.then(|| args.autocreate_domains.clone()),
        autocreate_role,
        unmatched_users: args.unmatched_users.map(|it| it.word().to_owned()),
        keep_assertions: args.keep_assertions,
        email_attribute: email.then(|| args.email_attribute.clone()),
    })
}

fn uploaded(a: &SamlConfigurationAttributes) -> String {
    let idp = a.idp.as_ref();
    let name = idp.map(|idp| output::plain(&idp.entity_id)).unwrap_or_default();
    let prints = idp.into_iter().flat_map(|idp| &idp.certificates);
    let prints: String =
        prints.map(|it| format!("\n  certificate SHA-256 {}", it.sha256)).collect();
    let may = if a.enabled { "may" } else { "may not" };
    format!("Uploaded the metadata of {name}. People {may} sign in by it.{prints}")
}

/// What has become of the settings that are given, in the words of the API.
fn changed(
    update: &SamlConfigurationUpdate,
    reached: &SamlConfigurationAttributes,
) -> anyhow::Result<String> {
    let (update, reached) = (serde_json::to_value(update)?, serde_json::to_value(reached)?);
    let settings = update.as_object().into_iter().flatten().map(|(name, given)| {
        let value = reached.get(name).unwrap_or(given);
        format!("{name}={}", word(value))
    });
    Ok(format!("Now {}.", settings.collect::<Vec<_>>().join(", ")))
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) => all.iter().map(word).collect::<Vec<_>>().join("+"),
        other => other.to_string(),
    }
}

fn enforced(is_on: bool) -> &'static str {
    if is_on {
        "Enforcement is on: each sign-in replaces roles and teams by what the mappings give. `--enforce-mappings false` takes it back."
    } else {
        "Enforcement is off: sign-ins change no roles; what the mappings have given stays."
    }
}

/// What on this command line would avoid a conflict of the settings.
fn settings_hint(args: &Configure) -> &'static str {
    match (args.enabled, args.strict) {
        (Some(true), _) => "; `--idp-metadata FILE` does that here",
        (None, Some(true)) => "; add `--enabled true`",
        (Some(false), None) => "; add `--strict false`",
        _ => "",
    }
}

const ENFORCEMENT_HINT: &str = "; from here: `countersign authn-mapping preview --all`, `countersign saml configure --keep-assertions true`, or `--force` beside \
     `--enforce-mappings true`";
