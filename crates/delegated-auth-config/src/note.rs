//! What a reader should know although the settings could be read.

use std::fmt;

use crate::Origin;

/// Something that was ignored or replaced. `Display` is one line for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// A key inside `delegated_auth` that means nothing.
    UnknownKey {
        /// Its section, such as `logs_config.delegated_auth`.
        section: String,
        /// The key, where it is a word.
        key: Option<String>,
        /// From 1.
        line: usize,
        /// The known key that it resembles.
        nearest: Option<&'static str>,
    },
    /// An API key is a handle of a secret backend (`ENC[…]`), so it is no fallback.
    SecretHandle {
        /// Where.
        at: Origin,
    },
    /// An API key is a placeholder, or holds what no key holds, so it is no fallback.
    UnusableFallback {
        /// Where.
        at: Origin,
    },
    /// The interval is zero or less; the default of an hour holds.
    Interval {
        /// Where.
        at: Origin,
    },
    /// The server's address has a path; the exchange is asked for below it.
    PathInServer {
        /// Where.
        at: Origin,
    },
    /// Sections that share an instance have different fallbacks; the first is used for all.
    DifferentFallbacks {
        /// The instance.
        name: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey { section, key, line, nearest } => {
                f.write_str("unknown key ")?;
                if let Some(key) = key {
                    write!(f, "`{key}` ")?;
                }
                write!(f, "in `{section}` on line {line} is ignored")?;
                nearest.map_or(Ok(()), |nearest| write!(f, ": did you mean `{nearest}`?"))
            }
            Self::SecretHandle { at } => write!(
                f,
                "{at} is a handle of a secret backend (`ENC[…]`), which is not asked here: there is no fallback from it"
            ),
            Self::UnusableFallback { at } => {
                write!(f, "{at} is no API key: there is no fallback from it")
            }
            Self::Interval { at } => write!(f, "{at} is not above zero: every 60 minutes it is"),
            Self::PathInServer { at } => {
                write!(f, "{at} has a path: keys are asked for below it, which is seldom meant")
            }
            Self::DifferentFallbacks { name } => {
                write!(
                    f,
                    "the sections of `{name}` have different API keys: the first is the fallback of all"
                )
            }
        }
    }
}
