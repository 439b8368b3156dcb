//! What can go wrong, and what to do about it.

use std::{fmt, time::Duration};

use sts_proof::SignError;

use crate::CredentialsError;

/// Why there is no answer. `Display` says the next step and never holds a secret; errors are shared by all who
/// waited for the same exchange, hence `Clone`.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The source gave no AWS credentials.
    #[error(transparent)]
    NoCredentials(#[from] CredentialsError),
    /// The server refused the proof for its date, and the clocks really are apart.
    #[error(
        "this machine's clock is {seconds} s {} the server's, so the proof was refused; set the clock (is a time service running?) and try again. The server said: {refusal}",
        if *.ahead { "ahead of" } else { "behind" },
        seconds = .by.as_secs()
    )]
    ClockSkew {
        /// How far.
        by: Duration,
        /// Whether this machine's clock is the one that is ahead.
        ahead: bool,
        /// What the server said.
        refusal: Box<Refusal>,
    },
    /// The server answered, with an error.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// There was no answer.
    #[error(
        "`{url}` did not answer: {what}; check the address, that the server runs, and the network between"
    )]
    Unreachable {
        /// Without user, password and query.
        url: String,
        /// In the words of the HTTP library, which hold no secret.
        what: String,
    },
    /// There was an answer, but not one of this API.
    #[error("{0}")]
    Protocol(String),
    /// No proof could be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A secret would travel in the clear, or to somebody else.
    #[error("`{url}` is not used: {why}")]
    InsecureUrl {
        /// Without user, password and query.
        url: String,
        /// Which rule it breaks, and what to write instead.
        why: &'static str,
    },
    /// A setting cannot be used.
    #[error("{0}")]
    Setup(&'static str),
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What the server says, one by one; empty if the body holds no errors of this API.
    pub messages: Vec<String>,
    /// When to try again, if the server says so.
    pub retry_after: Option<Duration>,
    /// Where the AWS credentials came from, if the request was an exchange.
    pub credentials_from: Option<String>,
}

impl ClientError {
    /// The status, if the server answered with an error.
    pub fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// What the server said, if it answered with an error.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::ClockSkew { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.messages.is_empty() {
            write!(
                f,
                "status {}, without an error of this API in it; check that the address is that of a Countersign server",
                self.status
            )?;
        } else {
            write!(f, "refused with status {}: {}", self.status, self.messages.join("; "))?;
        }
        if let Some(source) = &self.credentials_from {
            write!(f, " (AWS credentials from {source})")?;
            if self.status == 401 {
                f.write_str("; `aws sts get-caller-identity` shows whose they are")?;
            }
        }
        match (self.status, self.retry_after) {
            (_, Some(wait)) => write!(f, "; try again in {} s", wait.as_secs().max(1)),
            (403, None) if self.credentials_from.is_none() => {
                f.write_str("; check the keys, or ask for the permission")
            }
            (429 | 500.., None) => f.write_str("; try again later"),
            _ => Ok(()),
        }
    }
}
