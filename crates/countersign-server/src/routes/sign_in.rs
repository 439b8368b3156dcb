//! Sign-in of people, for browsers: `/saml/{org}` and what is below it.

use auth_model::{OrgId, SecretString};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use single_sign_on::{Attempt, Begun, Posted, Refusal, ReturnPath, SignedIn, Told, Way};

use crate::{
    App,
    cookies::{Cookie, Origin, origin},
    error::{ApiError, chain},
    middleware::Arrival,
    page::Page,
    request::{Form, PathId, QueryPairs, read},
};

/// `GET /saml/{org}`: where people sign in.
pub(crate) async fn show(
    State(app): State<App>,
    id: PathId,
    query: QueryPairs,
    arrival: Arrival,
) -> Result<Response, ApiError> {
    let return_to = return_path(&query)?;
    let found = match id.text().parse::<OrgId>() {
        Ok(org) => app.single_sign_on().organization(org).await,
        Err(_) => Err(Refusal::NotEnabled),
    };
    let (organization, configuration) = match found {
        Ok(found) => found,
        Err(refusal) => return Ok(refused(&refusal, &arrival)),
    };
    let org = organization.id;
    let start = match query.get("return_to") {
        Some(_) => format!("/saml/{org}/start?return_to={}", encoded(return_to.as_str())),
        None => format!("/saml/{org}/start"),
    };
    let body = html! {
        p { "Organization: " strong { (organization.name) } }
        @if configuration.enabled {
            p { a.button #sign-in href=(start) { "Sign in with your identity provider" } }
        } @else {
            p { "This organization has not set up an identity provider yet." }
        }
        @if !configuration.strict { (key_form(org)) }
    };
    Ok(Page::new(StatusCode::OK, "Sign in", body).respond())
}

fn key_form(org: OrgId) -> Markup {
    html! {
        details {
            summary { "Sign in with keys of your own" }
            form #key-sign-in method="post" action=(format!("/saml/{org}/keys")) {
                label { "API key" input name="api_key" type="password" autocomplete="off" required; }
                label { "Application key" input name="application_key" type="password" autocomplete="off" required; }
                button { "Sign in" }
            }
        }
    }
}

/// `GET /saml/{org}/start`: sends the browser to the identity provider.
pub(crate) async fn start(
    State(app): State<App>,
    id: PathId,
    query: QueryPairs,
    headers: HeaderMap,
    arrival: Arrival,
) -> Result<Response, ApiError> {
    admit(&app, &arrival)?;
    let return_to = return_path(&query)?;
    let browser = Cookie::SignIn.read(&app, &headers);
    let begun = match id.text().parse::<OrgId>() {
        Ok(org) => app.single_sign_on().begin(org, browser, &return_to).await,
        Err(_) => Err(Refusal::NotEnabled),
    };
    let Begun { browser, way } = match begun {
        Ok(begun) => begun,
        Err(refusal) => {
            tracing::warn!(
                reason = refusal.code(),
                "a sign-in could not begin: {}",
                chain(&refusal)
            );
            return Ok(refused(&refusal, &arrival));
        }
    };
    let cookie = Cookie::SignIn.set(&app, &browser.into(), Begun::WAITS_FOR)?;
    let response = match way {
        Way::Redirect(url) => redirect(&url)?,
        Way::Post(request) => {
            let body = html! {
                form #request method="post" action=(request.action()) {
                    @for (name, value) in request.fields() {
                        input type="hidden" name=(name) value=(value);
                    }
                    button { "Go on to your identity provider" }
                }
            };
            let page = Page::new(StatusCode::OK, "Sign in", body).submitted();
            page.posting_to(request.action()).respond()
        }
    };
    Ok(([cookie], response).into_response())
}

/// `POST /saml/{org}/acs`: takes what the identity provider says.
pub(crate) async fn consume(
    State(app): State<App>,
    id: PathId,
    arrival: Arrival,
    request: Request,
) -> Result<Response, ApiError> {
    admit(&app, &arrival)?;
    let headers = request.headers().clone();
    let form = Form::parse(&read(request, MAX_FORM_BYTES).await?)?;
    let posted = Posted {
        response: form.get("SAMLResponse")?.unwrap_or_default(),
        relay_state: form.get("RelayState")?,
        browser: Cookie::SignIn.read(&app, &headers),
    };
    let outcome = match id.text().parse::<OrgId>() {
        Ok(org) => app.single_sign_on().by_assertion(org, posted, &attempt(&arrival)).await,
        Err(_) => Err(Refusal::NotEnabled),
    };
    answer(&app, outcome, &arrival)
}

