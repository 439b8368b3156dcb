//! `countersign key`

use clap::Subcommand;

use super::{ApiConnection, Part};

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// API keys: they say which organization a request is for.
    #[command(subcommand)]
    Api(ApiKeyCommand),
    /// Application keys: beside an API key, they act as their owner.
    #[command(subcommand)]
    App(AppKeyCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// List the organization's, those that mappings hand out among them.
    List {
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Create one. It is shown this once.
    Create {
        /// Its name.
        name: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one. It is refused at once.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        api: ApiConnection,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppKeyCommand {
    /// List your own, or a service account's.
    List {
        /// A service account by id or e-mail address, instead of yourself.
        #[arg(long, value_name = "ACCOUNT")]
        service_account: Option<String>,
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Create one. It is shown this once.
    Create {
        /// Its name.
        name: String,
        /// A service account by id or e-mail address, instead of yourself.
        #[arg(long, value_name = "ACCOUNT")]
        service_account: Option<String>,
        /// The name of a permission to narrow the key to; may be given more than once.
        #[arg(long = "scope", value_name = "PERMISSION")]
        scopes: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one. It is refused at once.
    Delete {
        /// Its id.
        id: String,
        /// A service account by id or e-mail address, instead of yourself.
        #[arg(long, value_name = "ACCOUNT")]
        service_account: Option<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
}
