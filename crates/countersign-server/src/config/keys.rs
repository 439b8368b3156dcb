//! The reference: every key with its default and its meaning. The environment overlay and the printed
//! reference are made from this table, so a key can't be settable and undocumented.

/// One key of the configuration file.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted, as `tokens.ttl_seconds`.
    pub path: &'static str,
    /// Its default as TOML; empty where there is none.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

impl Key {
    /// The environment variable that sets it: `COUNTERSIGN_TOKENS_TTL_SECONDS`.
    pub fn variable(&self) -> String {
        format!("COUNTERSIGN_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }
}

const fn key(path: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { path, default, meaning }
}

/// All of them, in the order of the file.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("listen", "\"127.0.0.1:8400\"", "Address and port to listen on; port 0 takes a free one."),
    key("public_url", "\"\"", "The URL that clients use. It is the issuer and audience of tokens, so replicas must agree on it. Empty: made from `listen`."),
    key("store", "\"sqlite:countersign.db\"", "`sqlite:PATH` (one machine), `postgres://USER:PASSWORD@HOST/DATABASE` (replicas), or `memory` (lost on exit)."),
    key("plain_http", "\"loopback\"", "Where plain HTTP is allowed: `loopback`, or `behind_proxy` when a proxy in front terminates TLS."),
    key("trusted_proxies", "[]", "IP addresses of proxies whose `X-Forwarded-For` names the client. Needed for limits by source behind a proxy."),
    key("master_key_file", "", "File with the master key that seals signing keys and managed keys, made by `countersign init`. The variable `COUNTERSIGN_MASTER_KEY`, which holds the key itself, wins."),
    key("permissions_file", "", "TOML file with permissions beyond the built-in catalogue, each a `[[permission]]` with `id`, `name` and optionally `display_name`, `description`, `group`, `access` (`read`, `write`, `other`), `restricted`. Role definitions written for another catalogue load with it."),
    key("tls.certificate", "", "PEM chain, leaf first. With `tls.private_key` it switches TLS on; both are read again when they change."),
    key("tls.private_key", "", "PEM key of the leaf certificate."),
    key("tokens.algorithm", "\"ES256\"", "`ES256`, `EdDSA` or `RS256`: of signing keys made from now on."),
    key("tokens.ttl_seconds", "900", "How long an access token is valid, 60 to 900. Clients are told 60 s less, because they use a token to its last second."),
    key("tokens.rotate_every_seconds", "2592000", "How long a signing key signs before the next takes over."),
    key("tokens.publish_ahead_seconds", "86400", "How long the next signing key is published before it signs, so that verifiers' caches know it."),
    key("managed_keys.rotate_every_seconds", "86400", "How often the managed API key of an intake mapping is replaced."),
    key("managed_keys.overlap_seconds", "18000", "How long the replaced key stays valid. Agents ask hourly and back off to an hour: not below 8100 (2 h 15 min)."),
    key("proofs.max_age_seconds", "300", "How old a proof may be; STS itself allows 900."),
    key("proofs.max_future_seconds", "60", "How far ahead of our clock a proof may be dated."),
    key("proofs.replay", "\"idempotent\"", "A proof presented again is answered again but its token ends no later than the first (`idempotent`), or refused (`strict`). Two honest clients of one role that sign in the same second present the same proof."),
    key("patterns.bare_role", "\"any_session\"", "What `assumed-role/ROLE` without a session means: `any_session`, `exact` (matches no real caller), or `reject`."),
    key("patterns.session_prefix", "true", "Whether `assumed-role/ROLE/PREFIX*` may be written."),
    key("patterns.iam_role", "\"reject\"", "What is done with an IAM role's own ARN, which STS never reports: `reject`, or `warn` (kept, never matches)."),
    key("patterns.strict_conflicts", "false", "Refuses a pattern that stands in a mapping of the other kind."),
    key("invitations.valid_seconds", "172800", "How long an invitation is valid."),
    key("invitations.delivery_command", "[]", "Program and arguments that deliver an invitation, which comes as JSON on standard input. Empty: a line in the log."),
    key("saml.clock_allowance_seconds", "60", "How far an identity provider's clock may be off, at most 180; the same on all replicas."),
    key("saml.request_key", "", "Private RSA key, PKCS #8 in PEM: signs requests to identity providers. Read at the start."),
    key("saml.request_certificate", "", "Certificate of `saml.request_key`, PEM; part of our metadata."),
    key("saml.session_seconds", "43200", "How long a browser's session lasts at most."),
    key("saml.session_idle_seconds", "7200", "How long a session lasts that is not used; at least 1800."),
    key("sts.endpoint_override", "", "Sends every STS request to this URL. For tests only: whoever answers there decides who callers are."),
    key("sts.insecure_endpoint_override", "false", "Allows `sts.endpoint_override` on a server that listens beyond loopback."),
    key("sts.proxy", "", "HTTP proxy for requests to STS. The environment's proxy variables are not read."),
    key("sts.ca_certificates", "", "PEM file of the certificate authorities to believe STS by, instead of the system's: for a proxy that opens TLS, or a local STS. Read at the start."),
    key("sts.connect_timeout_ms", "2000", "How long to wait for a connection to STS."),
    key("sts.timeout_ms", "10000", "How long to wait for the whole answer of STS."),
    key("sts.extra_hosts", "[]", "STS hosts beyond the built-in table: `[{ name = \"…\", region = \"…\", partition = \"aws\" }]`."),
    key("intake.upstream", "", "Where telemetry is handed on to: `https://HOST`, or `http://` with a loopback address. It is accepted and dropped where there is none."),
    key("intake.upstream_api_key_file", "", "File with the API key that the upstream knows us by; callers' keys never go there. Read at the start."),
    key("intake.body_bytes", "8388608", "Largest body of telemetry, as it is on the wire. A proxy in front has its own limit: nginx's `client_max_body_size`."),
    key("intake.timeout_ms", "20000", "How long the upstream may take, the caller's sending included; less than `limits.request_timeout_ms`."),
    key("intake.in_flight", "256", "Bodies of telemetry taken at once; further ones are answered 503 with Retry-After."),
    key("limits.sts_in_flight", "256", "Requests to STS at once; further exchanges are answered 503 with Retry-After."),
    key("limits.exchanges_per_source", "50", "Exchanges a second from one source address; 0 switches it off."),
    key("limits.exchanges_per_access_key", "50", "Exchanges a second signed by one AWS access key; 0 switches it off."),
    key("limits.sign_ins_per_source", "50", "Steps of sign-ins of people a second from one source address, which a whole office may share; 0 switches it off."),
    key("limits.api_keys_per_organization", "200", "API keys of one organization, managed ones among them."),
    key("limits.app_keys_per_user", "1000", "Application keys of one user."),
    key("limits.body_bytes", "262144", "Largest request body."),
    key("limits.request_timeout_ms", "30000", "How long a request may take."),
    key("limits.shutdown_timeout_ms", "10000", "How long running requests may go on after the signal to stop."),
    key("metrics.listen", "", "Address and port where `GET /metrics` answers Prometheus over plain HTTP, such as `127.0.0.1:9464`: loopback or a private address, because whoever reaches it may read; not that of `listen`. Off unless set."),
    key("log.format", "\"text\"", "`text` or `json`."),
    key("log.filter", "\"info\"", "Which lines, in the notation of `tracing`: `info,countersign_server=debug`."),
];

/// The reference as a commented TOML file that, unchanged, means the defaults.
pub fn reference() -> String {
    let mut text = String::from(
        "# Countersign configuration. Every key with its default; a key can also be set by the\n\
         # environment variable named beside it, which wins over the file.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (table, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if table != section {
            // Of a section without defaults the header stays a comment, or it would switch it on.
            let mark = if table == "tls" { "# " } else { "" };
            text.push_str(&format!("\n{mark}[{table}]\n"));
            section = table;
        }
        let value = if key.default.is_empty() { "\"…\"" } else { key.default };
        let mark = if key.default.is_empty() { "# " } else { "" };
        text.push_str(&format!(
            "\n# {}\n# {}\n{mark}{name} = {value}\n",
            key.meaning,
            key.variable()
        ));
    }
    text
}
