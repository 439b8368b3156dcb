//! What each setting is where nobody sets it.

use std::net::SocketAddr;

use super::{
    BareRole, Config, IamRole, Intake, Invitations, Limits, Log, LogFormat, ManagedKeys, Metrics,
    Patterns, PlainHttp, Proofs, Replay, Saml, StoreUrl, Sts, Tokens,
};

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
            saml: Saml::default(),
            sts: Sts::default(),
            intake: Intake::default(),
            limits: Limits::default(),
            metrics: Metrics::default(),
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

impl Default for Saml {
    fn default() -> Self {
        Self {
            clock_allowance_seconds: 60,
            request_key: None,
            request_certificate: None,
            session_seconds: 43_200,
            session_idle_seconds: 7_200,
        }
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

impl Default for Intake {
    fn default() -> Self {
        Self {
            upstream: None,
            upstream_api_key_file: None,
            body_bytes: 8 * 1024 * 1024,
            timeout_ms: 20_000,
            in_flight: 256,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sts_in_flight: 256,
            exchanges_per_source: 50,
            exchanges_per_access_key: 50,
            sign_ins_per_source: 50,
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
