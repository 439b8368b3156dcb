//! Commands that work on the store itself.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which installation.
#[derive(Clone, Debug, Args)]
pub(crate) struct Installation {
    /// The configuration file (TOML) of the installation. Environment variables win over it.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
}

/// What a new organization begins with.
#[derive(Debug, Args)]
pub(crate) struct NewOrganization {
    #[command(flatten)]
    pub(crate) installation: Installation,
    /// The organization's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) org: String,
    /// The e-mail address of the admin, who may do everything.
    #[arg(long, value_name = "EMAIL")]
    pub(crate) admin_email: String,
    /// The admin's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) admin_name: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Organization {
    /// List them.
    List(Installation),
    /// Make a further one, its admin, and the admin's keys.
    Create(NewOrganization),
    /// Disable one. Its keys, tokens and proofs are refused at once.
    Disable {
        /// Its id.
        id: String,
        #[command(flatten)]
        installation: Installation,
    },
    /// Enable one again.
    Enable {
        /// Its id.
        id: String,
        #[command(flatten)]
        installation: Installation,
    },
}
