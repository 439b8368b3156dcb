//! Verifying: text from outside in, claims out, or the one reason why not.

use std::{borrow::Cow, time::Duration};

use auth_model::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use serde::Deserialize;

use crate::{
    Claims, KeyRing, MAX_TTL,
    claims::WireClaims,
    issuer::is_name,
    key_ring::{RingKey, TOKEN_TYPE},
    object::Object,
};

/// The longest text that is looked at: 8 KiB.
pub const MAX_TOKEN_BYTES: usize = 8 * 1_024;

/// The most that the clocks of two replicas may differ: 30 s.
pub const MAX_LEEWAY: Duration = Duration::from_secs(30);

/// Verifies this installation's own access tokens (RFC 9068 §4, RFC 8725).
#[derive(Clone, Debug)]
pub struct Verifier {
    leeway: Duration,
    issuer: String,
    audience: String,
}

/// Why a verifier can't be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// More than [`MAX_LEEWAY`].
    #[error("the leeway is {} s; it may be at most {} s", .given.as_secs(), MAX_LEEWAY.as_secs())]
    Leeway {
        /// The setting.
        given: Duration,
    },
    /// Not what [`Issuer::new`](crate::Issuer::new) would take.
    #[error("the {name} of access tokens must be a URL of visible ASCII characters")]
    Name {
        /// `issuer` or `audience`.
        name: &'static str,
    },
}

/// Why a text is not an access token of ours. For logs and tests: a stranger is told no more than that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// Not three parts of base64url with JSON in them.
    #[error("the text is not a signed JSON web token")]
    Malformed,
    /// Something other than `typ`, `alg` and `kid` once each, such as `jku`, `jwk`, `x5u`, `x5c` or `crit`.
    #[error("the token's header must hold `typ`, `alg` and `kid` and nothing else")]
    Header,
    /// `typ` is not `at+jwt`: some other JWT.
    #[error("the token is not an access token: its `typ` is not `{TOKEN_TYPE}`")]
    Type,
    /// `kid` names no key of the ring, or is not a key id at all.
    #[error("the token's `kid` names no key of this installation")]
    UnknownKey,
    /// `alg` is not the one algorithm of the key.
    #[error("the token's `alg` is not the algorithm of its key")]
    Algorithm,
    /// Signed by somebody else, or altered since.
    #[error("the token's signature does not fit")]
    Signature,
    /// A claim is absent, given twice, or not of its type.
    #[error("a claim of the token is absent, repeated, or not of its type")]
    Claims,
    /// Of another installation.
    #[error("the token was issued by another installation")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `iat` is still to come.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// `exp` is not after `iat`, or more than [`MAX_TTL`] after it.
    #[error("the token's lifetime is not 1 to {} s", MAX_TTL.as_secs())]
    Lifetime,
}

/// All that a header of ours holds. Anything more is refused: what names a key in another way, and `crit`, most of all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHeader<'a> {
    #[serde(borrow)]
    typ: Cow<'a, str>,
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Cow<'a, str>,
}

impl Verifier {
    /// For tokens with exactly this issuer and audience. The leeway, at most [`MAX_LEEWAY`], is allowed on `exp`, `nbf`
    /// and `iat`.
    pub fn new(issuer: &str, audience: &str, leeway: Duration) -> Result<Self, VerifierError> {
        if !is_name(issuer) {
            return Err(VerifierError::Name { name: "issuer" });
        }
        if !is_name(audience) {
            return Err(VerifierError::Name { name: "audience" });
        }
        if leeway > MAX_LEEWAY {
            return Err(VerifierError::Leeway { given: leeway });
        }
        Ok(Self { leeway, issuer: issuer.to_owned(), audience: audience.to_owned() })
    }

    /// The claims of a token that one of the ring's keys signed and that holds now. That its organization is the
    /// one concerned, and that its mapping and its user still stand, is for the caller to ask of the store.
    ///
    /// Costs one signature check and about a twentieth more; nothing is signed or looked up before the cheap
    /// checks are passed.
    pub fn verify(
        &self,
        ring: &KeyRing,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let key = key_of(ring, header)?;
        check_signature(key, message, signature)?;
        // Only now is anything that the token says read.
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Malformed)?;
        let claims = self.read_claims(&claims)?;
        self.check_times(&claims, now)?;
        Ok(claims)
    }

    fn read_claims(&self, json: &[u8]) -> Result<Claims, TokenError> {
        let Object(claims): Object<WireClaims<'_>> =
            serde_json::from_slice(json).map_err(|error| {
                if error.is_data() { TokenError::Claims } else { TokenError::Malformed }
            })?;
        if claims.iss != self.issuer {
            Err(TokenError::Issuer)
        } else if claims.aud != self.audience {
            Err(TokenError::Audience)
        } else {
            claims.into_claims().ok_or(TokenError::Claims)
        }
    }

    fn check_times(&self, claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
        let at_the_latest = now.plus(self.leeway);
        if claims.exp <= claims.iat || claims.exp.since(claims.iat) > MAX_TTL {
            Err(TokenError::Lifetime)
        } else if now >= claims.exp.plus(self.leeway) {
            Err(TokenError::Expired)
        } else if claims.nbf > at_the_latest {
            Err(TokenError::NotYetValid)
        } else if claims.iat > at_the_latest {
            Err(TokenError::IssuedInFuture)
        } else {
            Ok(())
        }
    }
}

/// The header's checks: before this, nothing of the token is believed but its length.
fn key_of<'r>(ring: &'r KeyRing, header: &str) -> Result<&'r RingKey, TokenError> {
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed)?;
    let Object(header): Object<WireHeader<'_>> =
        serde_json::from_slice(&header).map_err(|error| {
            if error.is_data() { TokenError::Header } else { TokenError::Malformed }
        })?;
    if header.typ != TOKEN_TYPE {
        return Err(TokenError::Type);
    }
    // A key's id in the ring follows the grammar of `KeyId`, so what does not can't be one.
    let key = ring.find(&header.kid).ok_or(TokenError::UnknownKey)?;
    if header.alg != key.algorithm.as_str() {
        return Err(TokenError::Algorithm);
    }
    Ok(key)
}

/// With the key's own algorithm, whatever the header says.
fn check_signature(key: &RingKey, message: &str, signature: &str) -> Result<(), TokenError> {
    let held = &key.held;
    match crypto::verify(signature, message.as_bytes(), &held.decoding, held.algorithm) {
        Ok(true) => Ok(()),
        Ok(false) => Err(TokenError::Signature),
        Err(_) => Err(TokenError::Malformed),
    }
}
