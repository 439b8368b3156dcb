//! The command line. Its comments are the help that people read.

mod agent;
mod audit;
mod authn_mapping;
mod installation;
mod key;
mod mapping;
mod role;
mod saml;
mod user;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use agent::{Agent, AgentCommand, Secrets, StateFile};
pub(crate) use audit::{Audit, Tail, Verify};
pub(crate) use authn_mapping::{AuthnMappingCommand, Preview};
pub(crate) use installation::{Installation, NewOrganization, Organization};
pub(crate) use key::{ApiKeyCommand, AppKeyCommand, KeyCommand};
pub(crate) use mapping::{Account, Intake, Mapping, Persona};
pub(crate) use role::RoleCommand;
pub(crate) use saml::{Configure, SamlCommand};
pub(crate) use user::{NewUser, UserCommand};

/// Keyless sign-in for workloads: AWS credentials in, short-lived tokens and managed keys out.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// How to answer.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Keeps managed API keys fresh, and hands them to files, sockets and programs.
#[derive(Debug, Parser)]
#[command(name = "countersign-agent", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct AgentCli {
    /// How to answer: `table` or `json`.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) agent: Agent,
}

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  something failed; `audit verify`: the log is broken; `agent status`: it is not well
  2  the command line or the configuration is wrong
  3  the server, or AWS, refused
  4  the server can't be reached or is not ready; trying again may help
  `exec` exits with the code of the command it runs";

/// How a command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// `login`, `bootstrap`, `org create`: shell lines that put what was got into the environment.
    Env,
    /// `login` only: the token and nothing else.
    Token,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything on loopback, sign in once to show it, and wait.
    Dev(Dev),
    /// Run the server.
    Serve(Serve),
    /// Make a master key file, readable by its owner only.
    Init(Init),
    /// Make the first organization of an installation, its admin, and the admin's keys.
    ///
    /// Works on the store that the configuration names, whether or not a server runs on it.
    Bootstrap(NewOrganization),
    /// List, create, disable and enable organizations, at the store itself.
    ///
    /// No organization may act on another, so none of this goes over the API: it works on the store that the configuration names, for
    /// whoever may open that. A running server heeds it with the next request.
    #[command(subcommand, name = "org")]
    Organization(Organization),
    /// Run the local STS alone.
    Sts(Sts),
    /// Exchange AWS credentials for an access token.
    Login(Connection),
    /// Run a command with a fresh access token, or a managed API key, in its environment.
    Exec(Exec),
    /// Keep managed API keys fresh, and hand them to files and programs.
    ///
    /// Asks for a key at the start, then once in the refresh interval. SIGHUP reads the configuration anew and asks for fresh keys; SIGTERM
    /// ends it, once a program that is under way is done.
    Agent(Box<Agent>),
    /// List, create, invite, disable and enable users: people and service accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// List, create and change roles, what they hold, and who holds them.
    #[command(subcommand)]
    Role(RoleCommand),
    /// List, create and delete authN mappings: which attributes of a person give which roles and teams; preview them.
    #[command(subcommand)]
    AuthnMapping(AuthnMappingCommand),
    /// Set up sign-in by SAML, step by step; see what arrives.
    #[command(subcommand)]
    Saml(SamlCommand),
    /// List, create and delete API keys and application keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Read the audit log; check that nobody has tampered with it.
    #[command(subcommand)]
    Audit(Audit),
    /// List, create and delete mappings.
    #[command(subcommand)]
    Mapping(Mapping),
    /// List, add and remove integrated AWS accounts.
    #[command(subcommand)]
    Account(Account),
    /// Say what an ARN is mapped to, and why not to something else.
    Explain(Explain),
    /// Make and inspect proofs.
    #[command(subcommand)]
    Proof(ProofCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Where the server listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8400")]
    pub(crate) listen: SocketAddr,
    /// Where the local STS listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8401")]
    pub(crate) sts_listen: SocketAddr,
    /// Where data and secrets are kept between runs [default: a folder of the user's state directory].
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// Also write the `export` lines to this file, once everything is ready.
    #[arg(long)]
    pub(crate) env_file: Option<PathBuf>,
    /// Exit after the self-check.
    #[arg(long)]
    pub(crate) once: bool,
    /// How many seconds access tokens are valid, 60 to 900; clients are told 60 less.
    #[arg(long, default_value_t = 900)]
    pub(crate) token_ttl: u64,
    /// After how many seconds managed API keys are replaced, 60 to 86400; the old ones work for five hours more.
    #[arg(long, default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(60..=86_400))]
    pub(crate) managed_key_rotation: u64,
    /// Log lines of the server, in the notation of `tracing`.
    #[arg(long, default_value = "error")]
    pub(crate) log: String,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration file (TOML). Environment variables win over it.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// Only check the configuration.
    #[arg(long)]
    pub(crate) check: bool,
    /// Print every key with its default and meaning, as a configuration file.
    #[arg(long, conflicts_with_all = ["config", "check"])]
    pub(crate) reference: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The file to make; one that exists is left alone.
    #[arg(long, default_value = "master.key")]
    pub(crate) master_key_file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Sts {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8401")]
    pub(crate) listen: SocketAddr,
    /// Accounts, users, roles and sessions to start with (JSON).
    #[arg(long)]
    pub(crate) fixture: Option<PathBuf>,
    /// Speak TLS with this certificate (PEM, leaf first) instead of plain HTTP.
    #[arg(long, requires = "tls_private_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, requires = "tls_certificate")]
    pub(crate) tls_private_key: Option<PathBuf>,
}

/// Where the server is and how to sign in to it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Connection {
    /// The server's URL.
    #[arg(long, env = "DD_HOST", default_value = "http://127.0.0.1:8400")]
    pub(crate) url: String,
    /// The organization's id.
    #[arg(long, env = "DD_ORG_UUID")]
    pub(crate) org: Option<String>,
    /// Sign the proof for the STS of this AWS Region instead of the global one.
    #[arg(long)]
    pub(crate) sts_region: Option<String>,
    /// An AWS profile, instead of the default credential chain.
    #[arg(long)]
    pub(crate) profile: Option<String>,
}

