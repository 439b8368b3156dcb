//! `countersign saml`

mod configure;
mod next;
mod status;

use countersign_client::{ApiClient, ListOptions};
use jsonapi_model::{Resource, resources::SamlAssertionAttributes};

use super::authn_mapping::attribute_row;
use crate::{
    cli::{Output, SamlCommand},
    connection,
    failure::Failure,
    lookup::id,
    output,
};

pub(crate) async fn run(args: SamlCommand, form: Output) -> Result<(), Failure> {
    match args {
        SamlCommand::Status(api) => status::run(&connection::api(&api).await?, form).await,
        SamlCommand::Metadata(api) => metadata(&connection::api(&api).await?, form).await,
        SamlCommand::Configure(args) => configure::run(*args, form).await,
        SamlCommand::Assertions { limit, api } => {
            assertions(&connection::api(&api).await?, limit, form).await
        }
    }
}

async fn metadata(api: &ApiClient, form: Output) -> Result<(), Failure> {
    let configuration = api.saml_configuration().await?;
    let sp = &configuration.attributes.sp;
    if form == Output::Json {
        return Ok(output::json(sp)?);
    }
    output::line(api.sp_metadata(&id(&configuration.id)).await?.trim_end());
    output::note(&format!(
        "This is for the administrator of the identity provider, also to be read at {}. One that takes no metadata asks for entity ID \
         {} and ACS URL {}.\nNext: `countersign saml configure --idp-metadata FILE`, with the identity provider's metadata.",
        sp.metadata_url, sp.entity_id, sp.acs_url
    ));
    Ok(())
}

async fn assertions(api: &ApiClient, limit: Option<u64>, form: Output) -> Result<(), Failure> {
    let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let options = ListOptions { limit, ..ListOptions::default() };
    let found = api.saml_assertions(&options).await?;
    if form == Output::Json {
        return Ok(output::json(&found.data)?);
    }
    output::table(
        &["received", "user", "issuer", "attributes", "id"],
        found.data.iter().map(row).collect(),
        "No assertions are kept. `countersign saml configure --keep-assertions true` keeps what arrives at a sign-in, for 30 days.",
    );
    output::rest(found.data.len(), found.meta.as_ref());
    Ok(())
}

fn row(kept: &Resource<SamlAssertionAttributes>) -> Vec<String> {
    let a = &kept.attributes;
    let attributes: Vec<_> = a.attributes.iter().map(|it| attribute_row(it).join(" = ")).collect();
    vec![
        output::moment(&a.received_at),
        a.email.clone(),
        output::plain(&a.issuer),
        attributes.join("\n"),
        id(&kept.id),
    ]
}
