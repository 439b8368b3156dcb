//! `/api/v1/org_preferences`: whether sign-ins replace roles by what the mappings give.

use auth_model::{Enforcement, SamlChange};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::resources::{
    ORG_PREFERENCES, OrgPreference, OrgPreferenceAttributes, OrgPreferenceDocument,
    SAML_AUTHN_MAPPING_ROLES,
};
use single_sign_on::Foreseen;

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, check_type},
};

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Reply, ApiError> {
    let configuration = app.store().saml_configuration(caller.org()).await?;
    answer(configuration.enforcement)
}

/// Switching it on is refused where it would leave nobody who manages access, unless it is forced.
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<OrgPreferenceDocument>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, ORG_PREFERENCES)?;
    let OrgPreferenceAttributes { preference_type, preference_data, force } =
        request.data.attributes;
    if preference_type != SAML_AUTHN_MAPPING_ROLES {
        return Err(ApiError::bad_request(format!(
            "the one preference is `{SAML_AUTHN_MAPPING_ROLES}`"
        ))
        .at("/data/attributes/preference_type"));
    }
    let enforcement = match (preference_data, force) {
        (false, _) => Enforcement::Off,
        (true, false) => Enforcement::On,
        (true, true) => Enforcement::Forced,
    };
    let mut detail = format!("{SAML_AUTHN_MAPPING_ROLES}={}", enforcement.as_str());
    let before = app.store().saml_configuration(caller.org()).await?.enforcement;
    if enforcement == Enforcement::On && !before.is_on() {
        let foreseen = app.single_sign_on().foresee(caller.org()).await?;
        detail.push_str(&somebody_left(foreseen)?);
    }
    let event = change.of(&app, detail)?;
    let wanted = SamlChange { enforcement: Some(enforcement), ..SamlChange::default() };
    let changed = app.store().change_saml_configuration(caller.org(), &wanted, &event).await?;
    answer(changed.enforcement)
}

fn somebody_left(foreseen: Foreseen) -> Result<String, ApiError> {
    match foreseen {
        Foreseen { manager: Some(user), .. } => {
            Ok(format!("; user {user} would go on managing access"))
        }
        Foreseen { looked_at, manager: None } => Err(ApiError::new(
            StatusCode::CONFLICT,
            format!(
                "nobody would be left who holds `user_access_manage`: no mapping gives it to any of the {looked_at} people whose attributes are kept. \
                 Map an attribute of an administrator's to a role with it, have them sign in while `keep_assertions` is on, and look at \
                 GET /api/v2/authn_mappings/preview; or force it"
            ),
        )),
    }
}

fn answer(enforcement: Enforcement) -> Result<Reply, ApiError> {
    let attributes = OrgPreferenceAttributes {
        preference_type: SAML_AUTHN_MAPPING_ROLES.to_owned(),
        preference_data: enforcement.is_on(),
        force: false,
    };
    let data = OrgPreference { kind: ORG_PREFERENCES.to_owned(), id: Some(1), attributes };
    Reply::ok(&OrgPreferenceDocument { data })
}
