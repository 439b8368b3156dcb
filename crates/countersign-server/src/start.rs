//! Putting the parts together: adapters, use case, router, listener.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use arn_pattern::PatternRules;
use auth_model::{Clock, ExposeSecret, OsRandomness, Randomness, SystemClock};
use axum_server::Handle;
use exchange::{Exchange, LimitSettings, Parts, ReplayPolicy, RingSettings, Settings, SigningRing};
use intake_forward::Forwarder;
use mapping_store::{MemoryStore, Store, StoreError};
use mapping_store_postgres::PostgresStore;
use mapping_store_sqlite::SqliteStore;
use saml_sp::SigningKey;
use single_sign_on::SingleSignOn;
use sts_http::{StsHttp, StsHttpConfig};
use sts_proof::{HostTable, ProofPolicy, StsHost};
use token_issuer::{Issuer, ManagedKeyPolicy, MasterKey, RotationPolicy, VerifiedCache, Verifier};
use tokio::task::JoinHandle;

use crate::{
    App, Config, config,
    intake::Intake,
    metrics::{self, Listening},
    routes, tls,
};

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store can't be opened.
    #[error("the store can't be opened")]
    Store(#[from] StoreError),
    /// `store` names no backend.
    #[error("`store` is `sqlite:PATH`, `postgres://USER:PASSWORD@HOST/DATABASE` or `memory`")]
    StoreUrl,
    /// The store's secrets were sealed under another master key.
    #[error(transparent)]
    MasterKey(#[from] token_issuer::MasterKeyError),
    /// The signing keys can't be read or made.
    #[error(transparent)]
    Ring(#[from] exchange::RingError),
    /// A setting that only its user can judge is wrong.
    #[error("the configuration can't be used")]
    Setting(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The permissions of the installation can't be read.
    #[error(transparent)]
    Permissions(#[from] config::PermissionsError),
    /// A key or certificate of the configuration can't be read.
    #[error("can't read the key or certificate `{}`", path.display())]
    Pem {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// TLS can't be set up.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The address can't be listened on.
    #[error("can't listen on {address}; is another program there?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    app: App,
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<std::io::Result<()>>,
    metrics: Option<Listening>,
    tending: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the counts for Prometheus are read, if they are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Listening::address)
    }

    /// Its parts.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Takes no more connections, lets running requests end within the configured time, and returns.
    pub async fn shut_down(self) -> std::io::Result<()> {
        let patience = Duration::from_millis(self.app.config().limits.shutdown_timeout_ms);
        self.handle.graceful_shutdown(Some(patience));
        self.tending.abort();
        let served = self.serving.await.unwrap_or(Ok(()));
        write_uses(&self.app).await;
        self.app.intake().report();
        if let Some(metrics) = self.metrics {
            metrics.shut_down().await;
        }
        served
    }
}

/// Opens the store, makes or reads the signing keys, and listens.
pub async fn start(config: Config, master_key: MasterKey) -> Result<Running, StartError> {
    let store = open_store(&config).await?;
    start_with(config, master_key, store, Arc::new(SystemClock), Arc::new(OsRandomness)).await
}

async fn start_with(
    mut config: Config,
    master_key: MasterKey,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Running, StartError> {
    let kept = store.settle("master_key_fingerprint", master_key.fingerprint()).await?;
    master_key.check_fingerprint(&kept)?;
    let listener = listen(config.listen)?;
    if let Ok(address) = listener.local_addr() {
        config.listen = address;
    }
    let address = config.listen;
    let metrics_listener = config.metrics.listen.map(listen).transpose()?;

    let master_key = Arc::new(master_key);
    let ring_settings = ring_settings(&config)?;
    let ring = SigningRing::open(
        store.clone(),
        master_key.clone(),
        clock.clone(),
        randomness.clone(),
        ring_settings,
    )
    .await?;
    let sts = Arc::new(StsHttp::new(sts_config(&config)?).map_err(setting)?);
    let people = single_sign_on::Parts {
        store: store.clone(),
        master_key: master_key.clone(),
        clock: clock.clone(),
        randomness: randomness.clone(),
    };
    let single_sign_on = SingleSignOn::new(people, sign_in_settings(&config)?).map_err(setting)?;
    let parts = Parts { store, sts, ring: Arc::new(ring), master_key, clock, randomness };
    let issuer = config.issuer();
    let verifier = Verifier::new(&issuer, &issuer, LEEWAY).map_err(setting)?;
    let exchange = Exchange::new(parts, settings(&config, &issuer)?);
    let catalogue = config::catalogue(config.permissions_file.as_deref())?;
    let verified = VerifiedCache::new(verifier, VERIFIED_TOKENS);
    let intake = Intake::new(&config.intake, forwarder(&config)?);
    let app = App::new(config, exchange, single_sign_on, verified, catalogue, intake);
    announce(&app);

    let handle = Handle::new();
    let serving = serve(&app, listener, handle.clone())?;
    let metrics = metrics_listener.map(|listener| metrics::listen(&app, listener)).transpose()?;
    let tending = tokio::spawn(tend(app.clone()));
    Ok(Running { app, address, handle, serving, metrics, tending })
}

/// The store that the configuration names, with its schema up to date.
pub async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StartError> {
    let url = config.store.0.expose_secret();
    if url == "memory" {
        return Ok(Arc::new(MemoryStore::default()));
    }
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok(Arc::new(SqliteStore::open(path)?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(PostgresStore::connect(url).await?));
    }
    Err(StartError::StoreUrl)
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|source| StartError::Listen { address, source })
}

fn serve(
    app: &App,
    listener: TcpListener,
    handle: Handle<SocketAddr>,
) -> Result<JoinHandle<std::io::Result<()>>, StartError> {
    let address = app.config().listen;
    let failed = |source| StartError::Listen { address, source };
    let service = routes::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    Ok(match &app.config().tls {
        Some(files) => {
            let tls = tls::configure(files)?;
            let mut server =
                axum_server::from_tcp_rustls(listener, tls).map_err(failed)?.handle(handle);
            tune(server.http_builder());
            tokio::spawn(server.serve(service))
        }
        None => {
            let mut server = axum_server::from_tcp(listener).map_err(failed)?.handle(handle);
            tune(server.http_builder());
            tokio::spawn(server.serve(service))
        }
    })
}

/// Bounds what a connection may cost before its request is known: slow and endless headers.
pub(crate) fn tune<E>(builder: &mut hyper_util::server::conn::auto::Builder<E>) {
    let timer = hyper_util::rt::TokioTimer::new;
    builder
        .http1()
        .timer(timer())
        .header_read_timeout(Duration::from_secs(10))
        .max_headers(64)
        .max_buf_size(4 * crate::middleware::MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(timer())
        .keep_alive_interval(Duration::from_secs(30))
        .max_concurrent_streams(256)
        .max_header_list_size(
            u32::try_from(4 * crate::middleware::MAX_HEADER_BYTES).unwrap_or(u32::MAX),
        );
}

/// What is due from time to time.
async fn tend(app: App) {
    loop {
        tokio::time::sleep(TEND_EVERY).await;
        if let Err(error) = app.exchange().parts().ring.tend().await {
            tracing::error!(error = %crate::error::chain(&error), "the signing keys could not be tended");
        }
        write_uses(&app).await;
        app.intake().report();
        app.sign_in_limit().forget_the_quiet();
        if let Err(error) = app.store().sweep_sign_ins(app.clock().now()).await {
            tracing::warn!(error = %crate::error::chain(&error), "old sign-ins could not be swept");
        }
        if let Err(error) = app.exchange().sweep().await {
            tracing::warn!(error = %crate::error::chain(&error), "old rows could not be swept");
        }
    }
}

async fn write_uses(app: &App) {
    if let Err(error) = app.uses().flush(app.store()).await {
        tracing::warn!(error = %crate::error::chain(&error), "the times of last use could not be written");
    }
}

fn announce(app: &App) {
    let config = app.config();
    tracing::info!(issuer = %config.issuer(), store = ?config.store, "listening on {}", config.listen);
}

fn settings(config: &Config, issuer: &str) -> Result<Settings, StartError> {
    let managed_keys = ManagedKeyPolicy {
        rotate_every: seconds(config.managed_keys.rotate_every_seconds),
        overlap: seconds(config.managed_keys.overlap_seconds),
    };
    managed_keys.validate().map_err(setting)?;
    let limits = &config.limits;
    Ok(Settings {
        issuer: Issuer::new(issuer, issuer, seconds(config.tokens.ttl_seconds)).map_err(setting)?,
        proofs: ProofPolicy {
            max_age: seconds(config.proofs.max_age_seconds),
            max_future: seconds(config.proofs.max_future_seconds),
            hosts: hosts(config)?,
        },
        replay: match config.proofs.replay {
            config::Replay::Idempotent => ReplayPolicy::Idempotent,
            config::Replay::Strict => ReplayPolicy::Strict,
        },
        patterns: pattern_rules(&config.patterns),
        managed_keys,
        limits: LimitSettings {
            sts_in_flight: limits.sts_in_flight,
            per_source: limits.exchanges_per_source,
            per_access_key: limits.exchanges_per_access_key,
        },
    })
}

fn pattern_rules(patterns: &config::Patterns) -> PatternRules {
    PatternRules::default()
        .with_bare_role(match patterns.bare_role {
            config::BareRole::AnySession => arn_pattern::BareRole::AnySession,
            config::BareRole::Exact => arn_pattern::BareRole::Exact,
            config::BareRole::Reject => arn_pattern::BareRole::Reject,
        })
        .with_session_prefix(patterns.session_prefix)
        .with_iam_role(match patterns.iam_role {
            config::IamRole::Reject => arn_pattern::IamRole::Reject,
            config::IamRole::Warn => arn_pattern::IamRole::Warn,
        })
}

fn hosts(config: &Config) -> Result<HostTable, StartError> {
    let extra = config.sts.extra_hosts.iter().map(|host| {
        let partition = host.partition.parse().map_err(setting)?;
        Ok(StsHost::configured(&host.name, partition, &host.region))
    });
    Ok(HostTable::standard().with_extra(extra.collect::<Result<Vec<_>, StartError>>()?))
}

fn ring_settings(config: &Config) -> Result<RingSettings, StartError> {
    let rotation = RotationPolicy {
        publish_ahead: seconds(config.tokens.publish_ahead_seconds),
        sign_for: seconds(config.tokens.rotate_every_seconds),
        ..RotationPolicy::default()
    };
    rotation.validate().map_err(setting)?;
    Ok(RingSettings { algorithm: config.tokens.algorithm.parse().map_err(setting)?, rotation })
}

fn sts_config(config: &Config) -> Result<StsHttpConfig, StartError> {
    let sts = &config.sts;
    let url = |text: &Option<String>| text.as_deref().map(str::parse).transpose().map_err(setting);
    let roots = sts.ca_certificates.as_deref().map(pem).transpose()?;
    Ok(StsHttpConfig {
        trusted_roots_pem: roots,
        connect_timeout: Duration::from_millis(sts.connect_timeout_ms),
        total_timeout: Duration::from_millis(sts.timeout_ms),
        proxy: url(&sts.proxy)?,
        endpoint_override: url(&sts.endpoint_override)?,
        ..StsHttpConfig::default()
    })
}

fn sign_in_settings(config: &Config) -> Result<single_sign_on::Settings, StartError> {
    let saml = &config.saml;
    let request_key = match (&saml.request_key, &saml.request_certificate) {
        (Some(key), Some(certificate)) => {
            let (key, certificate) = (pem(key)?, pem(certificate)?);
            Some(Arc::new(SigningKey::from_pem(&key, &certificate).map_err(setting)?))
        }
        _ => None,
    };
    Ok(single_sign_on::Settings {
        public_url: config.issuer(),
        clock_allowance: seconds(saml.clock_allowance_seconds),
        request_key,
        sessions_last: seconds(saml.session_seconds),
        session_idle: seconds(saml.session_idle_seconds),
    })
}

fn forwarder(config: &Config) -> Result<Option<Forwarder>, StartError> {
    let intake = &config.intake;
    let (Some(upstream), Some(file)) = (&intake.upstream, &intake.upstream_api_key_file) else {
        return Ok(None);
    };
    let forwarder = Forwarder::new(intake_forward::Settings {
        upstream: upstream.parse().map_err(setting)?,
        api_key: pem(file)?.into(),
        timeout: Duration::from_millis(intake.timeout_ms),
        body_bytes: u64::try_from(intake.body_bytes).unwrap_or(u64::MAX),
    });
    forwarder.map(Some).map_err(setting)
}

fn pem(path: &std::path::Path) -> Result<String, StartError> {
    std::fs::read_to_string(path)
        .map_err(|source| StartError::Pem { path: path.to_owned(), source })
}

fn setting(error: impl std::error::Error + Send + Sync + 'static) -> StartError {
    StartError::Setting(Box::new(error))
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// How far the clocks of replicas may be apart.
const LEEWAY: Duration = Duration::from_secs(30);
/// Tokens whose signature need not be verified again: some 20 MB at most.
const VERIFIED_TOKENS: usize = 65_536;
/// How often the ring is looked at and old rows are swept.
const TEND_EVERY: Duration = Duration::from_secs(60);
