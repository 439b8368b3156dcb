//! The signed request's `Authorization`: one strict reader of AWS Signature Version 4's header form.

use super::Name;
use crate::{ProofError, error::shown};

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, taken apart.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: Box<str>,
    pub(crate) scope_date: Box<str>,
    pub(crate) scope_region: Box<str>,
    pub(crate) signed: SignedHeaders,
    pub(crate) signature: Box<str>,
}

impl Authorization {
    pub(super) fn parse(text: &str) -> Result<Self, ProofError> {
        let text = text
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .ok_or_else(|| wrong("the algorithm", "`AWS4-HMAC-SHA256`"))?;
        let mut fields = text.split(',');
        let (Some(credential), Some(signed), Some(signature), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong("the field list", "of exactly three fields"));
        };
        let credential = credential
            .strip_prefix("Credential=")
            .ok_or_else(|| wrong("the first field", "`Credential=…`"))?;
        let signed = after_comma(signed)
            .strip_prefix("SignedHeaders=")
            .ok_or_else(|| wrong("the second field", "`SignedHeaders=…`"))?;
        let signature = after_comma(signature)
            .strip_prefix("Signature=")
            .ok_or_else(|| wrong("the third field", "`Signature=…`"))?;
        if signature.len() != 64 || !signature.bytes().all(is_lower_hex) {
            return Err(wrong("the signature", "64 lower-case hexadecimal digits"));
        }
        let (access_key_id, scope_date, scope_region) = credential_fields(credential)?;
        Ok(Self {
            access_key_id: access_key_id.into(),
            scope_date: scope_date.into(),
            scope_region: scope_region.into(),
            signed: SignedHeaders::parse(signed)?,
            signature: signature.into(),
        })
    }

    /// The header's text, written anew.
    pub(crate) fn print(&self) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{}/{}/sts/aws4_request, SignedHeaders={}, Signature={}",
            self.access_key_id, self.scope_date, self.scope_region, self.signed, self.signature
        )
    }
}

/// Access key id, scope date, scope region.
fn credential_fields(text: &str) -> Result<(&str, &str, &str), ProofError> {
    let mut fields = text.split('/');
    let (Some(key), Some(date), Some(region), Some(service), Some(end), None) =
        (fields.next(), fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(wrong("the credential", "`<access key id>/<date>/<region>/sts/aws4_request`"));
    };
    if !(16..=128).contains(&key.len())
        || !key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        return Err(wrong("the access key id", "16 to 128 of `A-Z` and `0-9`"));
    }
    if date.len() != 8 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("the date of the scope", "8 digits, such as `20260805`"));
    }
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=63).contains(&region.len()) || !region.bytes().all(legal) {
        return Err(wrong("the region of the scope", "a region such as `eu-west-1`"));
    }
    if service != "sts" {
        return Err(wrong("the service of the scope", "`sts`"));
    }
    if end != "aws4_request" {
        return Err(wrong("the end of the scope", "`aws4_request`"));
    }
    Ok((key, date, region))
}

/// Signers separate the fields by a comma, most of them by a space too.
fn after_comma(field: &str) -> &str {
    field.strip_prefix(' ').unwrap_or(field)
}

fn is_lower_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

fn wrong(field: &'static str, expected: &'static str) -> ProofError {
    ProofError::Authorization { field, expected }
}

/// Which headers the signature covers: a set, because the list must be sorted and have no repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedHeaders(u8);

impl SignedHeaders {
    /// The headers that can be signed, sorted as the list must be.
    const NAMES: [Name; 6] = [
        Name::ContentLength,
        Name::ContentType,
        Name::Host,
        Name::Date,
        Name::SecurityToken,
        Name::OrgId,
    ];

    fn parse(text: &str) -> Result<Self, ProofError> {
        let mut bits = 0;
        let mut rest = Self::NAMES.iter().enumerate();
        for name in text.split(';') {
            // The search goes on from the last hit, so that a repeat or a wrong order is not found.
            let Some((place, _)) = rest.find(|(_, known)| known.as_str() == name) else {
                return Err(Self::explain(name));
            };
            bits |= 1 << place;
        }
        Ok(Self(bits))
    }

    fn explain(name: &str) -> ProofError {
        if Self::NAMES.iter().any(|known| known.as_str() == name) {
            wrong("the list of signed headers", "sorted and without repeats")
        } else if Self::NAMES.iter().any(|known| known.as_str().eq_ignore_ascii_case(name)) {
            wrong("the list of signed headers", "in lower case")
        } else {
            ProofError::UnknownHeader { name: shown(name) }
        }
    }

    pub(crate) fn contains(self, name: Name) -> bool {
        Self::NAMES
            .iter()
            .enumerate()
            .any(|(place, known)| *known == name && self.0 & (1 << place) != 0)
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }
}

impl std::fmt::Display for SignedHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        for name in Self::NAMES.into_iter().filter(|name| self.contains(*name)) {
            write!(f, "{separator}{}", name.as_str())?;
            separator = ";";
        }
        Ok(())
    }
}
