//! `countersign authn-mapping`

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

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
    /// Say what somebody's attributes would give, and by which mapping. Changes nothing.
    Preview(Preview),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("source").required(true)))]
pub(crate) struct Preview {
    /// Each a name and a value, as the identity provider sends them.
    #[arg(group = "source", value_parser = attribute)]
    pub(crate) attributes: Vec<(String, String)>,
    /// What a kept assertion says, by its id; `countersign saml assertions` lists them. Compares with its user.
    #[arg(long, group = "source", value_name = "ID")]
    pub(crate) assertion: Option<String>,
    /// What a SAML response says, in base64 or XML, from a file or from standard input (`-`); also whether it would be believed.
    #[arg(long, group = "source", value_name = "FILE")]
    pub(crate) saml_response: Option<PathBuf>,
    /// Everybody who has signed in while assertions were kept, each by their last one.
    #[arg(long, group = "source", conflicts_with = "user")]
    pub(crate) all: bool,
    /// Compare with what this user has: an e-mail address or id.
    #[arg(long)]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) api: ApiConnection,
}

fn attribute(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE"),
    }
}
