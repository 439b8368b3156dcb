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
    extract::{Request, State},
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
pub(crate) async fn verify(State(app): State<App>, request: Request) -> Response {
    let response = decide(&app, request).await.unwrap_or_else(IntoResponse::into_response);
    app.metrics().gate.count(response.status());
    response
}

async fn decide(app: &App, request: Request) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    let (required, path) = required(app, parts.uri.path())?;
    parts.method = wanted(&parts, path);
    let passing = passing(app, &parts, &required).await.map_err(not_the_proxys)?;
    if !required.kinds.contains(&passing.kind) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "this kind of credential does not pass"));
    }
    if required.org.is_some_and(|org| org != passing.org) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "this organization does not pass"));
    }
    Ok(pass(&passing, required.cache_seconds))
}

/// What the first segment behind the gate's own path asks for, and whether the caller's path follows. Read as it came: whatever stands
/// further back is the caller's, and may be anything.
fn required<'p>(app: &App, path: &'p str) -> Result<(Requirements, Option<&'p str>), ApiError> {
    let rest = path.strip_prefix("/auth/verify").unwrap_or_default();
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let (text, path) = rest.split_once('/').map_or((rest, None), |(text, path)| (text, Some(path)));
    let parsed = Requirements::parse(text, app.catalogue()).map_err(|problem| {
        tracing::error!("a proxy asks the gate for what makes no sense: {problem}");
        ApiError::bad_request(format!("the proxy is configured wrongly: {problem}"))
    });
    Ok((parsed?, path))
}

/// What the caller wants to do, as far as it matters: something that changes nothing, or something else. nginx is told to say it in
/// `X-Original-Method`, Traefik says it in `X-Forwarded-Method`, and Envoy, which adds the caller's path, by asking the same way. A caller may
/// have written one of the headers, so whichever says that something changes counts; and where nobody says anything, something does.
fn wanted(parts: &Parts, path: Option<&str>) -> Method {
    let said = ["x-original-method", "x-forwarded-method"];
    let said = said.iter().flat_map(|name| parts.headers.get_all(*name));
    let mut methods: Vec<Method> =
        said.map(|value| Method::from_bytes(value.as_bytes()).unwrap_or(Method::POST)).collect();
    if path.is_some() || !parts.method.is_safe() {
        methods.push(parts.method.clone());
    }
    let safe = !methods.is_empty() && methods.iter().all(Method::is_safe);
    if safe { Method::GET } else { Method::POST }
}

/// Whose request it is, by the one credential that is looked at: a token or an application key makes a user's, an API key alone a key's
/// where keys may pass, and whatever else is a session's.
async fn passing(app: &App, parts: &Parts, required: &Requirements) -> Result<Passing, ApiError> {
    let brings = |name: &str| parts.headers.contains_key(name);
    let of_user = brings(header::AUTHORIZATION.as_str()) || brings(caller::APP_KEY);
    let keys_pass = required.kinds.iter().any(|kind| !kind.is_user());
    match keys_pass && !of_user && brings(caller::API_KEY) {
        true => key(app, &parts.headers).await,
        false => user(app, parts, required).await,
    }
}

/// What is wrong with a caller's request is no mistake of the proxy's, which would answer a 400 as a fault of its own.
fn not_the_proxys(mut refusal: ApiError) -> ApiError {
    if refusal.status == StatusCode::BAD_REQUEST {
        refusal.status = StatusCode::FORBIDDEN;
    }
    refusal
}

/// A user who holds what is needed.
async fn user(app: &App, parts: &Parts, required: &Requirements) -> Result<Passing, ApiError> {
    // The proxy may not hand a new cookie on, so none is made.
    let caller = caller::authenticate(app, parts, Renewal::Never).await?;
    if caller.credential == Credential::Session && origin(app, &parts.headers) == Origin::Foreign {
        let detail = "a page of another site can't use a session";
        return Err(ApiError::new(StatusCode::FORBIDDEN, detail));
    }
    let Caller { authority, .. } = &caller;
    if let Some(lacking) = required.permissions.iter().find(|needed| !caller.may(needed)) {
        let detail = format!("this needs the permission `{}`", lacking.name);
        return Err(ApiError::new(StatusCode::FORBIDDEN, detail));
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
        && let Ok(value) = HeaderValue::from_str(&format!("max-age={cache_seconds}"))
    {
        response.headers_mut().insert(header::CACHE_CONTROL, value);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static(DECIDING));
    }
    response
}

/// The headers that an answer depends on, for a proxy that may remember it. nginx remembers none where this is longer than 128 bytes.
const DECIDING: &str = "authorization, dd-api-key, dd-application-key, cookie, origin, x-original-method, x-forwarded-method";

/// What can't stand in a header, such as a letter beyond ASCII in an address, is left out whole: half a name is another name.
fn safe(text: &str) -> HeaderValue {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    let text = if plain { text } else { "" };
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
