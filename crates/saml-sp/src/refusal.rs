//! Why a response is not believed.

use std::fmt;

use auth_model::Timestamp;

use crate::XmlFault;

/// The one fact for which a response was refused. For log and audit; a browser is told nothing of it.
///
/// What a message says is repeated only where it helps, shortened to printable ASCII; never a NameID or an attribute's value.
/// Exhaustive, since a caller that counts refusals must look at every new one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More than [`crate::MAX_RESPONSE_BYTES`].
    #[error("the response is longer than 256 KiB")]
    TooLong,
    /// Not base64.
    #[error("the response is not base64")]
    NotBase64,
    /// Not XML that is read here.
    #[error("the response is not taken as xml: {0}")]
    Xml(XmlFault),
    /// Something else than a response, or one of another version.
    #[error("the document is not a saml 2.0 `Response`")]
    NotResponse,
    /// The identity provider did not sign anybody in. Nothing verifies that it said so.
    #[error("the identity provider answered with status `{code}`, `{detail}`: {message}")]
    Status {
        /// The last part of the status code's URN.
        code: String,
        /// That of the second-level code.
        detail: String,
        /// Its message.
        message: String,
    },
    /// No `Assertion` in it.
    #[error("the response has no assertion")]
    NoAssertion,
    /// More than one.
    #[error("the response has {found} assertions, where exactly one is taken")]
    SeveralAssertions {
        /// How many.
        found: usize,
    },
    /// Encryption is not supported.
    #[error(
        "the response has an encrypted part (`{element}`), which is not supported; switch encryption off"
    )]
    Encrypted {
        /// Its name.
        element: String,
    },
    /// A response, assertion or signature where none belongs: what signature wrapping looks like.
    #[error("a `{element}` stands where none belongs; this may be an attack")]
    Misplaced {
        /// Its name.
        element: String,
    },
    /// Neither response nor assertion is signed.
    #[error("neither the response nor its assertion is signed")]
    Unsigned,
    /// Only the response is signed, where the settings want assertions signed.
    #[error("the assertion itself is not signed, as the settings demand")]
    AssertionUnsigned,
    /// A signature outside the profile.
    #[error("the signature of the {element} is not of the accepted form: {what}")]
    SignatureForm {
        /// Of what.
        element: Element,
        /// Our own words.
        what: &'static str,
    },
    /// An algorithm that is not on the list, such as any with SHA-1.
    #[error("the signature of the {element} uses `{algorithm}`, which is not accepted")]
    Algorithm {
        /// Of what.
        element: Element,
        /// Its identifier.
        algorithm: String,
    },
    /// What was signed has been changed.
    #[error("the {element} is not what was signed")]
    Digest {
        /// Of what.
        element: Element,
    },
    /// No configured certificate fits: another key signed, or the signed part was changed.
    #[error("the signature of the {element} is of none of the configured certificates")]
    Signature {
        /// Of what.
        element: Element,
    },
    /// The metadata of the identity provider has expired.
    #[error("the metadata of the identity provider has expired; obtain it anew")]
    MetadataExpired,
    /// A part that must be there is missing, doubled or empty.
    #[error("the {what} is missing, doubled or malformed")]
    Missing {
        /// Our own words.
        what: &'static str,
    },
    /// From another identity provider.
    #[error(
        "the issuer of the {element} is `{found}`, which is not the configured identity provider"
    )]
    Issuer {
        /// Of what.
        element: Element,
        /// Who.
        found: String,
    },
    /// Addressed to somebody else.
    #[error("the {url} is `{found}`, which is not ours")]
    Addressee {
        /// Which address.
        url: Url,
        /// What it is.
        found: String,
    },
    /// A condition that is not understood, so nothing may be assumed.
    #[error("the assertion has a condition `{found}`, which is not understood")]
    Condition {
        /// Its name.
        found: String,
    },
    /// A time has not come yet.
    #[error("the {moment} is {seconds} s ahead, more than the clocks may be apart")]
    NotYet {
        /// Which.
        moment: Moment,
        /// How far, rounded up.
        seconds: u64,
    },
    /// A time is over.
    #[error("the {moment} was {seconds} s ago, more than the clocks may be apart")]
    Expired {
        /// Which.
        moment: Moment,
        /// How long ago, rounded down.
        seconds: u64,
    },
    /// No subject confirmation by bearer.
    #[error("the assertion has no subject confirmation of method bearer")]
    NotBearer,
    /// An answer to another request, or to none.
    #[error("the {element} answers `{found}`, which is not the request it was expected for")]
    InResponseTo {
        /// Of what.
        element: Element,
        /// The request that it names; empty if none.
        found: String,
    },
    /// The identity provider started the sign-in, which the settings do not allow.
    #[error("the sign-in was started by the identity provider, which the settings do not allow")]
    Unsolicited,
}