/// `POST /saml/{org}/keys`: signs a person in by their keys.
pub(crate) async fn by_keys(
    State(app): State<App>,
    id: PathId,
    arrival: Arrival,
    request: Request,
) -> Result<Response, ApiError> {
    admit(&app, &arrival)?;
    // Another site's form would sign somebody in as somebody else, unawares.
    if origin(&app, request.headers()) == Origin::Foreign {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "the form is another site's"));
    }
    let form = Form::parse(&read(request, MAX_KEYS_BYTES).await?)?;
    let keys = (
        form.get("api_key")?.unwrap_or_default().trim(),
        form.get("application_key")?.unwrap_or_default().trim(),
    );
    let outcome = match id.text().parse::<OrgId>() {
        Ok(org) => app.single_sign_on().by_keys(org, keys, &attempt(&arrival)).await,
        Err(_) => Err(Refusal::NotEnabled),
    };
    answer(&app, outcome, &arrival)
}

/// `GET /saml/{org}/metadata`: who we are to the organization's identity provider.
pub(crate) async fn metadata(State(app): State<App>, id: PathId) -> Result<Response, ApiError> {
    let org: OrgId = id.parse(ApiError::not_found)?;
    // The same for every id, so it tells nobody which organizations there are.
    let sp = app.single_sign_on().service_provider(org, false);
    let sp = sp.map_err(|error| ApiError::internal(&error))?;
    let kind = HeaderValue::from_static("application/samlmetadata+xml");
    Ok(([(header::CONTENT_TYPE, kind)], sp.metadata()).into_response())
}

/// How a request is known to the use case.
pub(crate) fn attempt(arrival: &Arrival) -> Attempt {
    Attempt {
        request_id: arrival.request_id.clone(),
        arrived_at: arrival.at,
        source: arrival.source,
    }
}

/// What arrived of somebody, for themselves to see.
pub(crate) fn arrived(told: &Told) -> Markup {
    html! {
        ul #arrived {
            @for (key, values) in &told.attributes {
                li { code { (key) } @for value in values { small { (value) } } }
            }
        }
    }
}

fn answer(
    app: &App,
    outcome: Result<SignedIn, Refusal>,
    arrival: &Arrival,
) -> Result<Response, ApiError> {
    match outcome {
        Ok(SignedIn { cookie, return_to }) => {
            let headers = [session_cookie(app, &cookie)?, Cookie::SignIn.clear(app)?];
            let mut response = redirect(return_to.as_str())?;
            for (name, value) in headers {
                response.headers_mut().append(name, value);
            }
            Ok(response)
        }
        Err(refusal) => Ok(refused(&refusal, arrival)),
    }
}

/// The header that has the browser hold its session.
pub(crate) fn session_cookie(
    app: &App,
    cookie: &SecretString,
) -> Result<(header::HeaderName, HeaderValue), ApiError> {
    let lasts = std::time::Duration::from_secs(app.config().saml.session_seconds);
    Cookie::Session.set(app, cookie, lasts)
}

/// Says nothing of why, but where it can be found.
fn refused(refusal: &Refusal, arrival: &Arrival) -> Response {
    let status = match refusal {
        Refusal::NotEnabled => StatusCode::NOT_FOUND,
        Refusal::Request(_) | Refusal::Metadata(_) => StatusCode::SERVICE_UNAVAILABLE,
        refusal if refusal.is_ours() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    if refusal.is_ours() {
        tracing::error!(error = %chain(refusal), "a sign-in failed for a reason of our own");
    }
    let body = html! {
        @match refusal {
            Refusal::NotEnabled => p { "Nobody signs in here. Check the address that you were given." },
            Refusal::Unmatched { told } => {
                p {
                    "Your identity provider has signed you in, but nothing that it says of you gives you a role here. \
                     Show this page to whoever manages access; these attributes arrived:"
                }
                (arrived(told))
            },
            _ => p { "You were not signed in. Whoever manages access finds the reason by this number:" },
        }
        p { "Reference: " code #reference { (arrival.request_id) } }
    };
    Page::new(status, "Not signed in", body).respond()
}

/// Each step of a sign-in costs something, and strangers can ask for it.
fn admit(app: &App, arrival: &Arrival) -> Result<(), ApiError> {
    app.sign_in_limit().admit(arrival.source).map_err(|wait| {
        ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sign-ins from your address; wait a moment",
        )
        .retry_after(wait)
    })
}

fn return_path(query: &QueryPairs) -> Result<ReturnPath, ApiError> {
    match query.get("return_to") {
        None => Ok(ReturnPath::default()),
        Some(text) => {
            let path = ReturnPath::parse(text);
            path.map_err(|error| ApiError::bad_request(error.to_string()).parameter("return_to"))
        }
    }
}

fn redirect(url: &str) -> Result<Response, ApiError> {
    let location = HeaderValue::from_str(url).map_err(|error| ApiError::internal(&error))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

/// A response of the largest size that is read, as base64 in a form.
const MAX_FORM_BYTES: usize = 2 * saml_sp::MAX_RESPONSE_BYTES;
/// Two keys.
const MAX_KEYS_BYTES: usize = 4_096;
