//! Why a proof is not sent to STS.

use std::fmt;

/// What is wrong with a proof, and what to write instead. Holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Longer than any proof.
    #[error("{part} is longer than {max_bytes} bytes")]
    TooLong {
        /// Which part.
        part: Part,
        /// How long it may be.
        max_bytes: usize,
    },
    /// The `Authorization` header has another scheme.
    #[error(
        "the authorization scheme is not `Delegated`; write `Delegated`, one space, and the proof"
    )]
    Scheme,
    /// Another kind of proof.
    #[error(
        "{0} is not taken here; send a signed AWS GetCallerIdentity request: `body|headers|POST|url`"
    )]
    OtherKind(ProofKind),
    /// Not four parts.
    #[error(
        "a proof has four parts separated by `|`, this one has {parts}; write `body|headers|POST|url`"
    )]
    Parts {
        /// How many it has.
        parts: usize,
    },
    /// Not standard base64 with padding (RFC 4648 §4).
    #[error("{part} is not base64; use the standard alphabet with `=` padding")]
    Base64 {
        /// Which part.
        part: Part,
    },
    /// Another request than GetCallerIdentity.
    #[error("the body is not `{}`, byte for byte", crate::BODY)]
    Body,
    /// Another method.
    #[error("the method is not `POST`")]
    Method,
    /// Not `https://` and a host name.
    #[error(
        "the url is not `https://` and a host of sts alone; leave out user, port, path, query and fragment"
    )]
    Url,
    /// A host that is not in the table.
    #[error(
        "`{host}` is not a known host of sts; use `sts.amazonaws.com` or `sts.<region>.amazonaws.com`"
    )]
    UnknownHost {
        /// As it was given, shortened to what is safe to show.
        host: String,
    },
    /// `host` names another host than the URL.
    #[error("header `host` differs from the host of the url")]
    HostMismatch,
    /// The second part is not a JSON object of arrays of strings.
    #[error("the headers are not a json object such as `{{\"host\":[\"sts.amazonaws.com\"]}}`")]
    Headers,
    /// A header that no client of this protocol sends.
    #[error("header `{name}` is not part of a proof; leave it out")]
    UnknownHeader {
        /// As it was given, shortened to what is safe to show.
        name: String,
    },
    /// The same header twice, perhaps in different case.
    #[error("header `{name}` appears twice; header names do not differ by case")]
    RepeatedHeader {
        /// In lower case.
        name: &'static str,
    },
    /// A header's value is something else than one string.
    #[error("header `{name}` is not an array of one string, such as `[\"value\"]`")]
    NotOneValue {
        /// In lower case.
        name: &'static str,
    },
    /// A header's value has control or non-ASCII characters.
    #[error("header `{name}` holds other characters than printable ascii")]
    HeaderBytes {
        /// In lower case.
        name: &'static str,
    },
    /// A header's value is not one that a proof can have.
    #[error("header `{name}` is not {expected}")]
    HeaderValue {
        /// In lower case.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A header that a proof cannot do without, or that is named as signed but is not there.
    #[error("header `{name}` is missing")]
    MissingHeader {
        /// In lower case.
        name: &'static str,
    },
    /// `Authorization` of the signed request is not AWS Signature Version 4's.
    #[error(
        "{field} of header `authorization` is not {expected}; \
         sign with AWS Signature Version 4: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`"
    )]
    Authorization {
        /// Which part of it.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The credential scope's Region is not the host's.
    #[error(
        "the proof is scoped to region `{found}` but `{host}` needs `{expected}`; sign for the region of the host"
    )]
    ScopeRegion {
        /// As it was given.
        found: String,
        /// The host asked.
        host: String,
        /// What that host needs.
        expected: String,
    },
    /// The credential scope's date is not the day of `x-amz-date`.
    #[error("the date of the credential scope is not the day of `x-amz-date`")]
    ScopeDate,
    /// A header that must be covered by the signature is not.
    #[error("header `{name}` is not signed; add it to the signed headers")]
    Unsigned {
        /// In lower case.
        name: &'static str,
    },
    /// Signed too long ago.
    #[error(
        "the proof was signed {age_seconds} s ago, more than {max_seconds} s; \
         make a new one for each exchange and check the clock"
    )]
    Stale {
        /// By the server's clock.
        age_seconds: u64,
        /// How old it may be.
        max_seconds: u64,
    },
    /// Signed in the future.
    #[error(
        "the proof is dated {ahead_seconds} s in the future, more than {max_seconds} s; check the clock"
    )]
    Future {
        /// By the server's clock.
        ahead_seconds: u64,
        /// How far ahead it may be.
        max_seconds: u64,
    },
}

impl ProofError {
    /// Whose fault it is, thus which HTTP status fits.
    pub fn class(&self) -> ProofFault {
        match self {
            Self::TooLong { .. } => ProofFault::TooLarge,
            Self::Unsigned { .. } | Self::Stale { .. } | Self::Future { .. } => {
                ProofFault::NotAllowed
            }
            _ => ProofFault::Malformed,
        }
    }

    /// A stable word for audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "proof_too_long",
            Self::Scheme => "proof_scheme",
            Self::OtherKind(_) => "proof_kind",
            Self::Parts { .. } => "proof_parts",
            Self::Base64 { .. } => "proof_base64",
            Self::Body => "proof_body",
            Self::Method => "proof_method",
            Self::Url => "proof_url",
            Self::UnknownHost { .. } => "proof_host_unknown",
            Self::HostMismatch => "proof_host_mismatch",
            Self::Headers => "proof_headers",
            Self::UnknownHeader { .. } => "proof_header_unknown",
            Self::RepeatedHeader { .. } => "proof_header_repeated",
            Self::NotOneValue { .. } | Self::HeaderBytes { .. } | Self::HeaderValue { .. } => {
                "proof_header_value"
            }
            Self::MissingHeader { .. } => "proof_header_missing",
            Self::Authorization { .. } => "proof_authorization",
            Self::ScopeRegion { .. } => "proof_scope_region",
            Self::ScopeDate => "proof_scope_date",
            Self::Unsigned { .. } => "proof_header_unsigned",
            Self::Stale { .. } => "proof_stale",
            Self::Future { .. } => "proof_future",
        }
    }
}

/// The classes of [`ProofError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofFault {
    /// No official client makes such a proof: HTTP 400.
    Malformed,
    /// Well formed, but nothing that may be accepted: HTTP 401.
    NotAllowed,
    /// HTTP 431.
    TooLarge,
}

/// A part of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Proof,
    /// The first: the signed request's body.
    Body,
    /// The second: its headers.
    Headers,
    /// The fourth: its URL.
    Url,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proof => "the proof",
            Self::Body => "the body (first part)",
            Self::Headers => "the headers (second part)",
            Self::Url => "the url (fourth part)",
        })
    }
}

/// Kinds of proof that other clouds' clients send to the same endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// A bare JSON Web Token: Google Cloud, Terraform Cloud.
    Jwt,
    /// A JSON Web Token, `:`, an organization's UUID: Azure.
    AzureJwt,
    /// `oidc-` and a JSON Web Token: any other issuer.
    Oidc,
}

impl fmt::Display for ProofKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwt => "a json web token",
            Self::AzureJwt => "an azure token",
            Self::Oidc => "an openid connect token",
        })
    }
}

/// A caller's text, shortened to what is safe to show.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).filter(|c| *c != '`').take(80).collect()
}
