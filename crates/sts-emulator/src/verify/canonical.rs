//! The canonical request, the string to sign, and the signature over it.
//!
//! A signer may write its request as it likes; a verifier must canonicalise what arrived. That is why
//! this is our own: a signing library can only canonicalise what it is about to send.

use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use http::{HeaderMap, Request};

use super::{
    SignatureForm,
    claim::Claim,
    query::{encode, pairs},
    query_form::SIGNATURE,
};
use crate::error::StsError;

/// The signature that this secret gives for this request, in lower-case hexadecimal.
///
/// Fails as a mismatch where a header is said to be signed and is not there.
pub(super) fn signature(
    request: &Request<Bytes>,
    claim: &Claim,
    secret: &str,
) -> Result<String, StsError> {
    let canonical = canonical_request(request, claim)?;
    let Claim { date, scope_date, region, service, .. } = claim;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope_date}/{region}/{service}/aws4_request\n{}",
        sha256(&canonical)
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [scope_date.as_str(), region, service, "aws4_request"] {
        key = mac(&key, part.as_bytes());
    }
    Ok(hex(&mac(&key, to_sign.as_bytes())))
}

fn canonical_request(request: &Request<Bytes>, claim: &Claim) -> Result<Vec<u8>, StsError> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(request.method().as_str().as_bytes());
    out.push(b'\n');
    let path = request.uri().path();
    out.extend_from_slice(if path.is_empty() { b"/" } else { path.as_bytes() });
    out.push(b'\n');
    let query = request.uri().query().unwrap_or_default();
    out.extend_from_slice(canonical_query(query, claim.form).as_bytes());
    out.push(b'\n');
    for name in &claim.signed_headers {
        header(request.headers(), name, &mut out)?;
    }
    out.push(b'\n');
    out.extend_from_slice(claim.signed_headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(sha256(request.body()).as_bytes());
    Ok(out)
}

/// Encoded anew, sorted by encoded name and then value, without the signature where that is a parameter.
fn canonical_query(query: &str, form: SignatureForm) -> String {
    let mut encoded: Vec<(String, String)> = pairs(query.as_bytes())
        .into_iter()
        .filter(|(name, _)| form == SignatureForm::Header || name != SIGNATURE)
        .map(|(name, value)| {
            let mut pair = (String::new(), String::new());
            encode(&name, &mut pair.0);
            encode(&value, &mut pair.1);
            pair
        })
        .collect();
    encoded.sort_unstable();
    let joined: Vec<String> =
        encoded.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    joined.join("&")
}

/// `name:value\n`: values trimmed, runs of spaces made one, repeats joined with `,` as they arrived.
fn header(headers: &HeaderMap, name: &str, out: &mut Vec<u8>) -> Result<(), StsError> {
    let mut values = headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Err(StsError::mismatch());
    }
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    while let Some(value) = values.next() {
        let words = value.as_bytes().trim_ascii().split(|byte| *byte == b' ');
        let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).collect();
        out.extend_from_slice(&words.join(&b' '));
        if values.peek().is_some() {
            out.push(b',');
        }
    }
    out.push(b'\n');
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}
