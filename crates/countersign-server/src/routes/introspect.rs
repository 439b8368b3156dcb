//! `POST /oauth2/introspect`: whether a token of ours counts at this moment (RFC 7662), for services that can't verify it themselves
//! or want to know of a revocation at once.
//!
//! Whoever is a user may ask, by access token or key pair, about the tokens of their own organization; about all others the answer is that
//! they don't count. Refusals have OAuth's form (RFC 6749 §5.2).

use axum::extract::{Request, State};
use jsonapi_model::resources::{IntrospectedToken, Introspection};

use crate::{
    App,
    caller::Caller,
    error::ApiError,
    reply::Reply,
    request::{Form, read},
};

pub(crate) async fn introspect(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Reply, ApiError> {
    let form = Form::parse(&read(request, MAX_FORM_BYTES).await?)?;
    let token = form.get("token")?.unwrap_or_default();
    if token.is_empty() {
        return Err(ApiError::bad_request("send the token as the form's field `token`"));
    }
    let token = active(&app, &caller, token).await?;
    Reply::ok(&Introspection { active: token.is_some(), token })
}

/// What a token says, if it counts: signed by us, not expired, of the caller's organization, and its mapping and user as they must be.
async fn active(
    app: &App,
    caller: &Caller,
    token: &str,
) -> Result<Option<IntrospectedToken>, ApiError> {
    let Ok(claims) = app.verify(token).await else { return Ok(None) };
    if claims.org != caller.org() {
        return Ok(None);
    }
    let found = app.store().by_mapping(claims.org, claims.mapping, claims.sub).await?;
    let Some(authority) = found else { return Ok(None) };
    let held = app.catalogue().all().iter().filter(|p| authority.permissions.contains(&p.id));
    let scope: Vec<_> = held.map(|permission| permission.name.to_string()).collect();
    Ok(Some(IntrospectedToken {
        scope: scope.join(" "),
        client_id: claims.mapping.to_string(),
        username: authority.user.handle(),
        token_type: "Bearer".to_owned(),
        exp: claims.exp.unix_seconds(),
        iat: claims.iat.unix_seconds(),
        nbf: claims.nbf.unix_seconds(),
        sub: claims.sub.to_string(),
        aud: claims.aud.clone(),
        iss: claims.iss.clone(),
        jti: claims.jti.to_string(),
        org: claims.org.to_string(),
    }))
}

/// A token of the largest size, encoded.
const MAX_FORM_BYTES: usize = 64 * 1024;
