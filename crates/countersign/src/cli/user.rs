//! `countersign user`

use clap::{Args, Subcommand};

use super::{ApiConnection, Part};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List them.
    List {
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Show one, with its roles.
    Show {
        /// Its id, handle or e-mail address.
        user: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Create a person or a service account.
    Create(NewUser),
    /// Invite a person to sign in for the first time. How that reaches them is the server's configuration.
    Invite {
        /// Their id, handle or e-mail address.
        user: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Disable one. Its keys, tokens and mappings stop working at once.
    Disable {
        /// Its id, handle or e-mail address.
        user: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// End every session of a person: in each browser they have to sign in again.
    SignOut {
        /// Their id, handle or e-mail address.
        user: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Enable one again.
    Enable {
        /// Its id, handle or e-mail address.
        user: String,
        #[command(flatten)]
        api: ApiConnection,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// The e-mail address. No two people share one; service accounts may.
    pub(crate) email: String,
    /// Act for a machine: mappings and application keys can be made for it.
    #[arg(long)]
    pub(crate) service_account: bool,
    /// The name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The title.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// A role by name or id; may be given more than once.
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    #[command(flatten)]
    pub(crate) api: ApiConnection,
}
