//! Issuing: claims in, a signed token out.

use std::{fmt, time::Duration};

use auth_model::{ExposeSecret as _, Randomness, RandomnessError, SecretString, Timestamp};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    KeyRing, MAX_TOKEN_BYTES, TokenSubject,
    claims::{WireActor, WireClaims, WireId},
    key_ring::RingKey,
};

/// The longest that a token may live: 15 minutes, the span that clients of the public service assume.
pub const MAX_TTL: Duration = Duration::from_secs(15 * 60);

/// Issues access tokens (RFC 9068) in one installation's name.
#[derive(Clone, Debug)]
pub struct Issuer {
    issuer: String,
    audience: String,
    ttl: Duration,
}

/// Why an issuer can't be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Not a whole number of seconds between 1 and [`MAX_TTL`].
    #[error("access tokens live for {} s; it must be 1 to {} s", .given.as_secs(), MAX_TTL.as_secs())]
    Ttl {
        /// The setting.
        given: Duration,
    },
    /// Empty, too long, or with white space or control characters in it.
    #[error(
        "the {name} of access tokens must be a URL of 1 to {MAX_NAME_BYTES} visible ASCII characters"
    )]
    Name {
        /// `issuer` or `audience`.
        name: &'static str,
    },
}

/// Why no token was issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The ring has no key in state `Current`.
    #[error("no signing key is current")]
    NoCurrentKey,
    /// `not_after` leaves no second of life.
    #[error("the token would have expired before it was issued")]
    NothingLeft,
    /// No random bytes for the token's id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// A time before 1970.
    #[error("the clock is before 1970")]
    Clock,
    /// The caller's names are so long that no verifier would take the token.
    #[error("the token would be longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// The cryptographic library refused; not expected.
    #[error("the token could not be signed")]
    Signing,
}

impl Issuer {
    /// `issuer` and `audience` are URLs, written exactly as verifiers expect them. The lifetime is 1 s to [`MAX_TTL`].
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        ttl: Duration,
    ) -> Result<Self, IssuerError> {
        let (issuer, audience) = (issuer.into(), audience.into());
        if !is_name(&issuer) {
            return Err(IssuerError::Name { name: "issuer" });
        }
        if !is_name(&audience) {
            return Err(IssuerError::Name { name: "audience" });
        }
        if ttl > MAX_TTL || ttl < Duration::from_secs(1) {
            return Err(IssuerError::Ttl { given: ttl });
        }
        Ok(Self { issuer, audience, ttl })
    }

    /// How long a token lives.
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A token signed by the ring's current key. It begins at `issued_at` and ends after the lifetime, or at
    /// `not_after` if that is earlier: whoever presents a proof again gets no more than was left the first time.
    ///
    /// Costs one signature and about a tenth more.
    pub fn issue(
        &self,
        ring: &KeyRing,
        subject: &TokenSubject,
        issued_at: Timestamp,
        not_after: Option<Timestamp>,
        randomness: &dyn Randomness,
    ) -> Result<AccessToken, IssueError> {
        let key = ring.signs().ok_or(IssueError::NoCurrentKey)?;
        let ends = issued_at.plus(self.ttl);
        let ends = not_after.map_or(ends, |limit| ends.min(limit)).unix_seconds();
        let iat = u64::try_from(issued_at.unix_seconds()).map_err(|_| IssueError::Clock)?;
        let exp = u64::try_from(ends).map_err(|_| IssueError::NothingLeft)?;
        if exp <= iat {
            return Err(IssueError::NothingLeft);
        }
        let id = token_id(issued_at, randomness)?;
        let claims = WireClaims {
            iss: (&self.issuer).into(),
            sub: WireId(subject.user.0),
            aud: (&self.audience).into(),
            org: WireId(subject.org.0),
            exp,
            nbf: iat,
            iat,
            jti: WireId(id),
            mapping: WireId(subject.mapping.0),
            act: WireActor {
                sub: (&subject.act.arn).into(),
                account: (&subject.act.account).into(),
                user_id: (&subject.act.user_id).into(),
            },
        };
        let token = sign(key, &claims)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(IssueError::TooLong);
        }
        Ok(AccessToken {
            text: SecretString::from(token),
            id,
            expires_at: Timestamp::from_unix_seconds(ends),
        })
    }
}

/// A signed access token. Whoever has its text can use it, so it is neither displayed nor debugged.
#[derive(Clone)]
pub struct AccessToken {
    text: SecretString,
    id: Uuid,
    expires_at: Timestamp,
}

impl AccessToken {
    /// The token itself, for the answer to the caller and nowhere else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The claim `exp`, a whole second.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The claim `jti`, which may be logged.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The compact form (RFC 7515 §3.1): header, claims and signature in base64url.
fn sign(key: &RingKey, claims: &WireClaims<'_>) -> Result<String, IssueError> {
    let mut json = Vec::with_capacity(640);
    serde_json::to_writer(&mut json, claims).map_err(|_| IssueError::Signing)?;
    // Exactly as long as it will be: a secret that grew would leave copies behind.
    let parts = [key.header.len(), in_base64(json.len()), in_base64(key.held.signature_len())];
    let mut token = String::with_capacity(parts.iter().sum::<usize>() + 2);
    token.push_str(&key.header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&json, &mut token);
    let held = &key.held;
    let signature = jsonwebtoken::crypto::sign(token.as_bytes(), &held.encoding, held.algorithm)
        .map_err(|_| IssueError::Signing)?;
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}

/// The length of so many bytes in base64url without padding.
fn in_base64(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Version 7 (RFC 9562 §5.7), of the time that the token says.
fn token_id(at: Timestamp, randomness: &dyn Randomness) -> Result<Uuid, RandomnessError> {
    let mut random = [0; 10];
    randomness.fill(&mut random)?;
    let millis = u64::try_from(at.unix_micros() / 1_000).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// Whether a text can stand as `iss` or `aud`.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

const MAX_NAME_BYTES: usize = 512;
