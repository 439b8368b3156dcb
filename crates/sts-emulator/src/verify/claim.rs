//! What a request says about its own signature, before anything of it is believed.

use bytes::Bytes;
use http::Request;

use super::{header_form, query::pairs, query_form};
use crate::error::StsError;

/// Where a signature stood in its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// In the `Authorization` header.
    Header,
    /// In the query string: a pre-signed URL.
    Query,
}

/// The fields of a signature. The session token is a secret, so there is no `Debug`.
pub(crate) struct Claim {
    pub(crate) form: SignatureForm,
    pub(crate) access_key_id: String,
    pub(super) scope_date: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) terminator: String,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    pub(super) date: String,
    pub(super) session_token: Option<String>,
}

impl Claim {
    /// Reads whichever form the request has.
    pub(crate) fn read(request: &Request<Bytes>) -> Result<Self, StsError> {
        let parameters = pairs(request.uri().query().unwrap_or_default().as_bytes());
        let in_query = query_form::is_present(&parameters);
        let mut headers = request.headers().get_all(http::header::AUTHORIZATION).iter();
        match (headers.next(), headers.next(), in_query) {
            (None, _, false) => Err(StsError::missing_authentication()),
            (None, _, true) => query_form::read(request.headers(), &parameters),
            (Some(header), None, false) => {
                header_form::read(request.headers(), &String::from_utf8_lossy(header.as_bytes()))
            }
            // No public text is known for a request that is signed twice.
            _ => Err(StsError::incomplete("Request must carry exactly one signature.")),
        }
    }
}

/// The five parts of a credential: key id, date, region, service, terminator.
pub(super) fn credential(text: &str) -> Result<[String; 5], StsError> {
    let parts: Vec<String> = text.split('/').map(str::to_owned).collect();
    parts.try_into().map_err(|_| {
        StsError::incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '{text}'"
        ))
    })
}

/// The value of a header that may appear once.
pub(super) fn single(headers: &http::HeaderMap, name: &str) -> Result<Option<String>, StsError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            Ok(Some(String::from_utf8_lossy(value.as_bytes()).trim().to_owned()))
        }
        _ => Err(StsError::incomplete(format!("Header '{name}' must not be repeated."))),
    }
}
