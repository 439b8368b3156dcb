//! `/api/v2/saml_configurations`: how the organization's people sign in by SAML, and the identity provider's metadata.

use auth_model::{IdpMetadata, RoleId, SamlChange, SamlConfiguration, UnmatchedUsers};
use axum::{
    extract::{FromRequest, Multipart, Request, State},
    http::{StatusCode, header},
};
use jsonapi_model::{
    Document,
    resources::{SAML_CONFIGURATIONS, SamlConfigurationUpdate},
};
use mapping_store::StoreError;
use saml_sp::{IdentityProvider, MAX_METADATA_BYTES};

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, check_type, read},
    text, wire,
};

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Reply, ApiError> {
    let configuration = app.store().saml_configuration(caller.org()).await?;
    Reply::ok(&wire::saml_configuration(&app, &configuration)?)
}

pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<SamlConfigurationUpdate>>,
) -> Result<Reply, ApiError> {
    caller.may_become_anybody(app.catalogue())?;
    check_type(&request.data.kind, SAML_CONFIGURATIONS)?;
    let wanted = wanted(request.data.attributes)?;
    let mut then = app.store().saml_configuration(caller.org()).await?;
    wanted.apply(&mut then);
    possible(&then)?;
    let event = change.of(&app, described(&wanted))?;
    let changed = app.store().change_saml_configuration(caller.org(), &wanted, &event).await;
    Reply::ok(&wire::saml_configuration(&app, &changed.map_err(missing_role)?)?)
}

/// `POST /api/v2/saml_configurations/idp_metadata`: a form with a file, or the file itself.
pub(crate) async fn upload(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    request: Request,
) -> Result<Reply, ApiError> {
    caller.may_become_anybody(app.catalogue())?;
    let file = file(&app, request).await?;
    let now = app.clock().now();
    let idp = IdentityProvider::from_metadata(&file, now)
        .map_err(|error| ApiError::bad_request(format!("the metadata can't be used: {error}")))?;
    let xml = String::from_utf8(file)
        .map_err(|_| ApiError::bad_request("the metadata can't be used: it is not UTF-8"))?;
    let before = app.store().saml_configuration(caller.org()).await?;
    let wanted = SamlChange {
        metadata: Some(IdpMetadata { xml, uploaded_at: now }),
        // Whoever uploads for the first time wants to sign in; later, what was switched off stays off.
        enabled: before.metadata.is_none().then_some(true),
        ..SamlChange::default()
    };
    let fingerprints: Vec<String> =
        idp.certificates().iter().map(|known| known.fingerprint().to_string()).collect();
    let event = change.of(
        &app,
        format!("identity provider {}, certificates {}", idp.entity_id(), fingerprints.join(", ")),
    )?;
    let changed = app.store().change_saml_configuration(caller.org(), &wanted, &event).await?;
    Reply::ok(&wire::saml_configuration(&app, &changed)?)
}

async fn file(app: &App, request: Request) -> Result<Vec<u8>, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "multipart/form-data" => {
            let form = Multipart::from_request(request, app).await;
            let form = form.map_err(|error| ApiError::bad_request(error.body_text()))?;
            part(form).await
        }
        "application/xml" | "text/xml" | "application/samlmetadata+xml" => {
            Ok(read(request, MAX_METADATA_BYTES).await?.to_vec())
        }
        _ => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the metadata as field `idp_file` of `multipart/form-data`, or as `application/xml`",
        )),
    }
}

