//! `countersign saml`

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::ApiConnection;

#[derive(Debug, Subcommand)]
pub(crate) enum SamlCommand {
    /// Say how sign-in is set up, and what to do next.
    Status(ApiConnection),
    /// Print what the administrator of the identity provider needs: our metadata, as XML; with `--output json`, entity ID and URLs.
    Metadata(ApiConnection),
    /// Upload the identity provider's metadata, change settings, switch enforcement: in this order, and only what is given.
    Configure(Box<Configure>),
    /// List the assertions that are kept, newest first.
    Assertions {
        /// No more than so many [default: all].
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        limit: Option<u64>,
        #[command(flatten)]
        api: ApiConnection,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true)))]
pub(crate) struct Configure {
    /// The identity provider's metadata: an XML file, or `-` for standard input. The first also switches sign-in on.
    #[arg(long, group = "change", value_name = "FILE")]
    pub(crate) idp_metadata: Option<PathBuf>,
    /// Whether people may sign in by SAML.
    #[arg(long, group = "change", value_name = "true|false")]
    pub(crate) enabled: Option<bool>,
    /// Whether they may sign in by nothing else.
    #[arg(long, group = "change", value_name = "true|false")]
    pub(crate) strict: Option<bool>,
    /// Whether a sign-in may begin at the identity provider.
    #[arg(long, group = "change", value_name = "true|false")]
    pub(crate) idp_initiated: Option<bool>,
    /// Whether assertions are kept with their values for 30 days, for previews.
    #[arg(long, group = "change", value_name = "true|false")]
    pub(crate) keep_assertions: Option<bool>,
    /// Make users of the people of this e-mail domain when they first sign in; may be given more than once, and replaces those that were.
    #[arg(long = "autocreate-domain", group = "change", value_name = "DOMAIN")]
    pub(crate) autocreate_domains: Vec<String>,
    /// Make users of nobody.
    #[arg(long, group = "change", conflicts_with = "autocreate_domains")]
    pub(crate) no_autocreate_domains: bool,
    /// The role of such users while mappings are not enforced, by name or id; `none` for none.
    #[arg(long, group = "change", value_name = "ROLE")]
    pub(crate) autocreate_role: Option<String>,
    /// What becomes of those whom no mapping gives anything, while mappings are enforced.
    #[arg(long, group = "change")]
    pub(crate) unmatched_users: Option<UnmatchedUsers>,
    /// The attribute that holds the e-mail address, byte for byte as the identity provider sends it.
    #[arg(long, group = "change", value_name = "NAME")]
    pub(crate) email_attribute: Option<String>,
    /// The NameID is the e-mail address.
    #[arg(long, group = "change", conflicts_with = "email_attribute")]
    pub(crate) name_id_is_email: bool,
    /// Whether each sign-in replaces roles and teams by what the authN mappings give.
    #[arg(long, group = "change", value_name = "true|false")]
    pub(crate) enforce_mappings: Option<bool>,
    /// Switch enforcement on although nobody might be left who manages access.
    #[arg(long, requires = "enforce_mappings")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) api: ApiConnection,
}

/// In the words of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnmatchedUsers {
    /// They sign in, without roles.
    #[value(name = "sign_in", alias = "sign-in")]
    SignIn,
    /// They are shown what arrived, and refused.
    #[value(name = "refuse")]
    Refuse,
}

impl UnmatchedUsers {
    /// As the API writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Refuse => "refuse",
        }
    }
}
