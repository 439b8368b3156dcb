//! `GET /account`: who is signed in, what they hold and why; `POST /sign-out`.

use std::collections::BTreeSet;

use auth_model::{AuthnMapping, AuthnMappingId, AuthnTarget, SignInMethod, Timestamp};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use role_mapping::Attributes;
use single_sign_on::{CheckedSession, Outlook, Renewal, Told, outlook};

use super::sign_in::{arrived, attempt, session_cookie};
use crate::{
    App,
    cookies::{Cookie, Origin, origin},
    error::ApiError,
    middleware::Arrival,
    page::Page,
    wire,
};

/// `GET /account`
pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    arrival: Arrival,
) -> Result<Response, ApiError> {
    let Some(checked) = session(&app, &headers, &arrival, Renewal::IfDue).await? else {
        let body = html! { p { "You are not signed in here. Open the sign-in page of your organization." } };
        return Ok(Page::new(StatusCode::UNAUTHORIZED, "Not signed in", body).respond());
    };
    let told = app.single_sign_on().told(&checked.session)?;
    let body = account(&app, &checked, told.as_ref()).await?;
    let mut response = Page::new(StatusCode::OK, "Your account", body).respond();
    if let Some(cookie) = &checked.renewed {
        let (name, value) = session_cookie(&app, cookie)?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// `POST /sign-out`
pub(crate) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    arrival: Arrival,
) -> Result<Response, ApiError> {
    if origin(&app, &headers) == Origin::Foreign {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "the form is another site's"));
    }
    let place = match session(&app, &headers, &arrival, Renewal::IfDue).await? {
        Some(checked) => {
            let session = &checked.session;
            app.single_sign_on().end(session, &attempt(&arrival)).await?;
            format!("/saml/{}", session.org)
        }
        None => "/account".to_owned(),
    };
    let place = HeaderValue::from_str(&place).map_err(|error| ApiError::internal(&error))?;
    let cookie = Cookie::Session.clear(&app)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place), cookie]).into_response())
}

/// The session that a request brings, if it is in force.
pub(crate) async fn session(
    app: &App,
    headers: &HeaderMap,
    arrival: &Arrival,
    renewal: Renewal,
) -> Result<Option<CheckedSession>, ApiError> {
    match Cookie::Session.read(app, headers) {
        Some(cookie) => Ok(app.single_sign_on().check(cookie, renewal, &attempt(arrival)).await?),
        None => Ok(None),
    }
}

async fn account(
    app: &App,
    checked: &CheckedSession,
    told: Option<&Told>,
) -> Result<Markup, ApiError> {
    let CheckedSession { session, authority, .. } = checked;
    let user = &authority.user;
    let store = app.store();
    let why = match told {
        Some(told) => {
            let attributes = Attributes::collect(told.pairs());
            let attributes = attributes.map_err(|error| ApiError::internal(&error))?;
            Some(outlook(store, user.org, Some(user), &attributes).await?)
        }
        None => None,
    };
    let roles = store.roles_by_ids(user.org, &user.roles).await?;
    let mut teams = Vec::new();
    for member in store.memberships(user.org, user.id).await? {
        teams.extend(store.team(user.org, member.team).await?.map(|found| found.team));
    }
    Ok(html! {
        dl {
            dt { "User" } dd #user { (user.email) }
            @if !user.name.is_empty() { dt { "Name" } dd { (user.name) } }
            dt { "Organization" } dd #organization { (authority.organization.name) }
            dt { "Signed in by" } dd { (by(session.method)) }
            dt { "Session ends" } dd { (minute(session.expires_at)) }
        }
        h2 { "Roles" }
        @if roles.is_empty() { p { "None." } }
        ul #roles {
            @for role in &roles {
                li data-role=(role.id) { (role.name) (reasons(why.as_ref(), AuthnTarget::Role(role.id))) }
            }
        }
        @if !teams.is_empty() {
            h2 { "Teams" }
            ul #teams {
                @for team in &teams {
                    li data-team=(team.id) { (team.name) (reasons(why.as_ref(), AuthnTarget::Team(team.id))) }
                }
            }
        }
        @if let Some(told) = told {
            h2 { "What your identity provider says of you" }
            (arrived(told))
        }
        form #sign-out method="post" action="/sign-out" { p { button { "Sign out" } } }
    })
}

fn by(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::Saml => "your identity provider",
        SignInMethod::Keys => "your keys",
    }
}

/// Such as `2026-11-27 07:12 UTC`.
fn minute(at: Timestamp) -> String {
    let text = wire::offset(at).replace('T', " ");
    format!("{} UTC", text.get(..16).unwrap_or(&text))
}

/// Which attributes lead to a role or team.
fn reasons(why: Option<&Outlook>, target: AuthnTarget) -> Markup {
    let mappings = match why {
        Some(outlook) => {
            let ids: BTreeSet<AuthnMappingId> = outlook.difference.then().reasons(target).collect();
            outlook.mappings.iter().filter(|mapping| ids.contains(&mapping.id)).collect()
        }
        None => Vec::<&AuthnMapping>::new(),
    };
    html! {
        @for mapping in mappings {
            small { "by " code { (mapping.key) } " = " code { (mapping.value) } }
        }
    }
}