/// The part of a form that is the file.
async fn part(mut form: Multipart) -> Result<Vec<u8>, ApiError> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        ApiError::new(error.status(), format!("the form can't be read: {}", error.body_text()))
    };
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("idp_file") {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > MAX_METADATA_BYTES {
                return Err(ApiError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    format!("metadata has at most {MAX_METADATA_BYTES} bytes"),
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok(bytes);
    }
    Err(ApiError::bad_request("the form has no field `idp_file`"))
}

fn wanted(given: SamlConfigurationUpdate) -> Result<SamlChange, ApiError> {
    let at = |name: &str| format!("/data/attributes/{name}");
    let role = |text: String| -> Result<RoleId, ApiError> { text.parse().map_err(|_| no_role()) };
    let attribute = |name: String| {
        text::name_up_to(
            role_mapping::MAX_KEY_BYTES,
            &name,
            "the name of an attribute",
            &at("email_attribute"),
        )
    };
    let unmatched = |word: String| -> Result<UnmatchedUsers, ApiError> {
        word.parse().map_err(|error: auth_model::WordError| {
            ApiError::bad_request(error.to_string()).at(at("unmatched_users"))
        })
    };
    Ok(SamlChange {
        enabled: given.enabled,
        strict: given.strict,
        idp_initiated: given.idp_initiated,
        autocreate_domains: given.autocreate_domains.map(domains).transpose()?,
        autocreate_role: given.autocreate_role.map(|id| id.map(role).transpose()).transpose()?,
        unmatched_users: given.unmatched_users.map(unmatched).transpose()?,
        keep_assertions: given.keep_assertions,
        email_attribute: given
            .email_attribute
            .map(|name| name.map(attribute).transpose())
            .transpose()?,
        enforcement: None,
        metadata: None,
    })
}

/// Each such that `somebody@` before it makes an e-mail address; in lower case, each once.
fn domains(given: Vec<String>) -> Result<Vec<String>, ApiError> {
    if given.len() > MAX_DOMAINS {
        return Err(ApiError::bad_request(format!("there are at most {MAX_DOMAINS} domains"))
            .at("/data/attributes/autocreate_domains"));
    }
    let mut domains: Vec<String> = Vec::with_capacity(given.len());
    for (place, domain) in given.iter().enumerate() {
        let address = auth_model::email_address(&format!("somebody@{domain}"));
        let known = address.ok().and_then(|text| Some(text.split_once('@')?.1.to_owned()));
        let domain = known.filter(|found| *found == domain.to_lowercase()).ok_or_else(|| {
            ApiError::bad_request(
                "a domain is what follows the `@` of an e-mail address, such as `example.com`",
            )
            .at(format!("/data/attributes/autocreate_domains/{place}"))
        })?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// Refuses what would lock people out, or mean nothing.
fn possible(then: &SamlConfiguration) -> Result<(), ApiError> {
    let conflict = |detail: &str| Err(ApiError::new(StatusCode::CONFLICT, detail));
    if then.enabled && then.metadata.is_none() {
        return conflict(
            "upload the identity provider's metadata first: POST /api/v2/saml_configurations/idp_metadata",
        );
    }
    if then.strict && !then.enabled {
        return conflict("`strict` without `enabled` would let nobody sign in");
    }
    Ok(())
}

fn missing_role(error: StoreError) -> ApiError {
    match error {
        StoreError::Missing { what: "role" } => no_role(),
        error => error.into(),
    }
}

fn no_role() -> ApiError {
    ApiError::bad_request("there is no such role; GET /api/v2/roles lists them")
        .at("/data/attributes/autocreate_role")
}

/// Which settings are given; their values say nothing secret, but may be long.
fn described(wanted: &SamlChange) -> String {
    let switch = |name: &str, value: Option<bool>| value.map(|value| format!("{name}={value}"));
    let parts = [
        switch("enabled", wanted.enabled),
        switch("strict", wanted.strict),
        switch("idp_initiated", wanted.idp_initiated),
        wanted
            .autocreate_domains
            .as_ref()
            .map(|all| format!("autocreate_domains={}", all.join(","))),
        wanted.autocreate_role.map(|role| match role {
            Some(role) => format!("autocreate_role={role}"),
            None => "autocreate_role=none".to_owned(),
        }),
        wanted.unmatched_users.map(|word| format!("unmatched_users={}", word.as_str())),
        switch("keep_assertions", wanted.keep_assertions),
        wanted.email_attribute.as_ref().map(|_| "email_attribute".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

const MAX_DOMAINS: usize = 100;
