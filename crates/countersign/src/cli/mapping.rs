//! `countersign mapping` and `countersign account`

use clap::Subcommand;

use super::ApiConnection;

#[derive(Debug, Subcommand)]
pub(crate) enum Mapping {
    /// AWS principals that act as a user or service account.
    #[command(subcommand)]
    Persona(Persona),
    /// AWS principals that may have the managed API key.
    #[command(subcommand)]
    Intake(Intake),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Persona {
    /// List them.
    List(ApiConnection),
    /// Create one.
    Create {
        /// Who, such as `arn:aws:sts::123456789012:assumed-role/ROLE/*`.
        #[arg(long)]
        arn_pattern: String,
        /// As whom: e-mail address, or id of a service account.
        #[arg(long)]
        account: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one. Its tokens stop working at once.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        api: ApiConnection,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Intake {
    /// List them.
    List(ApiConnection),
    /// Create one.
    Create {
        /// Who, such as `arn:aws:sts::123456789012:assumed-role/ROLE/*`.
        #[arg(long)]
        arn_pattern: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Delete one. Its managed keys stop working at once.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        api: ApiConnection,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// List them.
    List(ApiConnection),
    /// Add one, so that its principals can be mapped.
    Add {
        /// 12 digits.
        account_id: String,
        /// Such as `aws`, `aws-cn`, `aws-us-gov`.
        #[arg(long, default_value = "aws")]
        partition: String,
        /// The role that an integration would assume.
        #[arg(long, default_value = "CountersignIntegrationRole")]
        role_name: String,
        #[command(flatten)]
        api: ApiConnection,
    },
    /// Remove one. Tokens and managed keys of its principals stop working at once.
    Remove {
        /// 12 digits, or the id of the configuration.
        account: String,
        #[command(flatten)]
        api: ApiConnection,
    },
}
