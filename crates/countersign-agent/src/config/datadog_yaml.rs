//! Instances from the settings that a telemetry Agent has already.

use std::path::PathBuf;

use delegated_auth_config::{Settings, Wanted};
use serde::Deserialize;

use super::{ConfigError, Instance, SecretSetting, others_may};

/// A telemetry Agent's `datadog.yaml`, and where its keys go. The file is only read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatadogYaml {
    /// The file. Variables (`DD_…`) come before it, as for the Agent.
    pub path: PathBuf,
    /// A file here for each instance, of its name.
    pub key_folder: Option<PathBuf>,
    /// As of an [`Instance`].
    pub key_file_owner: Option<String>,
    /// A cache here for each instance.
    pub cache_folder: Option<PathBuf>,
    /// As of an [`Instance`].
    pub cache_key_file: Option<PathBuf>,
    /// As of an [`Instance`].
    #[serde(default)]
    pub imds_v1: bool,
    /// As of an [`Instance`].
    pub trusted_roots_file: Option<PathBuf>,
    /// As of an [`Instance`].
    #[serde(default)]
    pub on_change: Vec<String>,
}

impl DatadogYaml {
    /// Its instances, and what their reader should know.
    pub(super) fn read(&self) -> Result<(Vec<Instance>, Vec<String>), ConfigError> {
        let path = &self.path;
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        let variable = |name: &str| std::env::var(name).ok();
        let wrong = |problem: String| ConfigError::InFile { path: path.clone(), problem };
        let settings =
            delegated_auth_config::read(&text, &variable).map_err(|error| wrong(chain(&error)))?;
        if settings.skip_ssl_verification {
            return Err(wrong(
                "`skip_ssl_verification` is set: whoever stands between would have the proofs and the keys, so it is refused; `trusted_roots_file` trusts certificates of your own"
                    .to_owned(),
            ));
        }
        Ok((self.instances(&settings), self.warnings(&settings)))
    }

    fn instances(&self, settings: &Settings) -> Vec<Instance> {
        settings.instances.iter().map(|wanted| self.instance(wanted)).collect()
    }

    fn instance(&self, wanted: &Wanted) -> Instance {
        let file = file_name(&wanted.name);
        let minutes = wanted.refresh_interval.as_secs() / 60;
        Instance {
            name: Some(wanted.name.clone()),
            url: wanted.server.clone(),
            org: wanted.org.to_string(),
            region: wanted.region.clone(),
            imds_v1: self.imds_v1,
            proxy: wanted.proxy.clone().map(SecretSetting),
            trusted_roots_file: self.trusted_roots_file.clone(),
            // The Agent knows no longest interval; ours is a day.
            refresh_interval_mins: Some(u32::try_from(minutes).unwrap_or(u32::MAX).min(1_440)),
            fallback_key: wanted.fallback.clone().map(SecretSetting),
            key_file: self.key_folder.as_ref().map(|folder| folder.join(&file)),
            key_file_owner: self.key_folder.as_ref().and(self.key_file_owner.clone()),
            cache_file: self.cache_folder.as_ref().map(|folder| folder.join(&file)),
            cache_key_file: self.cache_folder.as_ref().and(self.cache_key_file.clone()),
            on_change: self.on_change.clone(),
            ..Instance::default()
        }
    }

    fn warnings(&self, settings: &Settings) -> Vec<String> {
        let path = self.path.display();
        let notes = settings.notes.iter().map(|note| format!("`{path}`: {note}"));
        let fallback = settings.instances.iter().any(|wanted| wanted.fallback.is_some());
        let open = (fallback && others_may(0o004, &self.path)).then(|| {
            format!("everybody on this machine may read `{path}`, which holds an API key: `chmod o-r` it")
        });
        notes.chain(open).collect()
    }
}

/// An error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A name of files: letters, digits, `.`, `_` and `-`.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect()
}