impl Refusal {
    /// A stable word for audit and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotBase64 => "not_base64",
            Self::Xml(fault) => match fault {
                XmlFault::Doctype => "xml_doctype",
                XmlFault::Comment => "xml_comment",
                XmlFault::DuplicateId => "xml_duplicate_id",
                _ => "xml",
            },
            Self::NotResponse => "not_response",
            Self::Status { .. } => "status",
            Self::NoAssertion => "no_assertion",
            Self::SeveralAssertions { .. } => "several_assertions",
            Self::Encrypted { .. } => "encrypted",
            Self::Misplaced { .. } => "misplaced",
            Self::Unsigned => "unsigned",
            Self::AssertionUnsigned => "assertion_unsigned",
            Self::SignatureForm { .. } => "signature_form",
            Self::Algorithm { .. } => "algorithm",
            Self::Digest { .. } => "digest",
            Self::Signature { .. } => "signature",
            Self::MetadataExpired => "metadata_expired",
            Self::Missing { .. } => "missing",
            Self::Issuer { .. } => "issuer",
            Self::Addressee { url, .. } => match url {
                Url::Destination => "destination",
                Url::Recipient => "recipient",
                Url::Audience => "audience",
            },
            Self::Condition { .. } => "condition",
            Self::NotYet { .. } => "not_yet",
            Self::Expired { .. } => "expired",
            Self::NotBearer => "not_bearer",
            Self::InResponseTo { .. } => "in_response_to",
            Self::Unsolicited => "unsolicited",
        }
    }

    pub(crate) fn not_yet(moment: Moment, at: Timestamp, now: Timestamp) -> Self {
        let ahead = at.since(now);
        Self::NotYet { moment, seconds: ahead.as_secs() + u64::from(ahead.subsec_micros() > 0) }
    }

    pub(crate) fn expired(moment: Moment, at: Timestamp, now: Timestamp) -> Self {
        Self::Expired { moment, seconds: now.since(at).as_secs() }
    }
}

/// The part of a message that a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// The whole.
    Response,
    /// The assertion in it.
    Assertion,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "response",
            Self::Assertion => "assertion",
        })
    }
}

/// An address in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Url {
    /// Where the response was sent.
    Destination,
    /// Who may present the assertion where.
    Recipient,
    /// For whom the assertion is.
    Audience,
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Destination => "destination of the response",
            Self::Recipient => "recipient of the assertion",
            Self::Audience => "audience of the assertion",
        })
    }
}

/// A time in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `IssueInstant` of the response.
    ResponseIssued,
    /// `IssueInstant` of the assertion.
    AssertionIssued,
    /// `NotBefore` of the conditions.
    ConditionsStart,
    /// `NotOnOrAfter` of the conditions.
    ConditionsEnd,
    /// `NotBefore` of the subject confirmation.
    ConfirmationStart,
    /// `NotOnOrAfter` of the subject confirmation.
    ConfirmationEnd,
    /// `SessionNotOnOrAfter`.
    SessionEnd,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResponseIssued => "issue of the response",
            Self::AssertionIssued => "issue of the assertion",
            Self::ConditionsStart => "start of the assertion's validity",
            Self::ConditionsEnd => "end of the assertion's validity",
            Self::ConfirmationStart => "start of the subject confirmation",
            Self::ConfirmationEnd => "end of the subject confirmation",
            Self::SessionEnd => "end of the identity provider's session",
        })
    }
}
