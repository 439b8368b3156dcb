//! Configuration: a TOML file, overlaid by the environment, checked as a whole before anything starts.

mod defaults;
mod keys;
mod load;
mod permissions;
mod problems;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use serde::Deserialize;

pub use keys::{KEYS, Key, reference};
pub use load::{ConfigError, Environment};
pub use permissions::{PermissionsError, catalogue};

/// Everything that can be set. [`KEYS`] documents each key; a test holds the two together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that clients use; issuer and audience of tokens. Made from `listen` where empty.
    pub public_url: String,
    /// `sqlite:PATH`, `postgres://…` or `memory`.
    pub store: StoreUrl,
    /// Where plain HTTP is allowed.
    pub plain_http: PlainHttp,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// File with the master key; `COUNTERSIGN_MASTER_KEY` holds the key itself and wins.
    pub master_key_file: Option<PathBuf>,
    /// TLS, where Countersign itself terminates it.
    pub tls: Option<Tls>,
    /// Access tokens.
    pub tokens: Tokens,
    /// Managed API keys.
    pub managed_keys: ManagedKeys,
    /// Proofs.
    pub proofs: Proofs,
    /// ARN patterns.
    pub patterns: Patterns,
    /// A TOML file with permissions beyond the built-in catalogue.
    pub permissions_file: Option<PathBuf>,
    /// Invitations of users.
    pub invitations: Invitations,
    /// Sign-in of people.
    pub saml: Saml,
    /// How STS is reached.
    pub sts: Sts,
    /// Telemetry.
    pub intake: Intake,
    /// What protects the server and STS from floods.
    pub limits: Limits,
    /// Counts for Prometheus.
    pub metrics: Metrics,
    /// Logs.
    pub log: Log,
}

/// The store's address. PostgreSQL's may hold a password, so it is not printed whole.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct StoreUrl(pub auth_model::SecretString);

impl From<String> for StoreUrl {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for StoreUrl {
    /// Shows which backend, and for SQLite which file.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = auth_model::ExposeSecret::expose_secret(&self.0);
        match text.split_once("://") {
            Some((scheme, _)) => write!(f, "{scheme}://…"),
            None => f.write_str(text),
        }
    }
}

/// Where plain HTTP is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainHttp {
    /// On loopback addresses only.
    #[default]
    Loopback,
    /// Anywhere, because a proxy in front terminates TLS.
    BehindProxy,
}

/// Certificate and key, PEM. Read again when they change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The leaf's key.
    pub private_key: PathBuf,
}

/// Access tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tokens {
    /// `ES256`, `EdDSA` or `RS256`, of keys made from now on.
    pub algorithm: String,
    /// How long a token is valid: 60 to 900.
    pub ttl_seconds: u64,
    /// How long a signing key signs.
    pub rotate_every_seconds: u64,
    /// How long a new signing key is published before it signs.
    pub publish_ahead_seconds: u64,
}

/// Managed API keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ManagedKeys {
    /// How often a new key is made.
    pub rotate_every_seconds: u64,
    /// How long the old one stays valid beside the new.
    pub overlap_seconds: u64,
}

/// Proofs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proofs {
    /// How old one may be.
    pub max_age_seconds: u64,
    /// How far ahead its date may be.
    pub max_future_seconds: u64,
    /// What happens to one that was presented before.
    pub replay: Replay,
}

/// What happens to a proof that was presented before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// It is treated like the first time, marked in the audit, and its token expires no later than the first one's.
    #[default]
    Idempotent,
    /// It is refused.
    Strict,
}

/// ARN patterns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patterns {
    /// What `assumed-role/ROLE` without a session means.
    pub bare_role: BareRole,
    /// Whether `assumed-role/ROLE/PREFIX*` may be written.
    pub session_prefix: bool,
    /// What is done with an IAM role's own ARN.
    pub iam_role: IamRole,
    /// Whether a pattern may stand in one kind of mapping only.
    pub strict_conflicts: bool,
}

