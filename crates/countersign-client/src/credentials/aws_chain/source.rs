//! The sources by name: what each wants checked, and what its failures mean.

use super::{
    SdkError, container, imds, profile,
    trouble::{Causes, Trouble},
    web_identity,
};

/// A source of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Environment,
    /// The profile of this name.
    Profile(String),
    WebIdentity,
    Container,
    Imds,
}

impl Source {
    /// For people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Environment => "environment variables".to_owned(),
            Self::Profile(name) => format!("profile `{name}`"),
            Self::WebIdentity => "web identity".to_owned(),
            Self::Container => "the container's endpoint".to_owned(),
            Self::Imds => "IMDS".to_owned(),
        }
    }

    /// What to check where nothing better is known.
    pub(super) fn check(&self) -> String {
        match self {
            Self::Environment => ENVIRONMENT.to_owned(),
            Self::Profile(name) => profile::check(name),
            Self::WebIdentity => web_identity::CHECK.to_owned(),
            Self::Container => container::CHECK.to_owned(),
            Self::Imds => imds::CHECK.to_owned(),
        }
    }

    /// What the failure means.
    pub(super) fn trouble(&self, error: &SdkError) -> Trouble {
        let causes = Causes::of(error);
        self.known(error, &causes).unwrap_or_else(|| {
            let problem = match error {
                SdkError::ProviderTimedOut(_) => "no answer in time".to_owned(),
                _ => causes.innermost(),
            };
            Trouble::new(problem, self.check())
        })
    }

    /// What there is to say about a source that has nothing, if anything is.
    pub(super) fn absence(&self, error: &SdkError) -> Option<Trouble> {
        let causes = Causes::of(error);
        match self {
            Self::Imds => self.known(error, &causes),
            _ => causes.find::<Trouble>().cloned(),
        }
    }

    fn known(&self, error: &SdkError, causes: &Causes<'_>) -> Option<Trouble> {
        if let Some(trouble) = causes.find::<Trouble>() {
            return Some(trouble.clone());
        }
        let timed_out = matches!(error, SdkError::ProviderTimedOut(_));
        match self {
            Self::Environment => None,
            Self::Profile(name) => profile::trouble(name, causes, timed_out),
            Self::WebIdentity => web_identity::trouble(causes),
            Self::Container => container::trouble(causes),
            Self::Imds => imds::trouble(causes),
        }
    }
}

const ENVIRONMENT: &str = "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if they are temporary";
