//! The pre-signed form: the signature's fields as `X-Amz-…` query parameters.

use http::HeaderMap;

use super::{
    SignatureForm,
    claim::{Claim, credential},
    query::Pair,
};
use crate::error::StsError;

/// The parameter that holds the signature and is left out of what is signed.
pub(super) const SIGNATURE: &[u8] = b"X-Amz-Signature";

/// Whether any of the parameters that make a pre-signed URL is there.
pub(super) fn is_present(parameters: &[Pair]) -> bool {
    parameters
        .iter()
        .any(|(name, _)| [SIGNATURE, b"X-Amz-Credential", b"X-Amz-Algorithm"].contains(&&**name))
}

/// Reads the parameters. `X-Amz-Expires` must be a number, and is then ignored as STS ignores it.
pub(super) fn read(headers: &HeaderMap, parameters: &[Pair]) -> Result<Claim, StsError> {
    let need = |name: &str| one(parameters, name)?.ok_or_else(|| missing(name));
    let algorithm = need("X-Amz-Algorithm")?;
    if algorithm != "AWS4-HMAC-SHA256" {
        return Err(StsError::incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let [access_key_id, scope_date, region, service, terminator] =
        credential(&need("X-Amz-Credential")?)?;
    let expires = one(parameters, "X-Amz-Expires")?;
    if expires.is_some_and(|seconds| seconds.parse::<u32>().is_err()) {
        return Err(StsError::incomplete("X-Amz-Expires must be a number of seconds."));
    }
    let in_header = super::claim::single(headers, "x-amz-security-token")?;
    let in_query = one(parameters, "X-Amz-Security-Token")?;
    if in_header.is_some() && in_query.is_some() {
        return Err(StsError::incomplete("Request must carry one security token."));
    }
    Ok(Claim {
        form: SignatureForm::Query,
        access_key_id,
        scope_date,
        region,
        service,
        terminator,
        signed_headers: need("X-Amz-SignedHeaders")?.split(';').map(str::to_owned).collect(),
        signature: need("X-Amz-Signature")?,
        date: need("X-Amz-Date")?,
        session_token: in_query.or(in_header),
    })
}

fn one(parameters: &[Pair], name: &str) -> Result<Option<String>, StsError> {
    let mut values = parameters.iter().filter(|(other, _)| other == name.as_bytes());
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some((_, value)), None) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
        _ => Err(StsError::incomplete(format!(
            "AWS query-string parameters must not repeat '{name}'. Re-examine the query-string \
             parameters."
        ))),
    }
}

fn missing(name: &str) -> StsError {
    StsError::incomplete(format!(
        "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
    ))
}