/// What `assumed-role/ROLE` without a session means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BareRole {
    /// Any session of exactly that role.
    #[default]
    AnySession,
    /// That text and nothing else; no real caller has it.
    Exact,
    /// It is refused.
    Reject,
}

/// What is done with an IAM role's own ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IamRole {
    /// It is refused, with the pattern to write instead.
    #[default]
    Reject,
    /// It is kept with a warning; it never matches.
    Warn,
}

/// Invitations of users.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Invitations {
    /// How long one is valid.
    pub valid_seconds: u64,
    /// Program and arguments that deliver one, which comes as JSON on standard input. Empty: a line in the log.
    pub delivery_command: Vec<String>,
}

/// Sign-in of people. What an organization decides is kept in the store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Saml {
    /// How far an identity provider's clock may be off.
    pub clock_allowance_seconds: u64,
    /// Signs requests to identity providers: a private RSA key, PKCS #8 in PEM.
    pub request_key: Option<PathBuf>,
    /// Its certificate, PEM.
    pub request_certificate: Option<PathBuf>,
    /// How long a session lasts at most.
    pub session_seconds: u64,
    /// How long a session lasts that is not used.
    pub session_idle_seconds: u64,
}

/// How STS is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sts {
    /// Sends every request there instead of to AWS. For tests: whoever answers there decides who callers are.
    pub endpoint_override: Option<String>,
    /// Allows `endpoint_override` on a server that listens beyond loopback.
    pub insecure_endpoint_override: bool,
    /// HTTP proxy for requests to STS. The environment's proxy variables are not read.
    pub proxy: Option<String>,
    /// Certificates that STS is believed by, instead of the system's: a file, PEM.
    pub ca_certificates: Option<PathBuf>,
    /// How long to wait for a connection.
    pub connect_timeout_ms: u64,
    /// How long to wait for the whole answer.
    pub timeout_ms: u64,
    /// Further STS hosts, beyond the built-in table.
    pub extra_hosts: Vec<ExtraHost>,
}

/// A further STS host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraHost {
    /// Such as `sts.xx-new-1.amazonaws.com`.
    pub name: String,
    /// The region that its requests are signed for.
    pub region: String,
    /// Such as `aws`.
    pub partition: String,
}

/// Telemetry, and where it goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Where it is handed on to. It is dropped where there is none.
    pub upstream: Option<String>,
    /// File with the API key that the upstream knows us by.
    pub upstream_api_key_file: Option<PathBuf>,
    /// Bytes of a body, as it is on the wire.
    pub body_bytes: usize,
    /// How long the upstream may take, the caller's sending included.
    pub timeout_ms: u64,
    /// Bodies that are taken at once.
    pub in_flight: usize,
}

/// What protects the server and STS from floods. Zero switches a rate off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests to STS at once, over all organizations.
    pub sts_in_flight: usize,
    /// Exchanges a second from one source address.
    pub exchanges_per_source: u32,
    /// Exchanges a second signed by one access key.
    pub exchanges_per_access_key: u32,
    /// Steps of sign-ins of people a second from one source address.
    pub sign_ins_per_source: u32,
    /// API keys of one organization, managed ones among them.
    pub api_keys_per_organization: u64,
    /// Application keys of one user.
    pub app_keys_per_user: u64,
    /// Bytes of a request body.
    pub body_bytes: usize,
    /// How long a request may take.
    pub request_timeout_ms: u64,
    /// How long running requests may go on after the signal to stop.
    pub shutdown_timeout_ms: u64,
}

/// Counts for Prometheus.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Where they are read, which is not where the API is. Nowhere unless told.
    pub listen: Option<SocketAddr>,
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// Which lines, in the notation of `tracing`, such as `info,countersign_server=debug`.
    pub filter: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Config {
    /// The address that clients use, without a final slash.
    pub fn issuer(&self) -> String {
        if self.public_url.is_empty() {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{}", self.listen)
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }

    /// How long a request may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.limits.request_timeout_ms)
    }
}
