#![doc = include_str!("../README.md")]

mod address;
mod collect;
mod directive;
mod document;
mod endpoints;
mod error;
mod fallback;
mod note;
mod proxy;
mod section;
mod settings;
mod shown;
mod source;

pub use address::ServerError;
pub use directive::{Directive, DirectiveError};
pub use error::{ConfigError, Origin};
pub use note::Note;
pub use settings::{Place, Provider, Settings, Wanted};

/// Reads a `datadog.yaml` with the environment of the Agent, which comes before the file.
///
/// `environment` answers with the value of a variable; what is empty is as if it were not there, but
/// for the proxies. An empty `yaml` is read too: a container may have its settings in variables only.
///
/// # Errors
///
/// [`ConfigError::NotEnabled`] where no section names an organization; otherwise the first thing that
/// is wrong with what is read. Settings that have nothing to do with keys are never looked at.
pub fn read(
    yaml: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, ConfigError> {
    collect::settings(&source::Source::new(yaml, environment)?)
}