/// The same for commands that may also use keys.
#[derive(Clone, Debug, Args)]
pub(crate) struct ApiConnection {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// With an application key: sign in by keys instead of AWS credentials.
    #[arg(long, env = "DD_API_KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// With an API key: sign in by keys instead of AWS credentials.
    #[arg(long, env = "DD_APP_KEY", hide_env_values = true)]
    pub(crate) app_key: Option<String>,
}

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct Part {
    /// Only those with this in their name, in any case.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// No more than so many [default: all].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Give the command a managed API key (DD_API_KEY) instead of an access token.
    #[arg(long)]
    pub(crate) managed_key: bool,
    /// Take that key from the agent that answers at this socket, instead of exchanging for one.
    #[arg(long, value_name = "SOCKET", requires = "managed_key")]
    pub(crate) agent: Option<PathBuf>,
    /// The agent's instance whose key it is [default: the organization's id].
    #[arg(long, value_name = "NAME", requires = "agent")]
    pub(crate) instance: Option<String>,
    /// The command, after `--`.
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// As `aws sts get-caller-identity` shows it.
    pub(crate) arn: String,
    #[command(flatten)]
    pub(crate) api: ApiConnection,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProofCommand {
    /// Sign a proof with the AWS credentials at hand and print it. It is a secret for a quarter of an hour.
    Make(Connection),
    /// Show what is in a proof, and whether a server with default settings would send it to STS.
    Inspect {
        /// The proof, with or without `Delegated` before it; `-` reads it from standard input.
        proof: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{AgentCli, Cli};

    #[test]
    fn the_argument_parser_is_consistent() {
        Cli::command().debug_assert();
        AgentCli::command().debug_assert();
    }

    #[test]
    fn every_documented_call_parses() {
        #[rustfmt::skip]
        let lines = [
            "agent --key-file k --on-change reload --refresh-interval-mins 5 --cache-file c",
            "agent --config a.toml --state-file s.json --log debug",
            "agent status --state-file s.json --output json",
            "agent --key-file k --key-file-owner a:b --cache-file c --cache-key-file m --once",
            "agent --socket s --socket-owner :telemetry --listen 127.0.0.1:8405",
            "agent --datadog-yaml d --key-folder k --cache-folder c --cache-key-file m --on-change x --once",
            "agent secrets --socket s",
            "agent secrets --config a.toml",
            "agent refused --socket s metrics",
            "exec --managed-key -- env",
            "exec --managed-key --agent s --instance metrics -- env",
            "bootstrap --config c.toml --org Acme --admin-email ann@acme.example --output env",
            "org list --config c.toml",
            "org create --org Other --admin-email a@b.example --admin-name Ann --output json",
            "org disable 3fa85f64-5717-4562-b3fc-2c963f66afa6 --config c.toml",
            "org enable 3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "user list --filter ann --limit 3 --output json",
            "user show ann@acme.example",
            "user create bob@acme.example --name Bob --title Dr --role A --role B",
            "user create ci@acme.example --service-account",
            "user invite bob@acme.example",
            "user disable bob@acme.example",
            "user enable bob@acme.example",
            "user sign-out bob@acme.example",
            "authn-mapping preview a=b a=c --user ann@acme.example",
            "authn-mapping preview --assertion x --user y",
            "authn-mapping preview --saml-response -",
            "authn-mapping preview --all",
            "saml status --output json",
            "saml metadata",
            "saml assertions --limit 3",
            "saml configure --idp-metadata - --enabled true --strict false",
            "saml configure --idp-initiated true --keep-assertions false --unmatched-users refuse",
            "saml configure --autocreate-domain a.example --autocreate-domain b.example --autocreate-role none",
            "saml configure --no-autocreate-domains --email-attribute mail",
            "saml configure --name-id-is-email --enforce-mappings true --force",
            "role list",
            "role show Deployer",
            "role permissions",
            "role create Deployer --permission a --permission b",
            "role clone Deployer Other",
            "role delete Deployer",
            "role grant Deployer a b --url http://127.0.0.1:1",
            "role revoke Deployer a",
            "role add-user Deployer a@b.example c@d.example",
            "role remove-user Deployer a@b.example",
            "key api list",
            "key api create agents",
            "key api delete x",
            "key app list --service-account ci@acme.example",
            "key app create ci --service-account x --scope a --scope b",
            "key app delete x --service-account y",
            "audit tail",
            "audit tail --follow --query -outcome:granted --from now-2d --limit 10",
            "audit verify --config c.toml --org 3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "audit verify --anchors a.json --write-anchors a.json",
        ];
        for line in lines {
            let words = ["countersign"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_is_incomplete_is_refused() {
        for line in [
            "agent --config a.toml --key-file k",
            "agent --key-file k status",
            "agent --refresh-interval-mins 0 --key-file k",
            "agent --config a.toml --listen 127.0.0.1:1",
            "agent --datadog-yaml d --key-file k",
            "agent --datadog-yaml d --refresh-interval-mins 5",
            "agent --key-folder k",
            "agent secrets",
            "exec --agent s -- env",
            "exec --managed-key --instance metrics -- env",
            "bootstrap",
            "bootstrap --org Acme",
            "org",
            "org disable",
            "user create",
            "role grant Deployer",
            "role add-user Deployer",
            "key app",
            "user list --limit 0",
            "authn-mapping preview",
            "authn-mapping preview a=b --all",
            "authn-mapping preview --all --user x",
            "authn-mapping preview --assertion x --saml-response -",
            "saml configure",
            "saml configure --enabled maybe",
            "saml configure --unmatched-users keep",
            "saml configure --autocreate-domain a.example --no-autocreate-domains",
            "saml configure --email-attribute a --name-id-is-email",
            "saml configure --force",
            "saml assertions --limit 0",
            "audit tail --limit 0",
        ] {
            let words = ["countersign"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
