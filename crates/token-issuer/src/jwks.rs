//! The published key set: a JWK Set (RFC 7517 §5) of public keys (RFC 7518 §6, RFC 8037 §2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use crate::key_pair::PublicNumbers;

#[derive(Serialize)]
struct JwkSet<'a> {
    keys: Vec<Jwk<'a>>,
}

/// One public key. There is no field that a private number could be put into.
#[derive(Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

/// The set as JSON, in the order given. Each key is its id, the name of its algorithm, and its numbers.
pub(crate) fn jwk_set<'a>(
    keys: impl Iterator<Item = (&'a str, &'static str, &'a PublicNumbers)>,
) -> Result<String, serde_json::Error> {
    serde_json::to_string(&JwkSet { keys: keys.map(jwk).collect() })
}

fn jwk<'a>((kid, alg, numbers): (&'a str, &'static str, &'a PublicNumbers)) -> Jwk<'a> {
    let bare =
        Jwk { kty: "", usage: "sig", alg, kid, crv: None, x: None, y: None, n: None, e: None };
    let number = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
    match numbers {
        PublicNumbers::Point { x, y } => {
            Jwk { kty: "EC", crv: Some("P-256"), x: number(x), y: number(y), ..bare }
        }
        PublicNumbers::Edwards { x } => {
            Jwk { kty: "OKP", crv: Some("Ed25519"), x: number(x), ..bare }
        }
        PublicNumbers::Rsa { n, e } => Jwk { kty: "RSA", n: number(n), e: number(e), ..bare },
    }
}
