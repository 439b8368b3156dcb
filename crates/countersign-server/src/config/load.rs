//! Reading the file, laying the environment over it, and checking the whole.

use std::path::{Path, PathBuf};

use toml_settings::SettingsError;

use super::{Config, KEYS, problems};

/// The environment variables that the caller lets the configuration see.
pub type Environment = Vec<(String, String)>;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file could not be read.
    #[error("can't read the configuration file `{}`", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not TOML, or a key is unknown or has a value of the wrong kind.
    #[error("the configuration is wrong: {0}")]
    Malformed(#[from] SettingsError),
    /// An environment variable looks like ours and names no key.
    #[error(
        "the environment variable `{name}` sets no key; `countersign serve --reference` lists them"
    )]
    UnknownVariable {
        /// Its name.
        name: String,
    },
    /// The values don't go together.
    #[error("the configuration can't be used:\n  {}", .0.join("\n  "))]
    Unusable(Vec<String>),
}

impl Config {
    /// Reads `file`, if one is given, lays `environment` over it, and checks the result.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?,
            None => String::new(),
        };
        Self::parse(&text, environment)
    }

    /// The same, of a file's text.
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        // First alone, so that a mistake in the file is told with its line.
        toml_settings::read::<Self>(text)?;
        let mut table: toml::Table = toml_settings::read(text)?;
        overlay(&mut table, environment)?;
        let config: Self = toml_settings::of_table(table)?;
        let found = problems::of(&config);
        if found.is_empty() { Ok(config) } else { Err(ConfigError::Unusable(found)) }
    }
}

/// Variables that begin like ours and are read elsewhere.
const ELSEWHERE: &[&str] = &["COUNTERSIGN_MASTER_KEY"];

fn overlay(table: &mut toml::Table, environment: &Environment) -> Result<(), ConfigError> {
    for (name, value) in environment {
        let ours = name.starts_with("COUNTERSIGN_") && !name.starts_with("COUNTERSIGN_TEST_");
        if !ours || ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.variable() == *name) else {
            return Err(ConfigError::UnknownVariable { name: name.clone() });
        };
        set(table, key.path, typed(value));
    }
    Ok(())
}

/// The variable's text as the TOML value that it looks like; otherwise as a string.
fn typed(text: &str) -> toml::Value {
    let whole: Result<toml::Table, _> = toml::from_str(&format!("value = {text}"));
    match whole.ok().and_then(|mut table| table.remove("value")) {
        Some(value) if !text.contains('\n') => value,
        _ => toml::Value::String(text.to_owned()),
    }
}

fn set(table: &mut toml::Table, path: &str, value: toml::Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let entry = table
                .entry(section.to_owned())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = entry {
                set(inner, rest, value);
            }
        }
    }
}
