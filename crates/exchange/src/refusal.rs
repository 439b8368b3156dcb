//! Why an exchange gave nothing.

use std::{sync::Arc, time::Duration};

use auth_model::MappingKind;
use mapping_store::StoreError;
use sts_proof::{ProofError, StsRefusal, TransportError};

use crate::NoMapping;

/// Why an exchange gave nothing. `Display` is fit for the caller: it holds no secret, and of other people's
/// configuration nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// The proof is no proof, or not acceptable as it stands. STS was not asked.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Too many attempts from this source or by this access key.
    #[error("too many exchanges; try again in {} s", .retry_after.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many requests to STS are under way.
    #[error("too many exchanges are under way; try again in a second")]
    Busy,
    /// STS did not confirm the signer.
    #[error(transparent)]
    Sts(#[from] StsRefusal),
    /// STS could not be asked.
    #[error("STS could not be asked: {0}")]
    Transport(#[from] TransportError),
    /// STS confirmed the signer, and nothing is mapped to it.
    #[error(
        "Authenticated as {arn} but no identity mapping was found. Create {kind} mapping for it, or ask an administrator to run `countersign explain {arn}`, which says what is missing",
        kind = match .kind { MappingKind::Persona => "a persona", MappingKind::Intake => "an intake" }
    )]
    Unmapped {
        /// Who STS says it is. The caller knows it: it is its own.
        arn: String,
        /// Which kind of mapping was looked for.
        kind: MappingKind,
        /// Which of the causes it was, for the audit only.
        cause: NoMapping,
    },
    /// This very proof was presented before, and the server takes each one once.
    #[error("this proof was used before; sign a new one")]
    Replayed,
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
    /// Issuing failed, for a reason of our own.
    #[error("the credential could not be issued")]
    Issue(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// What a refusal means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request can't be understood; mend the client.
    Malformed,
    /// Not confirmed, not fresh, or not mapped; no credential for this caller as things stand.
    Unauthenticated,
    /// Wait and try again.
    Throttled(Duration),
    /// Something that we need is down; try again.
    Unavailable,
    /// Our own fault.
    Internal,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl Refusal {
    /// An error of our own while issuing.
    pub(crate) fn issue(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Issue(Arc::new(error))
    }

    /// What it means for whoever asked.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Self::Proof(error) => match error.class() {
                sts_proof::ProofFault::NotAllowed => RefusalKind::Unauthenticated,
                _ => RefusalKind::Malformed,
            },
            Self::TooMany { retry_after } => RefusalKind::Throttled(*retry_after),
            Self::Busy | Self::Transport(_) => RefusalKind::Unavailable,
            Self::Sts(StsRefusal::Throttled) => RefusalKind::Throttled(Duration::from_secs(1)),
            // Whoever answers like that is not STS, or not well: its word decides nothing.
            Self::Sts(
                StsRefusal::Unavailable { .. }
                | StsRefusal::Malformed { .. }
                | StsRefusal::Inconsistent { .. },
            ) => RefusalKind::Unavailable,
            Self::Sts(_) | Self::Unmapped { .. } | Self::Replayed => RefusalKind::Unauthenticated,
            Self::Store(error) => match **error {
                StoreError::Unavailable(_) => RefusalKind::Unavailable,
                _ => RefusalKind::Internal,
            },
            Self::Issue(_) => RefusalKind::Internal,
        }
    }

    /// A stable word for programs: the audit event's reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Proof(error) => error.code(),
            Self::TooMany { .. } => "too_many",
            Self::Busy => "busy",
            Self::Sts(refusal) => refusal.code(),
            Self::Transport(error) => error.code(),
            Self::Unmapped { cause, .. } => cause.code(),
            Self::Replayed => "replayed",
            Self::Store(_) => "store_failed",
            Self::Issue(_) => "issue_failed",
        }
    }
}
