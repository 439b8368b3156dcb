//! Verification of AWS Signature Version 4 as a pure function: request, time and keys in, verdict out.
//!
//! * **Source**: "AWS Signature Version 4 for API requests", AWS IAM User Guide.
//! * **Forms**: the `Authorization` header, and the pre-signed query string, each with GET or POST.
//! * **Order**: presence, syntax, scope, time, key, session token, signature. The real order is not
//!   documented; a request with two faults may be answered differently by the real service.
//! * **Cost**: linear in the request, six SHA-256 HMACs.

mod canonical;
mod claim;
mod header_form;
mod key;
mod query;
mod query_form;

use std::time::Duration;

use arn_pattern::Partition;
use auth_model::{ExposeSecret, Timestamp};
use bytes::Bytes;
use http::Request;

use crate::{endpoint::Endpoint, error::StsError, instant};

pub(crate) use claim::Claim;
pub use claim::SignatureForm;
pub use key::{AccessKey, KeyLookup};
pub(crate) use query::pairs;

/// How strictly a signature is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// How far the signing time may be from now, either way. Fifteen minutes.
    pub window: Duration,
    /// Whether every `x-amz-*` header must be signed. AWS states the rule; how strictly STS keeps it
    /// is not known. On.
    pub require_signed_amz_headers: bool,
    /// Whether the message about a wrong region names that region, as older answers did. Off.
    pub name_wrong_region: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(15 * 60),
            require_signed_amz_headers: true,
            name_wrong_region: false,
        }
    }
}

/// What is known once a signature has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The access key that signed.
    pub access_key_id: String,
    /// When it signed, to the second.
    pub signed_at: Timestamp,
    /// The region of the credential scope.
    pub region: String,
    /// That region's partition.
    pub partition: Partition,
    /// The names under the signature, sorted.
    pub signed_headers: Vec<String>,
    /// Where the signature stood.
    pub form: SignatureForm,
}

/// Verifies the signature of `request`, as it was received by `endpoint` at `now`.
///
/// # Errors
/// The answer that STS would give: see [`StsError`].
pub fn verify(
    request: &Request<Bytes>,
    endpoint: &Endpoint,
    policy: &Policy,
    now: Timestamp,
    keys: &dyn KeyLookup,
) -> Result<Verified, StsError> {
    let claim = Claim::read(request)?;
    let signed_at = signing_time(&claim)?;
    let partition = scope(&claim, endpoint, policy)?;
    if now.since(signed_at) > policy.window {
        return Err(StsError::expired_signature(signed_at, now, policy.window));
    }
    if signed_at.since(now) > policy.window {
        return Err(StsError::early_signature(signed_at, now, policy.window));
    }
    coverage(request, &claim, policy)?;
    let key = keys.find(&claim.access_key_id).ok_or_else(StsError::invalid_token)?;
    credentials(&key, &claim, partition, now)?;
    let expected = canonical::signature(request, &claim, key.secret.expose_secret())?;
    equal(expected.as_bytes(), claim.signature.as_bytes())
        .then_some(Verified {
            access_key_id: claim.access_key_id,
            signed_at,
            region: claim.region,
            partition,
            signed_headers: claim.signed_headers,
            form: claim.form,
        })
        .ok_or_else(StsError::mismatch)
}

fn signing_time(claim: &Claim) -> Result<Timestamp, StsError> {
    let time = instant::parse_basic(&claim.date).ok_or_else(|| {
        StsError::incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
            claim.date
        ))
    })?;
    if !claim.date.starts_with(&claim.scope_date) || claim.scope_date.len() != 8 {
        let day: String = claim.date.chars().take(8).collect();
        return Err(StsError::unfit(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{}' != '{day}', from '{}'.",
            claim.scope_date, claim.date
        )));
    }
    Ok(time)
}

/// Terminator, service and region of the credential scope; gives the region's partition.
fn scope(claim: &Claim, endpoint: &Endpoint, policy: &Policy) -> Result<Partition, StsError> {
    if claim.terminator != "aws4_request" {
        return Err(StsError::unfit(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'. ",
            claim.terminator
        )));
    }
    if claim.service != "sts" {
        return Err(StsError::unfit("Credential should be scoped to correct service: 'sts'. "));
    }
    endpoint.accepts(&claim.region).ok_or_else(|| {
        StsError::unfit(if policy.name_wrong_region {
            format!("Credential should be scoped to a valid region, not '{}'. ", claim.region)
        } else {
            "Credential should be scoped to a valid region. ".to_owned()
        })
    })
}

/// The signed header list: lower case, sorted, unique, with `host` and what else must be covered.
fn coverage(request: &Request<Bytes>, claim: &Claim, policy: &Policy) -> Result<(), StsError> {
    let signed = &claim.signed_headers;
    if !signed.iter().any(|name| name == "host") {
        return Err(StsError::unfit(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    let sorted = signed.windows(2).all(|pair| match pair {
        [first, second] => first < second,
        _ => false,
    });
    let lower = signed.iter().all(|name| !name.bytes().any(|byte| byte.is_ascii_uppercase()));
    // The token must be covered whatever the policy says: it decides who the caller is.
    let covered = request.headers().keys().map(http::HeaderName::as_str).all(|name| {
        let must = name == "x-amz-security-token"
            || policy.require_signed_amz_headers && name.starts_with("x-amz-");
        !must || signed.iter().any(|other| other == name)
    });
    if sorted && lower && covered { Ok(()) } else { Err(StsError::mismatch()) }
}

/// Whether the key may be used here and now with this session token.
fn credentials(
    key: &AccessKey,
    claim: &Claim,
    partition: Partition,
    now: Timestamp,
) -> Result<(), StsError> {
    let token = match (&key.session_token, &claim.session_token) {
        (None, None) => true,
        (Some(own), Some(sent)) => equal(own.expose_secret().as_bytes(), sent.as_bytes()),
        _ => false,
    };
    if !key.active || key.partition != partition || !token {
        return Err(StsError::invalid_token());
    }
    match key.expires {
        Some(end) if now >= end => Err(StsError::expired_token()),
        _ => Ok(()),
    }
}

/// Compares in a time that does not depend on the content.
fn equal(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}
