//! The outer form: four parts, three of them base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{MAX_PROOF_BYTES, Part, ProofError, ProofKind};

/// The two parts that differ from proof to proof, decoded.
pub(super) struct Envelope {
    pub(super) headers: Vec<u8>,
    pub(super) url: Vec<u8>,
}

impl Envelope {
    pub(super) fn open(text: &[u8]) -> Result<Self, ProofError> {
        if text.len() > MAX_PROOF_BYTES {
            return Err(ProofError::TooLong { part: Part::Proof, max_bytes: MAX_PROOF_BYTES });
        }
        let fields = four_parts(text).ok_or_else(|| not_four_parts(text))?;
        // Counted only where something is wrong: then too many separators are the likelier cause.
        Self::read(fields).map_err(|error| match separators(text) {
            3 => error,
            _ => not_four_parts(text),
        })
    }

    fn read([body, headers, method, url]: [&[u8]; 4]) -> Result<Self, ProofError> {
        if body != BODY_BASE64 {
            // Decoded only to say which of the two is wrong.
            return Err(match decode(body, Part::Body) {
                Ok(_) => ProofError::Body,
                Err(error) => error,
            });
        }
        if method != b"POST" {
            return Err(ProofError::Method);
        }
        if url.len() > MAX_URL_BYTES {
            return Err(ProofError::TooLong { part: Part::Url, max_bytes: MAX_URL_BYTES });
        }
        Ok(Self { headers: decode(headers, Part::Headers)?, url: decode(url, Part::Url)? })
    }
}

/// Cut from both ends, where the short parts are: the long one is then only read to be decoded, and a separator in
/// it is no base64.
fn four_parts(text: &[u8]) -> Option<[&[u8]; 4]> {
    let (rest, url) = cut_last(text)?;
    let (rest, method) = cut_last(rest)?;
    let separator = rest.iter().position(|b| *b == b'|')?;
    let (body, headers) = rest.split_at_checked(separator)?;
    let headers = headers.get(1..)?;
    Some([body, headers, method, url])
}

fn cut_last(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, after) = text.split_at_checked(text.iter().rposition(|b| *b == b'|')?)?;
    Some((before, after.get(1..)?))
}

/// Standard alphabet, padded, and no stray bits: each text has one spelling.
fn decode(text: &[u8], part: Part) -> Result<Vec<u8>, ProofError> {
    STANDARD.decode(text).map_err(|_| ProofError::Base64 { part })
}

fn not_four_parts(text: &[u8]) -> ProofError {
    match (separators(text), other_kind(text)) {
        (0, Some(kind)) => ProofError::OtherKind(kind),
        (count, _) => ProofError::Parts { parts: count + 1 },
    }
}

fn separators(text: &[u8]) -> usize {
    text.iter().filter(|b| **b == b'|').count()
}

/// The kinds that clients of other clouds send; told apart by their form only.
fn other_kind(text: &[u8]) -> Option<ProofKind> {
    if text.starts_with(b"oidc-") {
        return Some(ProofKind::Oidc);
    }
    let mut halves = text.rsplitn(2, |b| *b == b':');
    match (halves.next(), halves.next()) {
        (Some(jwt), None) if is_jwt(jwt) => Some(ProofKind::Jwt),
        (Some(_), Some(jwt)) if is_jwt(jwt) => Some(ProofKind::AzureJwt),
        _ => None,
    }
}

/// Three base64url parts (RFC 7515 §3.1).
fn is_jwt(text: &[u8]) -> bool {
    let base64url = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let part = |part: &[u8]| !part.is_empty() && part.iter().all(base64url);
    text.split(|b| *b == b'.').count() == 3 && text.split(|b| *b == b'.').all(part)
}

/// Base64 of [`BODY`](crate::BODY); canonical base64 has one spelling, so that the texts may be compared.
pub(crate) const BODY_BASE64: &[u8] =
    b"QWN0aW9uPUdldENhbGxlcklkZW50aXR5JlZlcnNpb249MjAxMS0wNi0xNQ==";

/// Of the encoded URL: more than a host name can need.
const MAX_URL_BYTES: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BODY;

    #[test]
    fn the_encoded_body_is_the_body() {
        assert_eq!(STANDARD.encode(BODY).as_bytes(), BODY_BASE64);
    }
}
