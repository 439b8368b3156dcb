//! Settings of an emulator, and its start.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use auth_model::{Clock, Randomness, RandomnessError, SystemClock};
use rustls::ServerConfig;
use sts_proof::{HostTable, StsHost};
use tokio::{net::TcpListener, sync::watch};
use tokio_rustls::TlsAcceptor;

use super::StsEmulator;
use crate::{
    clock::{AdjustableClock, ClockSetting},
    directory::Directory,
    endpoint::UnknownHost,
    engine::Engine,
    fault::Fault,
    fixture::{Fixture, FixtureError},
    mint::Mint,
    serve, tls,
    verify::Policy,
};

/// Settings of an emulator. Made by [`StsEmulator::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    listen: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    allow_non_loopback: bool,
    fixture: Fixture,
    faults: Vec<Fault>,
    seed: [u8; 32],
    clock: Arc<dyn Clock>,
    setting: ClockSetting,
    policy: Policy,
    hosts: HostTable,
    unknown_host: UnknownHost,
    keep_requests: usize,
}

/// Why an emulator cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from other machines.
    #[error(
        "`{0}` can be reached from other machines: listen on 127.0.0.1, or allow it explicitly"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The certificate, or the key to it.
    #[error("the certificate and its key cannot be used; both are PEM, and the key fits the leaf")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The fixture breaks a rule of AWS.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            allow_non_loopback: false,
            fixture: Fixture::default(),
            faults: Vec::new(),
            seed: [0; 32],
            clock: Arc::new(SystemClock),
            setting: ClockSetting::Real,
            policy: Policy::default(),
            hosts: HostTable::standard(),
            unknown_host: UnknownHost::default(),
            keep_requests: 10_000,
        }
    }
}

impl Builder {
    /// Where to listen. `127.0.0.1`, any free port.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Speaks TLS with this certificate chain, leaf first, and its key, both PEM. Plain HTTP.
    ///
    /// # Errors
    /// [`StartError::Tls`].
    pub fn tls(mut self, chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, StartError> {
        self.tls = Some(tls::configure(chain_pem, key_pem).map_err(StartError::Tls)?);
        Ok(self)
    }

    /// Whether other machines may reach the emulator. They may not. The control API answers this
    /// machine only, whatever is said here.
    #[must_use]
    pub fn allow_non_loopback(mut self, allow: bool) -> Self {
        self.allow_non_loopback = allow;
        self
    }

    /// What exists from the start. Nothing.
    #[must_use]
    pub fn fixture(mut self, fixture: Fixture) -> Self {
        self.fixture = fixture;
        self
    }

    /// The faults in force from the start. None.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }

    /// What every id and secret that is not given is derived from. All zero, so each start gives the
    /// same ones.
    #[must_use]
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = seed;
        self
    }

    /// A seed that nobody knows, for secrets that nobody else has.
    ///
    /// # Errors
    /// If `randomness` gives none.
    pub fn fresh_seed(mut self, randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
        randomness.fill(&mut self.seed)?;
        Ok(self)
    }

    /// The clock. The machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What is made of that clock at first. Its own time.
    #[must_use]
    pub fn clock_setting(mut self, setting: ClockSetting) -> Self {
        self.setting = setting;
        self
    }

    /// How far a signing time may be from now, either way. Fifteen minutes.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.policy.window = window;
        self
    }

    /// Whether every `x-amz-*` header must be signed. It must.
    #[must_use]
    pub fn require_signed_amz_headers(mut self, require: bool) -> Self {
        self.policy.require_signed_amz_headers = require;
        self
    }

    /// Whether the message about a wrong Region names it, as older answers did. It does not.
    #[must_use]
    pub fn name_wrong_region(mut self, name: bool) -> Self {
        self.policy.name_wrong_region = name;
        self
    }

    /// Further STS hosts, such as a VPC endpoint.
    #[must_use]
    pub fn extra_hosts(mut self, hosts: impl IntoIterator<Item = StsHost>) -> Self {
        self.hosts = self.hosts.with_extra(hosts);
        self
    }

    /// What a `Host` that is no STS host stands for. For every Region.
    #[must_use]
    pub fn unknown_host(mut self, unknown: UnknownHost) -> Self {
        self.unknown_host = unknown;
        self
    }

    /// How many requests are kept; older ones are still counted. 10,000.
    #[must_use]
    pub fn keep_requests(mut self, most: usize) -> Self {
        self.keep_requests = most;
        self
    }

    /// Listens, and serves in the background until the handle is shut down or dropped.
    ///
    /// Needs a Tokio runtime with IO and time.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(self) -> Result<StsEmulator, StartError> {
        let address = self.listen;
        if !address.ip().is_loopback() && !self.allow_non_loopback {
            return Err(StartError::NotLoopback(address));
        }
        let mint = Mint::new(&self.seed);
        let (directory, credentials) = Directory::load(&self.fixture, &mint)?;
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let local = listener.local_addr().map_err(listen)?;
        let clock = AdjustableClock::new(self.clock, self.setting);
        let mut engine = Engine::new(mint, clock, directory, self.keep_requests);
        engine.hosts = self.hosts;
        engine.unknown_host = self.unknown_host;
        engine.policy = self.policy;
        engine.faults().replace(self.faults);
        let engine = Arc::new(engine);
        let (stop, stopped) = watch::channel(());
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let acceptor = self.tls.map(TlsAcceptor::from);
        let task = tokio::spawn(serve::run(listener, acceptor, Arc::clone(&engine), stopped));
        Ok(StsEmulator { local, scheme, engine, credentials, stop, task })
    }
}
