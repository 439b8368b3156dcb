//! The `Authorization` header: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.

use http::HeaderMap;

use super::{
    SignatureForm,
    claim::{Claim, credential, single},
};
use crate::error::StsError;

/// Reads the header. STS's messages repeat it, so these do.
pub(super) fn read(headers: &HeaderMap, header: &str) -> Result<Claim, StsError> {
    let (algorithm, rest) = header.split_once(' ').unwrap_or(("", header));
    let fields = Fields::read(rest, header)?;
    let date = single(headers, "x-amz-date")?;
    let (Some(scope), Some(signed), Some(signature), Some(date)) =
        (&fields.credential, &fields.signed_headers, &fields.signature, &date)
    else {
        return Err(fields.missing(date.is_some(), header));
    };
    if algorithm != "AWS4-HMAC-SHA256" {
        return Err(StsError::incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
    }
    let [access_key_id, scope_date, region, service, terminator] = credential(scope)?;
    Ok(Claim {
        form: SignatureForm::Header,
        access_key_id,
        scope_date,
        region,
        service,
        terminator,
        signed_headers: signed.split(';').map(str::to_owned).collect(),
        signature: signature.clone(),
        date: date.clone(),
        session_token: single(headers, "x-amz-security-token")?,
    })
}

#[derive(Default)]
struct Fields {
    credential: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
}

impl Fields {
    fn read(text: &str, header: &str) -> Result<Self, StsError> {
        let mut fields = Self::default();
        for piece in text.split(',').map(str::trim) {
            let Some((name, value)) = piece.split_once('=') else {
                return Err(StsError::incomplete(format!(
                    "'{piece}' not a valid key=value pair (missing equal-sign) in Authorization \
                     header: '{header}'."
                )));
            };
            let slot = match name {
                "Credential" => &mut fields.credential,
                "SignedHeaders" => &mut fields.signed_headers,
                "Signature" => &mut fields.signature,
                _ => return Err(unexpected(name, header)),
            };
            if slot.replace(value.to_owned()).is_some() {
                return Err(unexpected(name, header));
            }
        }
        Ok(fields)
    }

    fn missing(&self, dated: bool, header: &str) -> StsError {
        let mut text = String::new();
        for (name, present) in [
            ("Credential", self.credential.is_some()),
            ("Signature", self.signature.is_some()),
            ("SignedHeaders", self.signed_headers.is_some()),
        ] {
            if !present {
                text.push_str(&format!("Authorization header requires '{name}' parameter. "));
            }
        }
        if !dated {
            text.push_str(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
            );
        }
        StsError::incomplete(format!("{text}Authorization={header}"))
    }
}

/// A field that is unknown or repeated. No public text is known.
fn unexpected(name: &str, header: &str) -> StsError {
    StsError::incomplete(format!(
        "'{name}' is unknown or repeated in Authorization header: '{header}'."
    ))
}
