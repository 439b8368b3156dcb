//! A proof as it came from a caller: well formed, and nothing else is known of it.

mod authorization;
mod check;
mod envelope;
mod headers;

use auth_model::{ExposeSecret, OrgId, SecretString, Timestamp};
use aws_lc_rs::digest;

use crate::{BODY, ProofError, date::parse_amz_date, error::shown};
pub(crate) use authorization::Authorization;
use envelope::Envelope;
use headers::HeaderMap;
pub(crate) use headers::Name;

/// A proof that has the right form. Nothing in it is true until STS says so.
///
/// Holds the signed ingredients and nothing else of the caller's text: what is sent to STS is rebuilt from
/// them. `Debug` shows neither the signature nor the session token.
#[derive(Clone)]
pub struct UnverifiedProof {
    pub(crate) org: OrgId,
    pub(crate) authorization: Authorization,
    pub(crate) host: Box<str>,
    pub(crate) date: Box<str>,
    pub(crate) signed_at: Timestamp,
    pub(crate) content_type: Option<ContentType>,
    pub(crate) carries_content_length: bool,
    pub(crate) session_token: Option<SecretString>,
}

impl UnverifiedProof {
    /// Reads the text of a proof: `base64(body)|base64(headers)|POST|base64(url)`.
    ///
    /// Costs a few microseconds; reads at most [`MAX_PROOF_BYTES`](crate::MAX_PROOF_BYTES).
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ProofError> {
        Self::read(text.as_ref())
    }

    /// Reads the value of an `Authorization` header: `Delegated`, one space, and the proof.
    pub fn parse_authorization(value: impl AsRef<[u8]>) -> Result<Self, ProofError> {
        match value.as_ref().split_at_checked(SCHEME.len()) {
            Some((scheme, proof)) if scheme.eq_ignore_ascii_case(SCHEME) => Self::read(proof),
            _ => Err(ProofError::Scheme),
        }
    }

    fn read(text: &[u8]) -> Result<Self, ProofError> {
        let envelope = Envelope::open(text)?;
        let host = url_host(&envelope.url)?;
        let headers = HeaderMap::parse(&envelope.headers)?;
        if headers.required(Name::Host)? != host {
            return Err(ProofError::HostMismatch);
        }
        let date = headers.required(Name::Date)?;
        Ok(Self {
            org: org(headers.required(Name::OrgId)?)?,
            authorization: Authorization::parse(headers.required(Name::Authorization)?)?,
            host: host.into(),
            signed_at: parse_amz_date(date).ok_or(ProofError::HeaderValue {
                name: Name::Date.as_str(),
                expected: "a time in utc such as `20260805T123456Z`",
            })?,
            date: date.into(),
            content_type: headers.get(Name::ContentType).map(ContentType::parse).transpose()?,
            carries_content_length: carries_content_length(&headers)?,
            session_token: headers.get(Name::SecurityToken).map(session_token).transpose()?,
        })
    }

    /// The organization it is made for, if it is what it says.
    pub fn claimed_org(&self) -> OrgId {
        self.org
    }

    /// Whose key signed it, if it is what it says.
    pub fn access_key_id(&self) -> &str {
        &self.authorization.access_key_id
    }

    /// The host of STS it is signed for; perhaps not a known one.
    pub fn host_name(&self) -> &str {
        &self.host
    }

    /// When it was signed, to the second, by the signer's clock.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// SHA-256 of what the signature depends on, and of the signature.
    ///
    /// The same for every spelling of one proof: user agent, order and case of headers, and a slash at the URL's
    /// end do not make it another. Two proofs that one key signs for one organization within one
    /// second are equal too, for a signature has no nonce.
    pub fn hash(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"sts-proof/1");
        context.update(self.org.0.as_bytes());
        context.update(&[
            self.authorization.signed.bits(),
            self.content_type.map_or(0, ContentType::tag),
            u8::from(self.session_token.is_some()),
        ]);
        let texts = [
            &self.date,
            &self.authorization.access_key_id,
            &self.authorization.scope_date,
            &self.authorization.scope_region,
            &self.authorization.signature,
            &self.host,
        ];
        for text in texts.into_iter().map(AsRef::as_ref).chain(self.token()) {
            context.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        hash
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.session_token.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl std::fmt::Debug for UnverifiedProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnverifiedProof")
            .field("org", &self.org.to_string())
            .field("access_key_id", &self.access_key_id())
            .field("host", &self.host)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

/// The two spellings that clients sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ContentType {
    #[default]
    Utf8,
    Plain,
}

impl ContentType {
    fn parse(text: &str) -> Result<Self, ProofError> {
        [Self::Utf8, Self::Plain].into_iter().find(|known| known.as_str() == text).ok_or(
            ProofError::HeaderValue {
                name: Name::ContentType.as_str(),
                expected: "`application/x-www-form-urlencoded; charset=utf-8`",
            },
        )
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "application/x-www-form-urlencoded; charset=utf-8",
            Self::Plain => "application/x-www-form-urlencoded",
        }
    }

    fn tag(self) -> u8 {
        match self {
            Self::Utf8 => 1,
            Self::Plain => 2,
        }
    }
}

/// The host of `https://HOST` or `https://HOST/`. Whether it is a known one is for the policy to say; that
/// it is made of lower-case host-name characters is checked here, which leaves no place for anything else.
fn url_host(url: &[u8]) -> Result<&str, ProofError> {
    let host = url.strip_prefix(b"https://").ok_or(ProofError::Url)?;
    let host = host.strip_suffix(b"/").unwrap_or(host);
    let legal = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    if host.is_empty() || host.len() > 253 || !host.iter().all(legal) {
        return Err(ProofError::Url);
    }
    std::str::from_utf8(host).map_err(|_| ProofError::Url)
}

/// Only the lower-case form: the text is signed as it stands, and what goes to STS is printed from the id.
fn org(text: &str) -> Result<OrgId, ProofError> {
    let wrong = ProofError::HeaderValue {
        name: Name::OrgId.as_str(),
        expected: "a lower-case uuid such as `3fa85f64-5717-4562-b3fc-2c963f66afa6`",
    };
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(wrong);
    }
    text.parse().map_err(|_| wrong)
}

/// Visible characters only: what a signature trims or folds cannot occur.
fn session_token(text: &str) -> Result<SecretString, ProofError> {
    if text.is_empty() || text.contains(' ') {
        return Err(ProofError::HeaderValue {
            name: Name::SecurityToken.as_str(),
            expected: "a session token; leave the header out if there is none",
        });
    }
    Ok(text.into())
}

fn carries_content_length(headers: &HeaderMap<'_>) -> Result<bool, ProofError> {
    match headers.get(Name::ContentLength) {
        None => Ok(false),
        Some(CONTENT_LENGTH) => Ok(true),
        Some(_) => Err(ProofError::HeaderValue {
            name: Name::ContentLength.as_str(),
            expected: "`43`, the length of the body",
        }),
    }
}

/// The length of [`BODY`], as a header's value.
pub(crate) const CONTENT_LENGTH: &str = "43";
const _: () = assert!(BODY.len() == 43);

const SCHEME: &[u8] = b"Delegated ";

/// An error that shows a host.
pub(crate) fn unknown_host(host: &str) -> ProofError {
    ProofError::UnknownHost { host: shown(host) }
}
