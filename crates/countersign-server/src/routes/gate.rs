//! `/auth/verify`: lets a proxy ask whether a request may pass, so that a service behind it needs no code of ours.
//!
//! For nginx `auth_request`, Traefik `ForwardAuth` and Envoy `ext_authz`. What is needed stands in the path, where the proxy's operator
//! writes it: `/auth/verify/permission=teams_read,kind=person`. Whatever follows is the caller's own path, which Envoy adds, and it
//! decides nothing; neither does the query.
//!
//! * **200**: the headers `X-Countersign-…` say who it is. All of them are always set, so that a proxy that copies them overwrites what
//!   the caller sent under these names.
//! * **401, 403**: as for every route.
//! * **400**: the requirements make no sense. Proxies refuse then, too.

mod requirements;

use auth_model::{OrgId, UserId};
use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use mapping_store::HeldKey;

use self::requirements::{Kind, Requirements};
use super::validate;
use crate::{
    App,
    caller::{self, Caller, Credential, Renewal},
    cookies::{Origin, origin},
    error::ApiError,
};

/// Who may pass.
struct Passing {
    org: OrgId,
    kind: Kind,
    user: Option<UserId>,
    handle: String,
}

/// Every method: Envoy asks with the caller's own.
pub(crate) async fn verify(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    let required = required(&app, &mut parts).await?;
    // What the caller wants to do, as far as the proxy says.
    if let Some(method) = original_method(&parts.headers)? {
        parts.method = method;
    }
    let passing = match required.kinds.iter().any(|kind| kind.is_user()) {
        true => user(&app, &parts, &required).await,
        false => Err(None),
    };
    let passing = match passing {
        Ok(passing) => passing,
        // A key alone is no user, but may be what is asked for.
        Err(refusal) if required.kinds.iter().all(|kind| kind.is_user()) => {
            return Err(refusal.unwrap_or_else(|| ApiError::bare(StatusCode::FORBIDDEN)));
        }
        Err(_) => key(&app, &parts.headers).await?,
    };
    if !required.kinds.contains(&passing.kind) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "this kind of credential does not pass"));
    }
    if required.org.is_some_and(|org| org != passing.org) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "this organization does not pass"));
    }
    Ok(pass(&passing, required.cache_seconds))
}

async fn required(app: &App, parts: &mut Parts) -> Result<Requirements, ApiError> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| ApiError::bad_request("the path is not UTF-8"))?;
    let text = params.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
    Requirements::parse(&text, app.catalogue()).map_err(|problem| {
        tracing::error!("a proxy asks the gate for what makes no sense: {problem}");
        ApiError::bad_request(format!("the proxy is configured wrongly: {problem}"))
    })
}

/// `X-Original-Method`, as nginx is told to say it, or `X-Forwarded-Method`, as Traefik says it.
fn original_method(headers: &HeaderMap) -> Result<Option<Method>, ApiError> {
    for name in ["x-original-method", "x-forwarded-method"] {
        if let Some(text) = caller::single(headers, name)? {
            let method = text.parse();
            return method
                .map(Some)
                .map_err(|_| ApiError::bad_request(format!("`{name}` is no method")));
        }
    }
    Ok(None)
}

/// A user who holds what is needed; `None`: there are no credentials of a user's.
async fn user(
    app: &App,
    parts: &Parts,
    required: &Requirements,
) -> Result<Passing, Option<ApiError>> {
    // The proxy may not hand a new cookie on, so none is made.
    let caller = caller::authenticate(app, parts, Renewal::Never).await.map_err(Some)?;
    if caller.credential == Credential::Session && origin(app, &parts.headers) == Origin::Foreign {
        let detail = "a page of another site can't use a session";
        return Err(Some(ApiError::new(StatusCode::FORBIDDEN, detail)));
    }
    let Caller { authority, .. } = &caller;
    if let Some(lacking) = required.permissions.iter().find(|needed| !caller.may(needed)) {
        let detail = format!("this needs the permission `{}`", lacking.name);
        return Err(Some(ApiError::new(StatusCode::FORBIDDEN, detail)));
    }
    Ok(Passing {
        org: caller.org(),
        kind: match authority.user.service_account {
            true => Kind::ServiceAccount,
            false => Kind::Person,
        },
        user: Some(caller.user()),
        handle: authority.user.handle(),
    })
}

/// A key alone.
async fn key(app: &App, headers: &HeaderMap) -> Result<Passing, ApiError> {
    if caller::single(headers, caller::API_KEY)?.is_none() {
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "send `DD-API-KEY`"));
    }
    let holder = validate::holder(app, headers, None).await?;
    let (kind, id) = match holder.key {
        HeldKey::Made(id) => (Kind::ApiKey, id.to_string()),
        HeldKey::Managed { id, .. } => (Kind::IntakeKey, id.to_string()),
    };
    Ok(Passing { org: holder.organization.id, kind, user: None, handle: id })
}

fn pass(passing: &Passing, cache_seconds: u64) -> Response {
    let user = passing.user.map(|user| user.to_string()).unwrap_or_default();
    let said = [
        ("x-countersign-org", passing.org.to_string()),
        ("x-countersign-kind", passing.kind.as_str().to_owned()),
        ("x-countersign-user", user),
        ("x-countersign-handle", passing.handle.clone()),
    ];
    let mut response = StatusCode::OK.into_response();
    for (name, text) in said {
        response.headers_mut().insert(HeaderName::from_static(name), safe(&text));
    }
    if cache_seconds > 0
        && let Ok(value) = HeaderValue::from_str(&format!("private, max-age={cache_seconds}"))
    {
        response.headers_mut().insert(header::CACHE_CONTROL, value);
    }
    response
}

/// What can't stand in a header, such as a letter beyond ASCII in an address, is left out whole: half a name is another name.
fn safe(text: &str) -> HeaderValue {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    let text = if plain { text } else { "" };
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
