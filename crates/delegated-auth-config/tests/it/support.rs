//! Words of the tests.

use auth_model::{ExposeSecret, OrgId, SecretString};
use delegated_auth_config::{ConfigError, Settings, Wanted, read};

pub(crate) const ORG: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
pub(crate) const OTHER: &str = "9b2f0c1e-6d3a-4f7e-8a51-0d4c7be1f2a3";
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

/// A file and variables.
pub(crate) fn with(yaml: &str, variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    read(yaml, &|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// A file that can be read.
pub(crate) fn good(yaml: &str) -> Settings {
    with(yaml, &[]).unwrap_or_else(|error| panic!("{}\n{yaml}", chain(&error)))
}

/// What is wrong with a file, causes included.
pub(crate) fn bad(yaml: &str) -> String {
    match with(yaml, &[]) {
        Ok(settings) => panic!("read: {settings:?}\n{yaml}"),
        Err(error) => chain(&error),
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

pub(crate) fn org(text: &str) -> OrgId {
    text.parse().unwrap()
}

pub(crate) fn shown(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

pub(crate) fn names(settings: &Settings) -> Vec<&str> {
    settings.instances.iter().map(|wanted| wanted.name.as_str()).collect()
}

pub(crate) fn notes(settings: &Settings) -> Vec<String> {
    settings.notes.iter().map(ToString::to_string).collect()
}

pub(crate) fn places(wanted: &Wanted) -> Vec<String> {
    wanted.places.iter().map(ToString::to_string).collect()
}
