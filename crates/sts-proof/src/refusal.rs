//! What it means that STS did not vouch for a signer.

use std::fmt;

/// Why there is no caller identity. Never carries the text that STS sent: it may repeat what is secret.
///
/// Exhaustive, since whoever answers a caller must decide about each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StsRefusal {
    /// `SignatureDoesNotMatch`: wrong secret, or something signed was changed.
    #[error("sts refused the signature; check the secret access key and the session token")]
    BadSignature,
    /// `SignatureDoesNotMatch`, because of the date.
    #[error("sts refused the date of the signature: {0}")]
    ClockSkew(ClockSkew),
    /// `SignatureDoesNotMatch`, because of the scope; or the Region is switched off for the account.
    #[error("sts refused the region; sign for a region that is enabled for the account")]
    RegionMismatch,
    /// `InvalidClientTokenId`: unknown or inactive key, wrong session token, or a key of another partition.
    #[error(
        "sts does not know the access key or the session token; check that the key is active and of this partition"
    )]
    InvalidToken,
    /// `ExpiredToken`.
    #[error("the temporary credentials have expired; obtain new ones")]
    ExpiredToken,
    /// The signer's account is over its quota.
    #[error("sts is throttling the account; try again in a few seconds")]
    Throttled,
    /// A fault on the side of STS.
    #[error("sts is unavailable (status {status}); try again")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// What came is not an answer of STS.
    #[error("the answer of sts can not be read: {what}")]
    Malformed {
        /// Our own words.
        what: &'static str,
    },
    /// It reads well but its parts do not fit each other or the request. Something other than STS may have
    /// answered: worth an alarm.
    #[error("the answer of sts is inconsistent: {what}")]
    Inconsistent {
        /// Our own words.
        what: &'static str,
    },
    /// A principal that can never be mapped.
    #[error("the signer is {what}; sign as an iam user or a role session")]
    Unsupported {
        /// Our own words.
        what: &'static str,
    },
    /// Any other error of STS.
    #[error("sts refused the proof with `{code}` (status {status})")]
    Other {
        /// The HTTP status.
        status: u16,
        /// The error code: letters, digits, `.`, at most 64.
        code: String,
    },
}

impl StsRefusal {
    /// A stable word for audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::ClockSkew(_) => "clock_skew",
            Self::RegionMismatch => "region_mismatch",
            Self::InvalidToken => "invalid_token",
            Self::ExpiredToken => "expired_token",
            Self::Throttled => "sts_throttled",
            Self::Unavailable { .. } => "sts_unavailable",
            Self::Malformed { .. } => "sts_answer_malformed",
            Self::Inconsistent { .. } => "sts_answer_inconsistent",
            Self::Unsupported { .. } => "principal_unsupported",
            Self::Other { .. } => "sts_other",
        }
    }

    /// The error code of STS, where it names one and it is known here.
    pub fn sts_code(&self) -> Option<&str> {
        match self {
            Self::BadSignature | Self::ClockSkew(_) | Self::RegionMismatch => {
                Some("SignatureDoesNotMatch")
            }
            Self::InvalidToken => Some("InvalidClientTokenId"),
            Self::ExpiredToken => Some("ExpiredToken"),
            Self::Throttled => Some("Throttling"),
            Self::Other { code, .. } => Some(code),
            Self::Unavailable { .. }
            | Self::Malformed { .. }
            | Self::Inconsistent { .. }
            | Self::Unsupported { .. } => None,
        }
    }
}

/// How far the clocks are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    /// The signer's clock minus that of STS; positive where the signer's is ahead.
    pub signer_seconds: i64,
    /// The server's own clock minus that of STS, where STS told the time.
    pub server_seconds: Option<i64>,
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |seconds: i64| if seconds < 0 { "behind" } else { "ahead of" };
        let (signer, to) = (self.signer_seconds, way(self.signer_seconds));
        write!(f, "it was signed {} s {to} the clock of sts", signer.unsigned_abs())?;
        match self.server_seconds {
            Some(own) if own.unsigned_abs() > 60 => {
                write!(f, ", and this server's clock is {} s {} it", own.unsigned_abs(), way(own))
            }
            _ => write!(f, "; set the signer's clock"),
        }
    }
}
