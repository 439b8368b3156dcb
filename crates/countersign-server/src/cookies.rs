//! Cookies: reading one of ours, and setting it so that no script, no other site and no plain connection has it.

use std::time::Duration;

use auth_model::{ExposeSecret, SecretString};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{App, error::ApiError};

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Holds a session. Other sites' links bring it along, other sites' forms do not.
    Session,
    /// Ties a sign-in to the browser that began it. It has to come along when the identity provider, another site, posts its answer.
    /// Without TLS browsers don't let a cookie say so; where it says nothing, they still bring it for a minute or two.
    SignIn,
}

impl Cookie {
    /// With TLS, the prefix makes browsers refuse the cookie from whoever is not this very host.
    fn name(self, app: &App) -> &'static str {
        match (self, is_https(app)) {
            (Self::Session, true) => "__Host-countersign_session",
            (Self::Session, false) => "countersign_session",
            (Self::SignIn, true) => "__Host-countersign_sign_in",
            (Self::SignIn, false) => "countersign_sign_in",
        }
    }

    /// What the browser holds of it; of several the first.
    pub(crate) fn read<'h>(self, app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
        let name = self.name(app);
        let lines =
            headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
    }

    /// The header that has the browser hold it for a time.
    pub(crate) fn set(
        self,
        app: &App,
        value: &SecretString,
        lasts: Duration,
    ) -> Result<(HeaderName, HeaderValue), ApiError> {
        self.header(app, value.expose_secret(), lasts)
    }

    /// The header that has the browser forget it.
    pub(crate) fn clear(self, app: &App) -> Result<(HeaderName, HeaderValue), ApiError> {
        self.header(app, "", Duration::ZERO)
    }

    fn header(
        self,
        app: &App,
        value: &str,
        lasts: Duration,
    ) -> Result<(HeaderName, HeaderValue), ApiError> {
        let guard = match (self, is_https(app)) {
            (Self::Session, true) => "; SameSite=Lax; Secure",
            (Self::SignIn, true) => "; SameSite=None; Secure",
            (Self::Session, false) => "; SameSite=Lax",
            (Self::SignIn, false) => "",
        };
        let text = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly{guard}",
            self.name(app),
            lasts.as_secs()
        );
        let mut value = HeaderValue::from_str(&text).map_err(|error| ApiError::internal(&error))?;
        value.set_sensitive(true);
        Ok((header::SET_COOKIE, value))
    }
}

/// Whether a request comes from a page of ours, as far as the browser says.
pub(crate) fn origin(app: &App, headers: &HeaderMap) -> Origin {
    match headers.get(header::ORIGIN) {
        None => Origin::Unsaid,
        Some(origin) if origin.as_bytes() == app.config().issuer().as_bytes() => Origin::Ours,
        Some(_) => Origin::Foreign,
    }
}

/// Which site's page a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// One of ours.
    Ours,
    /// Another site's: a form somewhere on the web.
    Foreign,
    /// The browser does not say, or it is none.
    Unsaid,
}

fn is_https(app: &App) -> bool {
    app.config().issuer().starts_with("https://")
}
