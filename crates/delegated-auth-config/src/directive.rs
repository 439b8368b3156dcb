//! `DELA(<org>, aws[, region=<r>][, fallback=<key>])` in place of an API key.

use std::str::FromStr;

use auth_model::{ExposeSecret, OrgId, SecretString};

use crate::{error::named, shown};

/// Longest directive that is read, in bytes.
const MAX_BYTES: usize = 1024;

/// Longest fallback, in bytes: a key has 32. With it what is printed is never too long to be read.
const MAX_FALLBACK_BYTES: usize = 512;

/// An API key that is to be exchanged for instead of being written down.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Directive {
    /// Whose key.
    pub org: OrgId,
    /// Of STS, such as `eu-west-1`.
    pub region: Option<String>,
    /// What the Agent uses after an exchange has failed: a key, or the handle of one.
    pub fallback: Option<SecretString>,
}

/// Why a text is no directive. The fallback is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectiveError {
    /// It begins differently.
    #[error("it does not begin with `DELA(`, in capitals and without a blank")]
    Begin,
    /// It has no end, or something follows.
    #[error("it does not end with its only `)`")]
    End,
    /// It is longer than any directive.
    #[error("it has {bytes} bytes, more than the {MAX_BYTES} that are read")]
    TooLong {
        /// What it has.
        bytes: usize,
    },
    /// The first part is no organization.
    #[error(
        "its first part has to be the id of the organization, a UUID such as `3fa85f64-5717-4562-b3fc-2c963f66afa6`"
    )]
    OrgId,
    /// There is no second part.
    #[error("its second part has to be the provider, `aws`")]
    NoProvider,
    /// Credentials of another cloud than AWS are asked for.
    #[error("it asks for {}: only `aws` is known", named(provider.as_deref()))]
    Provider {
        /// Its name, where it is a word.
        provider: Option<String>,
    },
    /// A part beyond the provider is no option.
    #[error("its part {position} is neither `region=…` nor `fallback=…`")]
    Option {
        /// From 1.
        position: usize,
    },
    /// An option stands there twice.
    #[error("it gives `{option}` twice")]
    Twice {
        /// Which.
        option: &'static str,
    },
    /// The region cannot be one.
    #[error("its region has to be one of AWS such as `eu-west-1`")]
    Region,
    /// The fallback cannot be a key.
    #[error("its fallback is empty, too long, or holds what no API key holds")]
    Fallback,
}

/// Whether a text is meant as a directive, well written or not.
pub(crate) fn is_meant(text: &str) -> bool {
    let head = text.trim_start().split_once('(').map_or("", |(head, _)| head.trim_end());
    head.eq_ignore_ascii_case("DELA")
}

/// Whether a text can be the name of a region of AWS: lower-case letters, digits and hyphens.
pub(crate) fn is_region(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (4..=32).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_digit())
}

fn is_fallback(text: &str) -> bool {
    (1..=MAX_FALLBACK_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl FromStr for Directive {
    type Err = DirectiveError;

    fn from_str(text: &str) -> Result<Self, DirectiveError> {
        if text.len() > MAX_BYTES {
            return Err(DirectiveError::TooLong { bytes: text.len() });
        }
        let inside = text.trim().strip_prefix("DELA(").ok_or(DirectiveError::Begin)?;
        let inside = inside.strip_suffix(')').ok_or(DirectiveError::End)?;
        if inside.contains(['(', ')']) {
            return Err(DirectiveError::End);
        }
        let mut parts = inside.split(',').map(str::trim);
        let org = parts.next().unwrap_or_default().parse().map_err(|_| DirectiveError::OrgId)?;
        match parts.next() {
            None | Some("") => return Err(DirectiveError::NoProvider),
            Some("aws") => {}
            Some(other) => {
                return Err(DirectiveError::Provider {
                    provider: shown::word(other).map(str::to_owned),
                });
            }
        }
        let mut directive = Self { org, region: None, fallback: None };
        for (position, part) in (3..).zip(parts) {
            directive.option(position, part)?;
        }
        Ok(directive)
    }
}

impl Directive {
    fn option(&mut self, position: usize, part: &str) -> Result<(), DirectiveError> {
        let (name, value) = part.split_once('=').ok_or(DirectiveError::Option { position })?;
        match (name.trim(), value.trim()) {
            ("region", _) if self.region.is_some() => {
                Err(DirectiveError::Twice { option: "region" })
            }
            ("fallback", _) if self.fallback.is_some() => {
                Err(DirectiveError::Twice { option: "fallback" })
            }
            ("region", value) if is_region(value) => {
                self.region = Some(value.to_owned());
                Ok(())
            }
            ("region", _) => Err(DirectiveError::Region),
            ("fallback", value) if is_fallback(value) => {
                self.fallback = Some(SecretString::from(value.to_owned()));
                Ok(())
            }
            ("fallback", _) => Err(DirectiveError::Fallback),
            _ => Err(DirectiveError::Option { position }),
        }
    }

    /// The directive as it stands in a file, its fallback included: a secret if it has one.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let mut text = format!("DELA({}, aws", self.org);
        if let Some(region) = &self.region {
            text.push_str(", region=");
            text.push_str(region);
        }
        if let Some(fallback) = &self.fallback {
            text.push_str(", fallback=");
            text.push_str(fallback.expose_secret());
        }
        text.push(')');
        SecretString::from(text)
    }
}
