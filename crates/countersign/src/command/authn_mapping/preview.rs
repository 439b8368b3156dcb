//! `countersign authn-mapping preview`

use std::collections::BTreeMap;

use countersign_client::{ApiClient, PreviewOf};
use jsonapi_model::resources::{AuthnPreview, PreviewedTarget};

use crate::{
    cli::{Output, Preview},
    connection,
    failure::Failure,
    input, output,
};

pub(super) async fn run(args: Preview, form: Output) -> Result<(), Failure> {
    let Preview { attributes, assertion, saml_response, all: _, user, api } = args;
    // What stands on the command line need not be shown again.
    let typed = !attributes.is_empty();
    let of = match (assertion, saml_response) {
        (Some(id), _) => Some(PreviewOf::Assertion(id)),
        (None, Some(path)) => Some(PreviewOf::SamlResponse(input::read_text(&path)?)),
        (None, None) => typed.then(|| PreviewOf::Attributes(gathered(attributes))),
    };
    let api = connection::api(&api).await?;
    let Some(of) = of else { return everybody(&api, form).await };
    let preview = api.preview_authn_mappings(of, user.as_deref()).await?;
    if form == Output::Json {
        return Ok(output::json(&preview)?);
    }
    if !typed {
        arrived(&preview);
    }
    one(&preview);
    Ok(())
}

fn gathered(pairs: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in pairs {
        all.entry(key).or_default().push(value);
    }
    all
}

async fn everybody(api: &ApiClient, form: Output) -> Result<(), Failure> {
    let found = api.preview_everybody(None).await?;
    if form == Output::Json {
        return Ok(output::json(&found.data)?);
    }
    let rows: Vec<Vec<String>> = found.data.iter().map(|one| row(&one.attributes)).collect();
    let anybody = !rows.is_empty();
    output::table(
        &["user", "now", "then", "gains", "loses"],
        rows,
        "Nobody was seen. `countersign saml configure --keep-assertions true` keeps what arrives at a sign-in, for 30 days.",
    );
    if anybody {
        output::line(
            "`then` is what each holds after the next sign-in while mappings are enforced: `countersign saml configure --enforce-mappings true`.",
        );
    }
    Ok(())
}

fn row(preview: &AuthnPreview) -> Vec<String> {
    let names =
        |targets: &[PreviewedTarget]| targets.iter().map(named).collect::<Vec<_>>().join("\n");
    vec![
        preview.email.clone().unwrap_or_default(),
        names(&preview.now),
        names(&preview.then),
        names(&preview.gained),
        names(&preview.lost),
    ]
}

/// What was read, and whether it would be believed.
fn arrived(preview: &AuthnPreview) {
    if let Some(found) = &preview.verification {
        let verdict = match found.accepted {
            true => "This response would be believed, unless it was used before.".to_owned(),
            false => {
                let why = output::plain(&found.detail);
                format!("This response would not be believed: {why} ({}).", found.reason)
            }
        };
        output::line(&format!("{} {verdict}", output::mark(found.accepted)));
    }
    if let Some(seen_at) = &preview.seen_at {
        output::line(&format!("Arrived {}.", output::moment(seen_at)));
    }
    output::table(
        &["attribute", "values"],
        preview.attributes.iter().map(attribute).collect(),
        "It holds no attributes; check what the identity provider is set up to send.",
    );
}

/// A row of an attribute: a value on each line.
pub(crate) fn attribute((name, values): (&String, &Vec<String>)) -> Vec<String> {
    let values: Vec<_> = values.iter().map(|value| output::plain(value)).collect();
    vec![output::plain(name), values.join("\n")]
}

fn one(preview: &AuthnPreview) {
    if let Some(email) = &preview.email {
        output::line(&format!("Compared with what {email} has:"));
    }
    let part = |change: &'static str, targets: &[PreviewedTarget]| -> Vec<Vec<String>> {
        targets.iter().map(|target| target_row(change, target)).collect()
    };
    let gained = if preview.email.is_some() { "gains" } else { "gives" };
    let rows =
        [part(gained, &preview.gained), part("keeps", &preview.kept), part("loses", &preview.lost)];
    output::table(&["", "role or team", "because of", "id"], rows.concat(), "No mapping matches.");
    for left in &preview.unmatched {
        let values: Vec<_> =
            left.attribute_values.iter().map(|value| output::plain(value)).collect();
        let name = output::plain(&left.attribute_key);
        output::line(&format!("No mapping asks for `{name}` of `{}`.", values.join("`, `")));
    }
}

fn target_row(change: &str, target: &PreviewedTarget) -> Vec<String> {
    let because = target.mappings.iter();
    let because: Vec<_> =
        because.map(|m| format!("{}={}", m.attribute_key, m.attribute_value)).collect();
    let because = match because.is_empty() {
        true => "no mapping gives it".to_owned(),
        false => output::plain(&because.join(", ")),
    };
    vec![change.to_owned(), named(target), because, target.id.clone()]
}

fn named(target: &PreviewedTarget) -> String {
    let kind = if target.kind == "team" { "team" } else { "role" };
    format!("{kind} {}", target.name)
}
