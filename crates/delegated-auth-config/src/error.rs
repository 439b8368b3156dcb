//! Why a file cannot be read. No message repeats a value that could be a key.

use std::fmt;

use crate::{DirectiveError, Note, ServerError, document, endpoints};

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the file.
    File {
        /// Its path, such as `logs_config.delegated_auth.org_uuid`.
        setting: String,
        /// From 1.
        line: usize,
    },
    /// In the environment, which comes before the file.
    Environment {
        /// Such as `DD_DELEGATED_AUTH_ORG_UUID`.
        variable: String,
    },
    /// In the file, where it is not clear in which setting.
    Line {
        /// From 1.
        line: usize,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { setting, line } => write!(f, "`{setting}` on line {line}"),
            Self::Environment { variable } => write!(f, "the environment variable `{variable}`"),
            Self::Line { line } => write!(f, "line {line}"),
        }
    }
}

/// Why nothing can be made of the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is longer than any such file.
    #[error("the file has {bytes} bytes, more than the {} that are read", document::MAX_BYTES)]
    TooLarge {
        /// What it has.
        bytes: usize,
    },
    /// A line is indented by a tab.
    #[error("line {line} is indented by a tab: YAML has no tabs there, use spaces")]
    Tab {
        /// From 1.
        line: usize,
    },
    /// The text is no YAML.
    #[error("line {line}: {problem}")]
    Syntax {
        /// Where it was noticed, from 1.
        line: usize,
        /// The rule that it breaks.
        problem: &'static str,
    },
    /// The file is a template that nobody has rendered.
    #[error(
        "{at} holds the placeholder `{placeholder}`: render the template, or put the value there"
    )]
    Placeholder {
        /// Where.
        at: Origin,
        /// Its name with its marks.
        placeholder: String,
    },
    /// Lists and mappings lie too deep in each other.
    #[error(
        "line {line}: lists and mappings lie more than {} deep in each other",
        document::MAX_DEPTH
    )]
    TooDeep {
        /// From 1.
        line: usize,
    },
    /// Aliases stand for more than a configuration can hold.
    #[error("line {line}: with its aliases the file has more than {} values", document::MAX_NODES)]
    TooManyNodes {
        /// From 1.
        line: usize,
    },
    /// There is a second document.
    #[error("a second document begins on line {line}: keep one, without `---` between settings")]
    SeveralDocuments {
        /// From 1.
        line: usize,
    },
    /// The file as a whole is a list or a text.
    #[error(
        "the file has to be a mapping of settings such as `site: example.com`, see line {line}"
    )]
    NotMapping {
        /// From 1.
        line: usize,
    },
    /// A setting is given twice, and nobody can tell which is meant.
    #[error("`{setting}` is given on line {first} and again on line {second}: remove one")]
    Duplicate {
        /// Its path.
        setting: String,
        /// From 1.
        first: usize,
        /// From 1.
        second: usize,
    },
    /// A value is not of the kind that its setting takes.
    #[error("{at} has to be {wanted}")]
    Value {
        /// Where.
        at: Origin,
        /// The kind, with its article.
        wanted: &'static str,
    },
    /// The organization is not given as a UUID.
    #[error("{at} has to be a UUID such as `3fa85f64-5717-4562-b3fc-2c963f66afa6`{hint}")]
    OrgId {
        /// Where.
        at: Origin,
        /// What it seems to be instead.
        hint: &'static str,
    },
    /// The value is to come from a secret backend.
    #[error(
        "{at} is a handle of a secret backend (`ENC[…]`), which is not asked here: give the value itself"
    )]
    SecretHandle {
        /// Where.
        at: Origin,
    },
    /// Credentials of another cloud than AWS are asked for.
    #[error("{at} asks for {}: only `aws` is known", named(provider.as_deref()))]
    Provider {
        /// Where.
        at: Origin,
        /// Its name, where it is a word.
        provider: Option<String>,
    },
    /// An address is none.
    #[error("{at} is no address of a server")]
    Server {
        /// Where.
        at: Origin,
        /// What is wrong with it.
        source: ServerError,
    },
    /// A `DELA(…)` cannot be read.
    #[error("{at} holds a `DELA(…)` that cannot be read")]
    Directive {
        /// Where.
        at: Origin,
        /// What is wrong with it.
        source: DirectiveError,
    },
    /// There are more directives than anybody ships to.
    #[error("{at} is one `DELA(…)` too many: {} are read", endpoints::MAX_DIRECTIVES)]
    TooManyDirectives {
        /// Where the first stands that is too many.
        at: Origin,
    },
    /// No section names an organization.
    #[error(
        "delegated authentication is not enabled: set delegated_auth.org_uuid to the id of the organization{}",
        listed(notes)
    )]
    NotEnabled {
        /// What was ignored, and may be why; the message has the first three.
        notes: Vec<Note>,
    },
}

pub(crate) fn named(word: Option<&str>) -> String {
    word.map_or_else(|| "another provider".to_owned(), |word| format!("the provider `{word}`"))
}

/// The first few: one of them is the cause, or none is.
fn listed(notes: &[Note]) -> String {
    notes.iter().take(3).map(|note| format!("; {note}")).collect()
}
