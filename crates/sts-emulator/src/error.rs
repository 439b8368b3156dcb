//! What STS says when it refuses: status, code and message in its own words.
//!
//! Most texts were seen in public reports of real answers. Where none was, the comment says so.

use std::time::Duration;

use auth_model::Timestamp;

use crate::instant::basic;

/// An error answer of STS.
///
/// The message is STS's own text, so it may repeat what the caller sent (the `IncompleteSignature`
/// family repeats the whole `Authorization` header, as the real service does).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct StsError {
    /// HTTP status.
    pub status: u16,
    /// The code, such as `SignatureDoesNotMatch`.
    pub code: String,
    /// The message, exactly as STS words it.
    pub message: String,
}

impl StsError {
    /// Any error at all.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// `Receiver` where the fault is the service's (5xx), else `Sender`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.status >= 500 { "Receiver" } else { "Sender" }
    }

    /// The request carries no signature.
    #[must_use]
    pub fn missing_authentication() -> Self {
        Self::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    }

    /// The signature's fields cannot be read.
    pub fn incomplete(message: impl Into<String>) -> Self {
        Self::new(400, "IncompleteSignature", message)
    }

    /// Wrong secret, or something signed has changed.
    #[must_use]
    pub fn mismatch() -> Self {
        Self::new(403, MISMATCH, MISMATCH_TEXT)
    }

    /// The signature is unfit for a reason that the message names.
    pub fn unfit(message: impl Into<String>) -> Self {
        Self::new(403, MISMATCH, message)
    }

    /// The signature is older than the window allows.
    #[must_use]
    pub fn expired_signature(signed: Timestamp, now: Timestamp, window: Duration) -> Self {
        Self::unfit(format!(
            "Signature expired: {} is now earlier than {} ({} - {} min.)",
            basic(signed),
            basic(now.minus(window)),
            basic(now),
            window.as_secs() / 60
        ))
    }

    /// The signature is further ahead than the window allows.
    #[must_use]
    pub fn early_signature(signed: Timestamp, now: Timestamp, window: Duration) -> Self {
        Self::unfit(format!(
            "Signature not yet current: {} is still later than {} ({} + {} min.)",
            basic(signed),
            basic(now.plus(window)),
            basic(now),
            window.as_secs() / 60
        ))
    }

    /// Unknown or inactive key, missing or wrong session token, key of another partition.
    #[must_use]
    pub fn invalid_token() -> Self {
        Self::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    /// The temporary credentials are past their expiry.
    #[must_use]
    pub fn expired_token() -> Self {
        Self::new(403, "ExpiredToken", "The security token included in the request is expired")
    }

    /// Over quota. The status is 400, not 429.
    #[must_use]
    pub fn throttled() -> Self {
        Self::new(400, "Throttling", "Rate exceeded")
    }

    /// No such action in this version. Not seen; the words are those of other query services.
    #[must_use]
    pub fn unknown_action(action: &str, version: &str) -> Self {
        Self::new(
            400,
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        )
    }

    /// A parameter breaks its constraint.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// The caller may not do this.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }
}

const MISMATCH: &str = "SignatureDoesNotMatch";
const MISMATCH_TEXT: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";
