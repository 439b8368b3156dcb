//! What a token says: the claims in our own types, and their form on the wire.

use std::{borrow::Cow, fmt};

use auth_model::{MappingId, OrgId, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::object::object;

/// The statements of an access token that was verified (RFC 7519 §4.1, RFC 9068 §2.2). Only a
/// [`Verifier`](crate::Verifier) makes one. Times are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// The installation that issued it.
    pub iss: String,
    /// Whom its bearer acts as.
    pub sub: UserId,
    /// For whom it is.
    pub aud: String,
    /// The organization that `sub` belongs to. To be compared with the one that a request concerns.
    pub org: OrgId,
    /// When it ends.
    pub exp: Timestamp,
    /// When it begins.
    pub nbf: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// Its own id.
    pub jti: Uuid,
    /// The persona mapping that it was issued by. To be looked up at each use: when it goes, so does the token.
    pub mapping: MappingId,
    /// The AWS principal that acts (RFC 8693 §4.1).
    pub act: Actor,
}

/// The AWS principal behind a token, as STS named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The caller's ARN. The claim `act.sub`.
    pub arn: String,
    /// Its 12-digit account.
    pub account: String,
    /// Its unique id, such as `AROAEXAMPLE:session`.
    pub user_id: String,
}

/// What a token is issued for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSubject {
    /// Whom its bearer acts as.
    pub user: UserId,
    /// The organization of that user.
    pub org: OrgId,
    /// The persona mapping that won.
    pub mapping: MappingId,
    /// The AWS principal.
    pub act: Actor,
}

/// The claims in JSON. Each is required and has one type; a claim given twice is refused, one unknown is ignored,
/// so that a newer replica may add some.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireClaims<'a> {
    #[serde(borrow)]
    pub(crate) iss: Cow<'a, str>,
    pub(crate) sub: WireId,
    #[serde(borrow)]
    pub(crate) aud: Cow<'a, str>,
    pub(crate) org: WireId,
    pub(crate) exp: u64,
    pub(crate) nbf: u64,
    pub(crate) iat: u64,
    pub(crate) jti: WireId,
    pub(crate) mapping: WireId,
    #[serde(borrow, deserialize_with = "object")]
    pub(crate) act: WireActor<'a>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireActor<'a> {
    #[serde(borrow)]
    pub(crate) sub: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) account: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) user_id: Cow<'a, str>,
}

impl WireClaims<'_> {
    /// `None` if a time is beyond any calendar.
    pub(crate) fn into_claims(self) -> Option<Claims> {
        let time = |seconds| i64::try_from(seconds).ok().map(Timestamp::from_unix_seconds);
        Some(Claims {
            iss: self.iss.into_owned(),
            sub: UserId(self.sub.0),
            aud: self.aud.into_owned(),
            org: OrgId(self.org.0),
            exp: time(self.exp)?,
            nbf: time(self.nbf)?,
            iat: time(self.iat)?,
            jti: self.jti.0,
            mapping: MappingId(self.mapping.0),
            act: Actor {
                arn: self.act.sub.into_owned(),
                account: self.act.account.into_owned(),
                user_id: self.act.user_id.into_owned(),
            },
        })
    }
}

/// A UUID as a hyphenated string, and nothing else.
pub(crate) struct WireId(pub(crate) Uuid);

impl Serialize for WireId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<'de> Deserialize<'de> for WireId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hyphenated;

        impl de::Visitor<'_> for Hyphenated {
            type Value = WireId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a hyphenated UUID")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<WireId, E> {
                match Uuid::try_parse(text) {
                    Ok(uuid) if text.len() == 36 => Ok(WireId(uuid)),
                    _ => Err(E::custom("not a hyphenated UUID")),
                }
            }
        }

        deserializer.deserialize_str(Hyphenated)
    }
}
