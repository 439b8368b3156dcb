//! One key: where it is from, and where it goes.

use std::path::{Path, PathBuf};

use auth_model::{ExposeSecret, SecretString};
use private_file::Owner;
use serde::Deserialize;

use super::ConfigError;

/// One key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// For people, and for those who ask for the key; the organization's id by default.
    pub name: Option<String>,
    /// The server: `https://…`, or `http://` on a loopback host.
    pub url: String,
    /// The organization's id.
    pub org: String,
    /// Of the STS that is asked. By default the one of the environment, the profile or the metadata service, else the global one.
    pub region: Option<String>,
    /// An AWS profile, instead of the whole chain.
    pub profile: Option<String>,
    /// Lets credentials come from a metadata service that knows no sessions (IMDSv1).
    #[serde(default)]
    pub imds_v1: bool,
    /// An HTTP proxy to reach the server by. The environment's are not used.
    pub proxy: Option<SecretSetting>,
    /// Certificates to trust in place of the system's (PEM).
    pub trusted_roots_file: Option<PathBuf>,
    /// In minutes, 60 by default.
    pub refresh_interval_mins: Option<u32>,
    /// A file with a key to use while no managed one was ever obtained.
    pub fallback_key_file: Option<PathBuf>,
    /// The same, from a configuration that has it in itself.
    #[serde(skip)]
    pub fallback_key: Option<SecretSetting>,
    /// Where the last good key survives a restart.
    pub cache_file: Option<PathBuf>,
    /// The key (as `countersign init` makes one) that seals the cache.
    pub cache_key_file: Option<PathBuf>,
    /// Holds the key and nothing else.
    pub key_file: Option<PathBuf>,
    /// Whose it is, `USER:GROUP`; the agent's own user by default. Giving files away needs root.
    pub key_file_owner: Option<String>,
    /// A Secret that holds the key.
    pub kubernetes_secret: Option<KubernetesSecret>,
    /// A program and its arguments, to run once the key is everywhere else.
    #[serde(default)]
    pub on_change: Vec<String>,
}

/// A Secret of the cluster that the agent runs in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KubernetesSecret {
    /// Its name.
    pub name: String,
    /// The agent's own by default.
    pub namespace: Option<String>,
    /// The entry that holds the key.
    #[serde(default = "default_entry")]
    pub entry: String,
    /// Where the pod's token, namespace and cluster certificate are.
    #[serde(default = "default_service_account")]
    pub service_account: PathBuf,
}

impl Instance {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.org)
    }

    /// The files that no other may write.
    pub(crate) fn own_files(&self) -> impl Iterator<Item = &Path> {
        [&self.key_file, &self.cache_file].into_iter().flatten().map(PathBuf::as_path)
    }

    /// Whose the key file is to be.
    pub(crate) fn owner(&self) -> Result<Option<Owner>, ConfigError> {
        let parse = |text: &String| {
            text.parse().map_err(|error| {
                ConfigError::Wrong(format!("`key_file_owner` of `{}`: {error}", self.name()))
            })
        };
        self.key_file_owner.as_ref().map(parse).transpose()
    }

    pub(super) fn check(&self, there_is_a_socket: bool) -> Result<(), ConfigError> {
        let name = self.name();
        let minutes = self.refresh_interval_mins.unwrap_or(60);
        let reaches = self.key_file.is_some()
            || self.kubernetes_secret.is_some()
            || !self.on_change.is_empty()
            || there_is_a_socket;
        let named = !name.is_empty() && !name.contains(|c: char| c == '/' || c.is_control());
        #[rustfmt::skip]
        let rules = [
            (named, format!("`{name}` can't be a `name`: it is part of paths, so it has no `/` and is not empty")),
            (reaches, format!("the key of `{name}` would reach nobody: say where to keep it (`key_file`), or what to run (`on_change`), or make it answer on a `socket`")),
            ((1..=1_440).contains(&minutes), format!("`refresh_interval_mins` of `{name}` is {minutes}; it may be 1 to 1440")),
            (self.cache_key_file.is_none() || self.cache_file.is_some(), format!("`{name}` has a `cache_key_file` but no `cache_file` to seal")),
            (self.key_file_owner.is_none() || self.key_file.is_some(), format!("`{name}` has a `key_file_owner` but no `key_file`")),
            (self.kubernetes_secret.is_none() || cfg!(feature = "kubernetes"), format!("`{name}` has a `kubernetes_secret`, but this program was built without Kubernetes")),
        ];
        if let Some((_, problem)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(ConfigError::Wrong(problem));
        }
        self.owner().map(|_| ())
    }
}

/// A setting that nobody is shown: a key, or an address with a password in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub struct SecretSetting(pub SecretString);

impl From<String> for SecretSetting {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq for SecretSetting {
    fn eq(&self, other: &Self) -> bool {
        // Both are our own settings: there is nobody to learn from how long this takes.
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for SecretSetting {}

fn default_entry() -> String {
    "api-key".to_owned()
}

fn default_service_account() -> PathBuf {
    PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount")
}
