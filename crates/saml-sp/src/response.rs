//! A response, from what a browser posts to what an identity provider vouches for.

use auth_model::Timestamp;
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{
    Attribute, IdentityProvider, MAX_RESPONSE_BYTES, Refusal, ServiceProvider, VerifiedAssertion,
    xml::{self, Markup, Node},
};

mod conditions;
mod read;
mod signature;
mod structure;

/// A response as it came. Nothing in it is true until [`Self::verify`] says so.
#[derive(Clone)]
pub struct UnverifiedResponse {
    xml: String,
    issuer: Option<String>,
    in_response_to: Option<String>,
}

/// What a response has to be an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'a> {
    /// The request with this id, which the caller keeps for the browser that sends the response, and forgets now.
    ReplyTo(&'a str),
    /// No request: the identity provider started it. Refused unless the settings allow it.
    Unsolicited,
}

impl UnverifiedResponse {
    /// From the form field `SAMLResponse`.
    pub fn from_form(field: &str) -> Result<Self, Refusal> {
        // Base64 makes 4 of 3; line breaks are allowed for.
        if field.len() > MAX_RESPONSE_BYTES / 3 * 4 + MAX_RESPONSE_BYTES / 16 {
            return Err(Refusal::TooLong);
        }
        let bare: Vec<u8> = field.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let bytes = BASE64.decode(bare).map_err(|_| Refusal::NotBase64)?;
        Self::from_xml(&bytes)
    }

    /// From the bytes of the XML.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_RESPONSE_BYTES {
            return Err(Refusal::TooLong);
        }
        let xml = xml::utf8(bytes).map_err(Refusal::Xml)?;
        let document = xml::parse(xml, Markup::Strict).map_err(Refusal::Xml)?;
        let response = structure::response(&document)?;
        let issuer = structure::issuer(response).and_then(Node::token);
        let in_response_to = response.attribute("InResponseTo").map(str::to_owned);
        Ok(Self { xml: xml.to_owned(), issuer, in_response_to })
    }

    /// The request that it claims to answer: only to look up what was asked. Anybody may have written it.
    #[must_use]
    pub fn unverified_in_response_to(&self) -> Option<&str> {
        self.in_response_to.as_deref()
    }

    /// Who it claims to be from: only to look up the identity provider. Anybody may have written it.
    #[must_use]
    pub fn unverified_issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The attributes that it claims. Anybody may have written them: for an administrator who looks at a response that was pasted,
    /// and for nothing that gives anybody anything.
    pub fn unverified_attributes(&self) -> Result<Vec<Attribute>, Refusal> {
        let document = xml::parse(&self.xml, Markup::Strict).map_err(Refusal::Xml)?;
        read::attributes(structure::parts(&document)?.assertion)
    }

    /// Checks form, signatures, addressee, times and request, in this order, and reads what was verified.
    ///
    /// It can not know whether the assertion was used before: that is the caller's to check, see [`VerifiedAssertion::id`].
    pub fn verify(
        &self,
        sp: &ServiceProvider,
        idp: &IdentityProvider,
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<VerifiedAssertion, Refusal> {
        if idp.valid_until().is_some_and(|end| end <= now) {
            return Err(Refusal::MetadataExpired);
        }
        let document = xml::parse(&self.xml, Markup::Strict).map_err(Refusal::Xml)?;
        let parts = structure::parts(&document)?;
        let signatures = signature::verify(&document, &self.xml, parts, sp, idp)?;
        let checked = conditions::check(parts, sp, idp, expected, now)?;
        read::assertion(parts, &checked, signatures)
    }
}

impl std::fmt::Debug for UnverifiedResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnverifiedResponse").field("bytes", &self.xml.len()).finish_non_exhaustive()
    }
}

/// Some providers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
