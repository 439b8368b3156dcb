//! The first half of a sign-in: the browser is sent to the identity provider.

use std::time::Duration;

use auth_model::{OrgId, SignInRequest};
use saml_sp::{Binding, PostRequest, RelayState, RelayStateError};
use token_issuer::hash_key;

use crate::{
    Refusal, ReturnPath, SingleSignOn,
    secret::{is_random_text, random_text},
    use_case::Enabled,
};

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// For the browser to keep, in a cookie, for [`Begun::WAITS_FOR`]: the answer is taken from the same browser only.
    pub browser: String,
    /// How the browser gets to the identity provider.
    pub way: Way,
}

impl Begun {
    /// How long an answer is waited for: people look for their second factor.
    pub const WAITS_FOR: Duration = Duration::from_secs(600);
}

/// How a browser gets to the identity provider.
#[derive(Debug)]
pub enum Way {
    /// To this URL.
    Redirect(String),
    /// By posting this form.
    Post(PostRequest),
}

impl SingleSignOn {
    /// Makes a request, keeps its id for the browser, and says where to send it. A browser that signs in twice at once, in two
    /// windows, keeps the secret that it has.
    pub async fn begin(
        &self,
        org: OrgId,
        browser: Option<&str>,
        return_to: &ReturnPath,
    ) -> Result<Begun, Refusal> {
        let enabled = self.enabled(org).await?;
        let randomness = self.parts.randomness.as_ref();
        let browser = match browser.filter(|text| is_random_text(text)) {
            Some(known) => known.to_owned(),
            None => random_text(randomness)?,
        };
        let handle = random_text(randomness)?;
        let (request_id, way) = self.request(&enabled, &handle)?;
        let request = SignInRequest {
            org,
            handle: hash_key(&handle),
            browser: hash_key(&browser),
            request_id,
            return_to: return_to.as_str().to_owned(),
            expires_at: self.now().plus(Begun::WAITS_FOR),
        };
        self.parts.store.insert_sign_in_request(&request).await?;
        Ok(Begun { browser, way })
    }

    /// By redirect where the identity provider takes that: it needs no script in the browser.
    fn request(&self, enabled: &Enabled, handle: &str) -> Result<(String, Way), Refusal> {
        let Enabled { idp, sp, .. } = enabled;
        let handle =
            RelayState::parse(handle).map_err(|RelayStateError| Refusal::UnknownRequest)?;
        let (clock, randomness) = (self.parts.clock.as_ref(), self.parts.randomness.as_ref());
        if idp.endpoint(Binding::Redirect).is_some() {
            let request = sp.redirect_request(idp, &handle, clock, randomness)?;
            return Ok((request.id().to_owned(), Way::Redirect(request.url().to_owned())));
        }
        let request = sp.post_request(idp, &handle, clock, randomness)?;
        Ok((request.id().to_owned(), Way::Post(request)))
    }
}
