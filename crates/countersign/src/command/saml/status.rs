//! `countersign saml status`

use countersign_client::{ApiClient, SamlConfiguration};
use jsonapi_model::resources::{SamlConfigurationAttributes, SamlIdp};
use serde_json::json;

use super::next::{NextStep, Progress, is_past};
use crate::{cli::Output, failure::Failure, output};

pub(super) async fn run(api: &ApiClient, form: Output) -> Result<(), Failure> {
    let configuration = api.saml_configuration().await?;
    let progress = Progress::read(api).await?;
    let a = &configuration.attributes;
    let next = NextStep::of(a, &progress);
    if form == Output::Json {
        let value = json!({
            "configuration": configuration, "authn_mappings": progress.mappings, "next_step": next.code(),
        });
        return Ok(output::json(&value)?);
    }
    let enforced = if a.enforce_mappings { "set" } else { "do not set" };
    let mappings = match progress.mappings {
        1 => "1 authN mapping".to_owned(),
        many => format!("{many} authN mappings"),
    };
    let may = if a.enabled { "may" } else { "may not" };
    output::line(&format!("{} people {may} sign in by SAML", output::mark(a.enabled)));
    output::line(&format!(
        "{} sign-ins {enforced} roles and teams by the mappings ({mappings})",
        output::mark(a.enforce_mappings)
    ));
    let mut rows = settings(a, &role(api, &configuration).await);
    rows.extend(a.idp.as_ref().map_or_else(no_idp, |idp| provider(idp, a.sp.signs_requests)));
    rows.extend(ours(a));
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    output::table(&["SAML", ""], rows, "");
    output::line(&next.words(&a.sp.sign_in_url));
    Ok(())
}

type Row = (&'static str, String);

fn settings(a: &SamlConfigurationAttributes, role: &str) -> Vec<Row> {
    let yes = |it: bool| if it { "yes" } else { "no" }.to_owned();
    let unmatched = match a.unmatched_users.as_str() {
        "refuse" => "are refused",
        "sign_in" => "sign in, without roles",
        other => other,
    };
    let domains = match a.autocreate_domains.is_empty() {
        true => "nobody".to_owned(),
        false => a.autocreate_domains.join("\n"),
    };
    let email = a.email_attribute.as_ref();
    let email = email.map_or("the NameID".to_owned(), |name| format!("attribute `{name}`"));
    vec![
        ("by SAML only (strict)", yes(a.strict)),
        ("may begin at the IdP", yes(a.idp_initiated)),
        ("users are made of", domains),
        ("with the role", role.to_owned()),
        ("those without a mapping", unmatched.to_owned()),
        ("assertions are kept", yes(a.keep_assertions)),
        ("e-mail address", email),
    ]
}

/// The name of the role that new users are given; its id where the caller may not read it.
async fn role(api: &ApiClient, configuration: &SamlConfiguration) -> String {
    match &configuration.attributes.autocreate_role {
        None => "none".to_owned(),
        Some(id) => api.role(id).await.map_or_else(|_| id.clone(), |role| role.attributes.name),
    }
}

fn no_idp() -> Vec<Row> {
    vec![("identity provider (IdP)", "none: its metadata is not uploaded".to_owned())]
}

fn provider(idp: &SamlIdp, signs: bool) -> Vec<Row> {
    let valid = match &idp.valid_until {
        None => "for ever".to_owned(),
        Some(until) if is_past(until) => format!("until {}: expired", output::moment(until)),
        Some(until) => format!("until {}", output::moment(until)),
    };
    let addresses = [&idp.redirect_url, &idp.post_url].into_iter().flatten();
    let certificates: Vec<_> = idp.certificates.iter().map(|it| it.sha256.as_str()).collect();
    let requests = match (signs, idp.wants_signed_requests) {
        (true, _) => "signed",
        (false, false) => "not signed",
        (false, true) => {
            "not signed, but the IdP takes no others: set `saml.request_key` and `saml.request_certificate` at the server"
        }
    };
    vec![
        ("identity provider (IdP)", output::plain(&idp.entity_id)),
        ("IdP URLs", addresses.map(|url| output::plain(url)).collect::<Vec<_>>().join("\n")),
        ("IdP certificates (SHA-256)", certificates.join("\n")),
        ("IdP metadata uploaded", output::moment(&idp.uploaded_at)),
        ("IdP metadata valid", valid),
        ("requests to the IdP", requests.to_owned()),
    ]
}

fn ours(a: &SamlConfigurationAttributes) -> Vec<Row> {
    let sp = &a.sp;
    vec![
        ("our entity ID", sp.entity_id.clone()),
        ("our ACS URL", sp.acs_url.clone()),
        ("our metadata", sp.metadata_url.clone()),
        ("people sign in at", sp.sign_in_url.clone()),
    ]
}
