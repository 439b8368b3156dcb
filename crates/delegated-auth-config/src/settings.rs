//! What is read: values for whoever fetches the keys.

use std::{fmt, time::Duration};

use auth_model::{OrgId, SecretString};

use crate::Note;

/// The delegated authentication of one Agent. Holding it means that at least one instance is wanted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The base address of the root section and the products, without a slash at its end.
    pub server: String,
    /// One for each organization at each server, root and products before endpoints.
    pub instances: Vec<Wanted>,
    /// What was ignored or replaced.
    pub notes: Vec<Note>,
    /// The Agent would not verify certificates. Refuse it: whoever stands between then has the proofs.
    pub skip_ssl_verification: bool,
}

/// A key that is to be fetched and kept fresh.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wanted {
    /// Unique, and the same whenever the same settings are read: `main`, a product such as
    /// `logs_config`, or an endpoint setting with its host.
    pub name: String,
    /// Whose key.
    pub org: OrgId,
    /// The base address to ask, without a slash at its end.
    pub server: String,
    /// Where credentials come from.
    pub provider: Provider,
    /// Of STS, such as `eu-west-1`; `None` leaves it to be detected.
    pub region: Option<String>,
    /// Between two exchanges; whole minutes, at least one.
    pub refresh_interval: Duration,
    /// A key to use until an exchange succeeds.
    pub fallback: Option<SecretString>,
    /// The address of the proxy to this server; a secret because it may hold a password.
    pub proxy: Option<SecretString>,
    /// Where the Agent would put the key, at least one.
    pub places: Vec<Place>,
}

/// Where credentials come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// AWS if there are credentials of it.
    Auto,
    /// AWS, as somebody wrote.
    Aws,
}

/// Where the Agent would put a key. `Display` is the setting, with the address of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `api_key`.
    Root,
    /// `<prefix>.api_key`.
    Product {
        /// Such as `logs_config`.
        prefix: &'static str,
    },
    /// In place of a `DELA(…)`.
    Endpoint {
        /// Such as `apm_config.additional_endpoints`.
        setting: &'static str,
        /// The address, or host and port, that the setting gives it.
        url: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("api_key"),
            Self::Product { prefix } => write!(f, "{prefix}.api_key"),
            Self::Endpoint { setting, url } => write!(f, "{setting} {url}"),
        }
    }
}
