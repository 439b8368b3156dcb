//! Asking an identity provider to sign somebody in. Sources: SAML core, section 3.4.1; SAML bindings, sections 3.4, 3.5.

use std::fmt::Write as _;

use auth_model::{Clock, Randomness, RandomnessError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_dsig::{DsigContext, sign};
use bergshamra_keys::KeysManager;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Binding, IdentityProvider, KeyError, RelayState, ServiceProvider, SigningKey, instant, names,
    xml::escape,
};

/// A request in the query of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectRequest {
    id: String,
    url: String,
}

impl RedirectRequest {
    /// To be remembered, once, for the response that answers it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where to send the browser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A request in a form that the browser posts at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRequest {
    id: String,
    action: String,
    fields: [(&'static str, String); 2],
}

impl PostRequest {
    /// To be remembered, once, for the response that answers it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The form's `action`. No quotes and no angle brackets; an `&` may need escaping.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The form's hidden fields. Their values need no escaping in HTML.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Why no request could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The identity provider does not take requests this way.
    #[error("the identity provider has no single sign-on service with this binding")]
    NoEndpoint,
    /// It takes signed requests only, and we have no key.
    #[error("the identity provider wants signed requests, and no signing key is configured")]
    KeyNeeded,
    /// Signing failed.
    #[error("the request could not be signed")]
    Signing,
    /// The clock shows a year that can not be written.
    #[error("the clock is outside the calendar")]
    Clock,
    /// No random bytes for the id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl From<KeyError> for RequestError {
    fn from(_: KeyError) -> Self {
        Self::Signing
    }
}

impl ServiceProvider {
    /// A request by HTTP-Redirect; signed if there is a key.
    pub fn redirect_request(
        &self,
        idp: &IdentityProvider,
        relay_state: &RelayState,
        clock: &dyn Clock,
        randomness: &dyn Randomness,
    ) -> Result<RedirectRequest, RequestError> {
        let (location, key) = self.way(idp, Binding::Redirect)?;
        let id = new_id(randomness)?;
        let xml = self.authn_request(&id, location, clock, "")?;
        let deflated = miniz_oxide::deflate::compress_to_vec(xml.as_bytes(), 6);
        let mut query = format!(
            "SAMLRequest={}&RelayState={}",
            url_encode(&STANDARD.encode(deflated)),
            url_encode(relay_state.as_str())
        );
        if let Some(key) = key {
            let _ = write!(query, "&SigAlg={}", url_encode(names::RSA_SHA256));
            let signature = STANDARD.encode(key.sign(query.as_bytes())?);
            let _ = write!(query, "&Signature={}", url_encode(&signature));
        }
        let joint = if location.contains('?') { '&' } else { '?' };
        Ok(RedirectRequest { id, url: format!("{location}{joint}{query}") })
    }

    /// A request by HTTP-POST; signed inside if there is a key.
    pub fn post_request(
        &self,
        idp: &IdentityProvider,
        relay_state: &RelayState,
        clock: &dyn Clock,
        randomness: &dyn Randomness,
    ) -> Result<PostRequest, RequestError> {
        let (location, key) = self.way(idp, Binding::Post)?;
        let id = new_id(randomness)?;
        let xml = match key {
            None => self.authn_request(&id, location, clock, "")?,
            Some(key) => {
                let template = signature_template(&id, key);
                enveloped(&self.authn_request(&id, location, clock, &template)?, key)?
            }
        };
        let fields = [
            ("SAMLRequest", STANDARD.encode(xml)),
            ("RelayState", relay_state.as_str().to_owned()),
        ];
        Ok(PostRequest { id, action: location.to_owned(), fields })
    }

    fn way<'a>(
        &'a self,
        idp: &'a IdentityProvider,
        binding: Binding,
    ) -> Result<(&'a str, Option<&'a SigningKey>), RequestError> {
        let location = idp.endpoint(binding).ok_or(RequestError::NoEndpoint)?;
        let key = self.settings.signing_key.as_deref();
        if key.is_none() && idp.wants_signed_requests() {
            return Err(RequestError::KeyNeeded);
        }
        Ok((location, key))
    }

    fn authn_request(
        &self,
        id: &str,
        destination: &str,
        clock: &dyn Clock,
        signature: &str,
    ) -> Result<String, RequestError> {
        let issued = instant::format(clock.now()).ok_or(RequestError::Clock)?;
        let format = match self.settings.name_id_formats.first() {
            Some(format) => format!(" Format=\"{}\"", escape(format)),
            None => String::new(),
        };
        Ok(format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{samlp}\" xmlns:saml=\"{saml}\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{issued}\" Destination=\"{destination}\" ProtocolBinding=\"{post}\" \
             AssertionConsumerServiceURL=\"{acs}\"><saml:Issuer>{issuer}</saml:Issuer>{signature}\
             <samlp:NameIDPolicy{format} AllowCreate=\"true\"/></samlp:AuthnRequest>",
            samlp = names::SAMLP,
            saml = names::SAML,
            destination = escape(destination),
            post = names::POST,
            acs = escape(&self.settings.acs_url),
            issuer = escape(&self.settings.entity_id),
        ))
    }
}

/// 128 random bits. An XML id may not begin with a digit.
fn new_id(randomness: &dyn Randomness) -> Result<String, RandomnessError> {
    let mut random = [0; 16];
    randomness.fill(&mut random)?;
    Ok(format!("_{:032x}", u128::from_be_bytes(random)))
}

fn url_encode(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, ESCAPED)
}

fn signature_template(id: &str, key: &SigningKey) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"{ds}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{c14n}\"/>\
         <ds:SignatureMethod Algorithm=\"{rsa}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{enveloped}\"/><ds:Transform Algorithm=\"{c14n}\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{sha}\"/><ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>\
         <ds:SignatureValue></ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
        ds = names::DS,
        c14n = names::EXC_C14N,
        rsa = names::RSA_SHA256,
        enveloped = names::ENVELOPED,
        sha = names::SHA256,
        certificate = key.certificate(),
    )
}

fn enveloped(template: &str, key: &SigningKey) -> Result<String, RequestError> {
    let mut keys = KeysManager::new();
    keys.add_key(key.key().clone());
    sign::sign(&DsigContext::new(keys), template).map_err(|_| RequestError::Signing)
}

/// RFC 3986 "unreserved" stays; everything else is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
