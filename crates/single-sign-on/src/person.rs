//! Who an assertion is about, in our terms: an e-mail address, and perhaps a name.

use auth_model::{email_address, is_hidden};
use saml_sp::VerifiedAssertion;

use crate::Refusal;

/// Whom an assertion is about.
pub(crate) struct Person {
    /// In lower case.
    pub(crate) email: String,
    /// If the identity provider sends one that can be shown.
    pub(crate) name: Option<String>,
}

impl Person {
    /// The e-mail address is in the attribute that the organization names, which then must have exactly one value, or is the NameID.
    pub(crate) fn of(
        assertion: &VerifiedAssertion,
        email_attribute: Option<&str>,
    ) -> Result<Self, Refusal> {
        let (place, text) = match email_attribute {
            None => ("the NameID".to_owned(), Some(assertion.name_id().value.as_str())),
            Some(name) => {
                let values: Vec<&str> = values(assertion, name).collect();
                (format!("attribute `{name}` with one value"), only(&values))
            }
        };
        let Some(text) = text else { return Err(Refusal::NoEmail { place }) };
        let email = email_address(text).map_err(|error| Refusal::Email { place, error })?;
        Ok(Self { email, name: name(assertion) })
    }

    /// The part after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.email.split_once('@').map_or("", |(_, domain)| domain)
    }
}

/// As most identity providers send it: whole, or in two parts.
fn name(assertion: &VerifiedAssertion) -> Option<String> {
    let one = |names: &[&str]| {
        names.iter().find_map(|name| values(assertion, name).find(|value| fits(value)))
    };
    if let Some(whole) = one(WHOLE_NAME) {
        return Some(whole.to_owned());
    }
    let name = format!("{} {}", one(GIVEN_NAME)?, one(SURNAME)?);
    fits(&name).then_some(name)
}

fn values<'a>(assertion: &'a VerifiedAssertion, name: &str) -> impl Iterator<Item = &'a str> {
    assertion.attribute_pairs().filter(move |(key, _)| *key == name).map(|(_, value)| value)
}

fn only<'a>(values: &[&'a str]) -> Option<&'a str> {
    match values {
        [value] => Some(value),
        _ => None,
    }
}

/// Whether a name can be kept and shown.
fn fits(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= MAX_NAME && !name.contains(is_hidden)
}

/// As long as a name may be that is given through the API.
const MAX_NAME: usize = 255;
/// RFC 2798 `displayName`: by its short name, by the names of the MACE directory profiles, and as Microsoft's providers send it.
const WHOLE_NAME: &[&str] = &[
    "displayName",
    "urn:mace:dir:attribute-def:displayName",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
];
/// RFC 4519 `givenName`.
const GIVEN_NAME: &[&str] = &[
    "givenName",
    "urn:mace:dir:attribute-def:givenName",
    "urn:oid:2.5.4.42",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
];
/// RFC 4519 `sn`.
const SURNAME: &[&str] =
    &["sn", "urn:oid:2.5.4.4", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"];
