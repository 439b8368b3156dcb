//! A `delegated_auth` section: of the root, or of a product that inherits what it does not say.

use std::time::Duration;

use auth_model::OrgId;

use crate::{
    ConfigError, Note, Origin, Provider, directive, document, shown,
    source::{Found, Source, duplicate},
};

/// Products that can have a key of their own.
pub(crate) const PRODUCTS: [&str; 4] =
    ["logs_config", "remote_configuration", "evp_proxy_config", "ol_proxy_config"];

/// The Agent's interval where none is given, or none that is above zero.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The longest interval: a year. More is a slip of the pen.
const MAX_MINUTES: i64 = 366 * 24 * 60;

/// Most unknown keys of one section that are noted.
const MAX_NOTED: usize = 16;

const KEYS: [&str; 4] = ["org_uuid", "provider", "aws", "refresh_interval_mins"];
const AWS_KEYS: [&str; 1] = ["region"];

/// A section as it is written.
#[derive(Clone)]
pub(crate) struct Section {
    /// `None`: this section does not enable anything.
    pub(crate) org: Option<OrgId>,
    provider: Option<Provider>,
    region: Option<String>,
    interval: Option<Duration>,
}

impl Section {
    /// The section below `prefix`, which is empty for the root.
    pub(crate) fn read(
        source: &Source<'_>,
        prefix: &str,
        notes: &mut Vec<Note>,
    ) -> Result<Self, ConfigError> {
        let path = below(prefix, "delegated_auth");
        let scalar = |key: &str| source.scalar(&below(&path, key));
        unknown_keys(source, &path, &KEYS, notes)?;
        unknown_keys(source, &below(&path, "aws"), &AWS_KEYS, notes)?;
        Ok(Self {
            org: scalar("org_uuid")?.map(org).transpose()?,
            provider: scalar("provider")?.map(provider).transpose()?,
            region: scalar("aws.region")?.map(region).transpose()?,
            interval: scalar("refresh_interval_mins")?
                .map(|found| interval(found, notes))
                .transpose()?,
        })
    }

    /// The section with what the root says where this one is silent. Organizations are not inherited.
    pub(crate) fn or(self, root: &Self) -> Self {
        Self {
            org: self.org,
            provider: self.provider.or(root.provider),
            region: self.region.or_else(|| root.region.clone()),
            interval: self.interval.or(root.interval),
        }
    }

    /// What a directive does not say. Its region is its own: it goes to another place than the root's.
    pub(crate) fn for_directive(&self, org: OrgId, region: Option<String>) -> Self {
        Self { org: Some(org), provider: Some(Provider::Aws), region, interval: self.interval }
    }

    pub(crate) fn provider(&self) -> Provider {
        self.provider.unwrap_or(Provider::Auto)
    }

    pub(crate) fn region(&self) -> Option<String> {
        self.region.clone()
    }

    pub(crate) fn interval(&self) -> Duration {
        self.interval.unwrap_or(HOUR)
    }
}

/// `logs_config` and `api_key` make `logs_config.api_key`.
pub(crate) fn below(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

fn unknown_keys(
    source: &Source<'_>,
    path: &str,
    known: &[&'static str],
    notes: &mut Vec<Note>,
) -> Result<(), ConfigError> {
    let Some(node) = source.node(path)? else { return Ok(()) };
    let Some(entries) = node.entries() else {
        let at = Origin::File { setting: path.to_owned(), line: node.line };
        return Err(source.misshapen(node.line, at, "a mapping of settings"));
    };
    let is_known = |key: &str| known.iter().any(|known| key.eq_ignore_ascii_case(known));
    for key in known {
        document::find(entries, key).map_err(|twice| duplicate(&below(path, key), &twice))?;
    }
    for entry in entries.iter().filter(|entry| !is_known(&entry.key)).take(MAX_NOTED) {
        notes.push(Note::UnknownKey {
            section: path.to_owned(),
            key: shown::word(&entry.key).map(str::to_owned),
            line: entry.line,
            nearest: shown::nearest(&entry.key, known),
        });
    }
    Ok(())
}

fn org(found: Found) -> Result<OrgId, ConfigError> {
    let Found { text, at } = found.filled_in()?;
    text.parse().map_err(|_| {
        let hexadecimal = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hint = if hexadecimal {
            ": 32 digits without hyphens are an API key, or a UUID that has lost them"
        } else {
            ""
        };
        ConfigError::OrgId { at, hint }
    })
}

fn provider(found: Found) -> Result<Provider, ConfigError> {
    let Found { text, at } = found.filled_in()?;
    match text.as_str() {
        "aws" => Ok(Provider::Aws),
        "auto" => Ok(Provider::Auto),
        other => Err(ConfigError::Provider { at, provider: shown::word(other).map(str::to_owned) }),
    }
}

fn region(found: Found) -> Result<String, ConfigError> {
    let Found { text, at } = found.filled_in()?;
    match directive::is_region(&text) {
        true => Ok(text),
        false => Err(ConfigError::Value { at, wanted: "a region of AWS such as `eu-west-1`" }),
    }
}

fn interval(found: Found, notes: &mut Vec<Note>) -> Result<Duration, ConfigError> {
    let Found { text, at } = found.filled_in()?;
    match text.parse::<i64>() {
        Ok(minutes) if minutes > MAX_MINUTES => {
            Err(ConfigError::Value { at, wanted: "a number of minutes, of a year at most" })
        }
        Ok(minutes) if minutes > 0 => Ok(Duration::from_secs(minutes.unsigned_abs() * 60)),
        Ok(_) => {
            notes.push(Note::Interval { at });
            Ok(HOUR)
        }
        Err(_) => Err(ConfigError::Value { at, wanted: "a whole number of minutes such as `60`" }),
    }
}
