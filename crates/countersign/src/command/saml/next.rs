//! The way from nothing to enforced mappings, and where on it an organization stands.

use auth_model::{Clock, SystemClock};
use countersign_client::{ApiClient, ClientError, ListOptions};
use jsonapi_model::resources::SamlConfigurationAttributes;

/// What an organization has of what the next step depends on, beside its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// How many authN mappings there are.
    pub(super) mappings: u64,
    /// Whether somebody's assertion is kept, so that a preview has something to show; absent for those who may not know.
    seen: Option<bool>,
}

impl Progress {
    pub(super) async fn read(api: &ApiClient) -> Result<Self, ClientError> {
        let one = ListOptions { limit: Some(1), ..ListOptions::default() };
        let mappings = api.authn_mappings(&one).await?;
        let counts = mappings.meta.and_then(|meta| meta.page);
        let seen = match api.saml_assertions(&one).await {
            Ok(kept) => Some(!kept.data.is_empty()),
            Err(error) if error.status() == Some(403) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { mappings: counts.and_then(|counts| counts.total_count).unwrap_or(0), seen })
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    UploadMetadata,
    RenewMetadata,
    Enable,
    MakeMapping,
    KeepAssertions,
    SignIn,
    Enforce,
    Nothing,
}

impl NextStep {
    pub(super) fn of(configuration: &SamlConfigurationAttributes, progress: &Progress) -> Self {
        match &configuration.idp {
            None => Self::UploadMetadata,
            Some(idp) if idp.valid_until.as_deref().is_some_and(is_past) => Self::RenewMetadata,
            Some(_) if !configuration.enabled => Self::Enable,
            Some(_) if progress.mappings == 0 => Self::MakeMapping,
            Some(_) if configuration.enforce_mappings => Self::Nothing,
            Some(_) => match (progress.seen, configuration.keep_assertions) {
                (Some(true) | None, _) => Self::Enforce,
                (Some(false), true) => Self::SignIn,
                (Some(false), false) => Self::KeepAssertions,
            },
        }
    }

    /// For programs.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::UploadMetadata => "upload_metadata",
            Self::RenewMetadata => "renew_metadata",
            Self::Enable => "enable",
            Self::MakeMapping => "make_mapping",
            Self::KeepAssertions => "keep_assertions",
            Self::SignIn => "sign_in",
            Self::Enforce => "preview_and_enforce",
            Self::Nothing => "nothing",
        }
    }

    /// For people.
    pub(super) fn words(self, sign_in_url: &str) -> String {
        match self {
            Self::UploadMetadata => {
                "Next: give the identity provider's administrator what `countersign saml metadata` prints, and upload what they give: \
                 `countersign saml configure --idp-metadata FILE`."
            }
            Self::RenewMetadata => {
                "Next: obtain the identity provider's metadata anew, which has expired, and upload it: \
                 `countersign saml configure --idp-metadata FILE`."
            }
            Self::Enable => "Next: switch sign-in on: `countersign saml configure --enabled true`.",
            Self::MakeMapping => {
                "Next: make a mapping, so that an attribute gives a role: `countersign authn-mapping create NAME=VALUE --role ROLE`."
            }
            Self::KeepAssertions => {
                "Next: keep what arrives, to preview what it would give: `countersign saml configure --keep-assertions true`. \
                 Attributes that are known can be previewed at once: `countersign authn-mapping preview NAME=VALUE`."
            }
            Self::SignIn => {
                return format!(
                    "Next: have somebody sign in at {sign_in_url}, then see what they would hold: `countersign authn-mapping preview --all`."
                );
            }
            Self::Enforce => {
                "Next: see what everybody would gain and lose: `countersign authn-mapping preview --all`. If it is right, switch \
                 enforcement on: `countersign saml configure --enforce-mappings true`."
            }
            Self::Nothing => {
                return format!("All is set up: each sign-in at {sign_in_url} sets roles and teams by the mappings.");
            }
        }
        .to_owned()
    }
}

/// Whether a time of the API is over, by this machine's clock.
pub(super) fn is_past(time: &str) -> bool {
    let now = SystemClock.now().unix_micros();
    jsonapi_model::time::parse_micros(time).is_some_and(|time| time <= now)
}
