//! `countersign role`

use clap::Subcommand;

use super::{ApiConnection, Part};

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List them.
    List {
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Show one: what it holds, and who holds it.
    Show {
        /// Its name or id.
        role: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// List every permission that roles may hold.
    Permissions(ApiConnection),
    /// Create one.
    Create {
        /// Its name.
        name: String,
        /// A permission by name or id; may be given more than once.
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Create one that holds the same as another.
    Clone {
        /// The other one's name or id.
        role: String,
        /// The name of the new one.
        name: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one. Its holders lose it at once.
    Delete {
        /// Its name or id.
        role: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Add permissions to one.
    Grant {
        /// Its name or id.
        role: String,
        /// By name or id, such as `cloud_auth_config_write`.
        #[arg(required = true, value_name = "PERMISSION")]
        permissions: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Take permissions from one.
    Revoke {
        /// Its name or id.
        role: String,
        /// By name or id, such as `cloud_auth_config_write`.
        #[arg(required = true, value_name = "PERMISSION")]
        permissions: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Give one to users.
    AddUser {
        /// Its name or id.
        role: String,
        /// By id, handle or e-mail address.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Take one from users.
    RemoveUser {
        /// Its name or id.
        role: String,
        /// By id, handle or e-mail address.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        api: ApiConnection,
    },
}
