//! Why somebody is not signed in. For log and audit; a browser is told nothing of it, with one exception.

use auth_model::{EmailError, RandomnessError};
use mapping_store::StoreError;
use role_mapping::LimitError;

use crate::{Told, told::ToldError};

/// The one fact for which a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such organization, a disabled one, or one that does not sign in by SAML: a stranger can't tell which.
    #[error("the organization does not sign in by SAML")]
    NotEnabled,
    /// What came is not believed.
    #[error(transparent)]
    Response(#[from] saml_sp::Refusal),
    /// No request of this browser waits for this answer.
    #[error(
        "no sign-in that this browser has begun waits for the answer: it was answered already, took too long, or another browser began it"
    )]
    UnknownRequest,
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// No e-mail address where the configuration says it is.
    #[error("the assertion has no {place} to take the e-mail address from")]
    NoEmail {
        /// Where it was looked for.
        place: String,
    },
    /// What stands there is none.
    #[error("{place} of the assertion: {error}")]
    Email {
        /// Where it stands.
        place: String,
        /// What is wrong.
        error: EmailError,
    },
    /// Nobody has the e-mail address, and its domain is not one whose people are made users.
    #[error(
        "no user has the e-mail address of the assertion, and its domain `{domain}` is not among `autocreate_domains`"
    )]
    UnknownUser {
        /// The domain, as far as it is safe to show.
        domain: String,
    },
    /// The user is disabled.
    #[error("the user is disabled")]
    Disabled,
    /// Mappings are enforced and none gives anything; such users are refused.
    #[error("no mapping gives the user a role or team, and such users are refused")]
    Unmatched {
        /// What arrived, which the user is told: somebody has to make a mapping for it.
        told: Box<Told>,
    },
    /// More attributes than are evaluated.
    #[error("the attributes of the assertion: {0}")]
    Attributes(#[from] LimitError),
    /// The organization signs in by SAML only.
    #[error("the organization signs in by SAML only")]
    Strict,
    /// No such keys of this organization, or not a person's, or narrowed by scopes.
    #[error(
        "the keys are not an API key and an unscoped application key of one person of the organization"
    )]
    Keys,
    /// The identity provider can't be asked as it is configured.
    #[error("no request can be made to the identity provider")]
    Request(#[from] saml_sp::RequestError),
    /// The identity provider's metadata can't be used any more.
    #[error("the identity provider's metadata can't be used")]
    Metadata(#[from] saml_sp::MetadataError),
    /// The user or the mappings changed at every try.
    #[error("the user or the mappings changed while they signed in")]
    Changing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// What was said of the user can't be kept or read.
    #[error(transparent)]
    Told(#[from] ToldError),
    /// The service provider can't be described; not expected.
    #[error("the service provider's settings")]
    Settings(#[from] saml_sp::SettingsError),
}

impl Refusal {
    /// A stable word for audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotEnabled => "not_enabled",
            Self::Response(refusal) => refusal.code(),
            Self::UnknownRequest => "unknown_request",
            Self::Replayed => "replayed",
            Self::NoEmail { .. } | Self::Email { .. } => "email",
            Self::UnknownUser { .. } => "unknown_user",
            Self::Disabled => "user_disabled",
            Self::Unmatched { .. } => "no_mapping",
            Self::Attributes(_) => "attributes",
            Self::Strict => "saml_only",
            Self::Keys => "keys",
            Self::Request(_) => "request",
            Self::Metadata(_) => "metadata",
            Self::Changing => "changing",
            Self::Store(_) => "store",
            Self::Randomness(_) | Self::Told(_) | Self::Settings(_) => "internal",
        }
    }

    /// Whether it is our own fault, so that trying again later may help.
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Self::Store(_)
                | Self::Randomness(_)
                | Self::Told(_)
                | Self::Settings(_)
                | Self::Changing
        )
    }
}
