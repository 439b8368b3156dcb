//! AWS credentials in, a Countersign credential out; and the token kept fresh.

mod builder;
mod flight;
mod once;
mod token;

use std::sync::Arc;

pub use builder::ExchangeBuilder;
pub use token::{AccessToken, IntakeKey};

use crate::{BaseUrl, CredentialSource, Error, OrgId, http::Http};
use flight::Flights;
use once::Signer;

/// Exchanges AWS credentials for Countersign's. Cheap to clone; clones share one cached token.
///
/// * The token is cached, renewed in the background from about 80 % of its life on, and never handed out when it is
///   about to expire.
/// * However many callers need a token at once, one exchange is made; its failure is shared by those who waited for it,
///   and whoever calls next tries anew.
/// * Must be used within a Tokio runtime with time and IO enabled.
#[derive(Clone, Debug)]
pub struct Exchange {
    signer: Arc<Signer>,
    flights: Arc<Flights>,
}

impl Exchange {
    /// For an organization of a server, signing with the credentials of `source`.
    pub fn builder(
        server: BaseUrl,
        org: OrgId,
        source: impl CredentialSource + 'static,
    ) -> ExchangeBuilder {
        ExchangeBuilder::new(server, org, Arc::new(source))
    }

    /// A token that is good for a while: the cached one, or a new one.
    ///
    /// Costs nothing most of the time; otherwise one round trip to the server, in which it asks STS.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        self.flights.token(&self.signer).await
    }

    /// Forgets `token`, so that the next call fetches a new one: for when a server refused it. Has no effect if
    /// it was replaced in the meantime.
    pub fn discard(&self, token: &AccessToken) {
        self.flights.discard(token);
    }

    /// The organization's managed API key for this workload. Not cached: ask once an hour or so, since keys are
    /// rotated; the last one stays valid for longer than that.
    pub async fn intake_key(&self) -> Result<IntakeKey, Error> {
        self.signer.intake_key().await
    }

    /// The server.
    pub fn server(&self) -> &BaseUrl {
        &self.signer.http.base
    }

    pub(crate) fn http(&self) -> &Http {
        &self.signer.http
    }
}
