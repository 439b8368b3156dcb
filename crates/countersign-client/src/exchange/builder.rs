//! How an exchange is set up.

use std::sync::Arc;

use auth_model::{Clock, OrgId, OsRandomness, Randomness, SystemClock};
use sts_proof::HostTable;

use super::{Exchange, flight::Flights, once::Signer};
use crate::{BaseUrl, CredentialSource, HttpSettings, SetupError, http::Http};

/// Collects what an [`Exchange`] needs.
#[derive(Clone, Debug)]
#[must_use]
pub struct ExchangeBuilder {
    server: BaseUrl,
    org: OrgId,
    source: Arc<dyn CredentialSource>,
    region: Option<String>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    http: HttpSettings,
}

impl ExchangeBuilder {
    pub(super) fn new(server: BaseUrl, org: OrgId, source: Arc<dyn CredentialSource>) -> Self {
        Self {
            server,
            org,
            source,
            region: None,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(OsRandomness),
            http: HttpSettings::default(),
        }
    }

    /// Has the server ask the STS of this AWS Region. The global one by default.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Tells the time. The machine's clock by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Spreads out the moments at which many clients renew their tokens. The operating system's by default.
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// Time-outs, proxy, trusted certificates.
    pub fn http(mut self, settings: HttpSettings) -> Self {
        self.http = settings;
        self
    }

    /// Fails if something cannot be used as it is; connects to nothing yet.
    pub fn build(self) -> Result<Exchange, SetupError> {
        let Self { server, org, source, region, clock, randomness, http: settings } = self;
        let hosts = HostTable::standard();
        let sts = hosts
            .for_region(region.as_deref())
            .ok_or_else(|| SetupError::Region { region: region.clone().unwrap_or_default() })?
            .clone();
        let user_agent = settings.user_agent.clone();
        let http = Http::new(server, &settings)?;
        let flights = Arc::new(Flights::new(Arc::clone(&clock), randomness));
        let signer = Arc::new(Signer { http, org, source, sts, clock, user_agent });
        Ok(Exchange { signer, flights })
    }
}
