//! What carries a rebuilt request to STS and its answer back. The HTTP client lives elsewhere.

use async_trait::async_trait;

use crate::StsRequest;

/// Sends requests to STS.
///
/// An implementation follows no redirect, reads no more than [`MAX_ANSWER_BYTES`](crate::MAX_ANSWER_BYTES), and adds
/// nothing to the request.
#[async_trait]
pub trait StsTransport: Send + Sync {
    /// The answer, whatever its status; `Err` means there was none that can be judged.
    async fn send(&self, request: &StsRequest) -> Result<StsAnswer, TransportError>;
}

/// What came back, unjudged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StsAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, as it came.
    pub content_type: Option<String>,
    /// `x-amzn-RequestId`: what AWS support asks for.
    pub request_id: Option<String>,
    /// `Date`, as it came: shows whose clock is wrong.
    pub date: Option<String>,
    /// The body, not decompressed.
    pub body: Vec<u8>,
}

/// No answer of STS can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransportError {
    /// No connection: name resolution, TCP or TLS failed.
    #[error("sts can not be reached")]
    Unreachable,
    /// No complete answer in time.
    #[error("sts did not answer in time")]
    TimedOut,
    /// The connection broke, or what came is not HTTP.
    #[error("the connection to sts broke")]
    Broken,
    /// STS does not redirect; whoever answered is not STS.
    #[error("sts answered with a redirect, which is not followed")]
    Redirected,
    /// The answer is longer than any of STS.
    #[error("the answer of sts is too long")]
    TooLarge,
    /// The request could not be built; a configured host's name is not a host name, say.
    #[error("the request to sts can not be sent")]
    Unsendable,
}

impl TransportError {
    /// A stable word for audit and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "sts_unreachable",
            Self::TimedOut => "sts_timed_out",
            Self::Broken => "sts_connection_broken",
            Self::Redirected => "sts_redirected",
            Self::TooLarge => "sts_answer_too_large",
            Self::Unsendable => "sts_request_unsendable",
        }
    }
}
