//! Configuration: a TOML file, overlaid by the environment, checked as a whole before anything starts.

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
    /// How STS is reached.
    pub sts: Sts,
    /// What protects the server and STS from floods.
    pub limits: Limits,
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

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8400)),
            public_url: String::new(),
            store: StoreUrl("sqlite:countersign.db".into()),
            plain_http: PlainHttp::default(),
            trusted_proxies: Vec::new(),
            master_key_file: None,
            tls: None,
            tokens: Tokens::default(),
            managed_keys: ManagedKeys::default(),
            proofs: Proofs::default(),
            patterns: Patterns::default(),
            permissions_file: None,
            invitations: Invitations::default(),
            sts: Sts::default(),
            limits: Limits::default(),
            log: Log::default(),
        }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            algorithm: "ES256".to_owned(),
            ttl_seconds: 900,
            rotate_every_seconds: 30 * 86_400,
            publish_ahead_seconds: 86_400,
        }
    }
}

impl Default for ManagedKeys {
    fn default() -> Self {
        Self { rotate_every_seconds: 86_400, overlap_seconds: 18_000 }
    }
}

impl Default for Proofs {
    fn default() -> Self {
        Self { max_age_seconds: 300, max_future_seconds: 60, replay: Replay::default() }
    }
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            bare_role: BareRole::default(),
            session_prefix: true,
            iam_role: IamRole::default(),
            strict_conflicts: false,
        }
    }
}

impl Default for Invitations {
    fn default() -> Self {
        Self { valid_seconds: 2 * 86_400, delivery_command: Vec::new() }
    }
}

impl Default for Sts {
    fn default() -> Self {
        Self {
            endpoint_override: None,
            insecure_endpoint_override: false,
            proxy: None,
            ca_certificates: None,
            connect_timeout_ms: 2_000,
            timeout_ms: 10_000,
            extra_hosts: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sts_in_flight: 256,
            exchanges_per_source: 50,
            exchanges_per_access_key: 50,
            api_keys_per_organization: 200,
            app_keys_per_user: 1_000,
            body_bytes: 256 * 1024,
            request_timeout_ms: 30_000,
            shutdown_timeout_ms: 10_000,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info".to_owned() }
    }
}
