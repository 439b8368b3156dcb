//! `countersign authn-mapping`

use clap::{ArgGroup, Subcommand};

use super::{ApiConnection, Part};

#[derive(Debug, Subcommand)]
pub(crate) enum AuthnMappingCommand {
    /// List them.
    List {
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Create one.
    #[command(group(ArgGroup::new("gives").required(true)))]
    Create {
        /// A name and a value, byte for byte as the identity provider sends them; the name ends at the first `=`.
        #[arg(value_parser = attribute)]
        attribute: (String, String),
        /// The role that it gives, by name or id.
        #[arg(long, group = "gives")]
        role: Option<String>,
        /// The team that it gives, by id.
        #[arg(long, group = "gives", value_name = "ID")]
        team: Option<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Say what attributes would give, and by which mapping. Changes nothing.
    Preview {
        /// Each a name and a value, as the identity provider sends them.
        #[arg(required = true, value_parser = attribute)]
        attributes: Vec<(String, String)>,
        /// Compare with what this user has: an e-mail address or id.
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
}

fn attribute(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE"),
    }
}
