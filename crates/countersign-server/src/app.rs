//! What every handler works with.

use std::sync::Arc;

use auth_model::{AuditEvent, AuditEventId, Catalogue, Clock, OrgId, Randomness, RandomnessError};
use exchange::{Exchange, Parts, SourceLimit};
use mapping_store::Store;
use single_sign_on::SingleSignOn;
use token_issuer::{Claims, MasterKey, TokenError, VerifiedCache};

use crate::{
    Config,
    intake::{Intake, IntakeCounts},
    invitations::Delivery,
    metrics::Metrics,
    uses::PendingUses,
};

/// The server's parts, shared by all requests.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    exchange: Exchange,
    single_sign_on: SingleSignOn,
    sign_in_limit: SourceLimit,
    verified: VerifiedCache,
    catalogue: Catalogue,
    uses: PendingUses,
    delivery: Delivery,
    intake: Intake,
    metrics: Metrics,
}

impl App {
    pub(crate) fn new(
        config: Config,
        exchange: Exchange,
        single_sign_on: SingleSignOn,
        verified: VerifiedCache,
        catalogue: Catalogue,
        intake: Intake,
    ) -> Self {
        let delivery = Delivery::configured(&config.invitations);
        let uses = PendingUses::default();
        let sign_in_limit = SourceLimit::new(config.limits.sign_ins_per_source);
        Self(Arc::new(Inner {
            config,
            exchange,
            single_sign_on,
            sign_in_limit,
            verified,
            catalogue,
            uses,
            delivery,
            intake,
            metrics: Metrics::default(),
        }))
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The use case.
    pub fn exchange(&self) -> &Exchange {
        &self.0.exchange
    }

    /// The use case of people.
    pub fn single_sign_on(&self) -> &SingleSignOn {
        &self.0.single_sign_on
    }

    /// How many steps of sign-ins one address may make.
    pub(crate) fn sign_in_limit(&self) -> &SourceLimit {
        &self.0.sign_in_limit
    }

    /// Where everything is kept.
    pub fn store(&self) -> &dyn Store {
        self.parts().store.as_ref()
    }

    /// Every permission that roles may hold.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// Which keys were used since that was last written.
    pub(crate) fn uses(&self) -> &PendingUses {
        &self.0.uses
    }

    /// How invitations reach those who are invited.
    pub(crate) fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }

    /// Where telemetry goes.
    pub(crate) fn intake(&self) -> &Intake {
        &self.0.intake
    }

    /// What is counted beside telemetry.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What became of telemetry since the start.
    pub fn intake_counts(&self) -> IntakeCounts {
        self.0.intake.counts()
    }

    /// What tells the time.
    pub fn clock(&self) -> &dyn Clock {
        self.parts().clock.as_ref()
    }

    /// What ids and keys are made of.
    pub fn randomness(&self) -> &dyn Randomness {
        self.parts().randomness.as_ref()
    }

    /// What secrets at rest are sealed under.
    pub(crate) fn master_key(&self) -> &MasterKey {
        &self.parts().master_key
    }

    fn parts(&self) -> &Parts {
        self.0.exchange.parts()
    }

    /// The claims of an access token of ours. That it was issued says nothing of whether it still counts: ask the store.
    pub(crate) async fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenError> {
        let ring = self.parts().ring.current();
        let now = self.clock().now();
        match self.0.verified.verify(&ring, token, now) {
            // Perhaps another replica has made the key just now.
            Err(TokenError::UnknownKey) => {
                let ring = self.parts().ring.reread().await;
                self.0.verified.verify(&ring, token, now)
            }
            result => result,
        }
    }

    pub(crate) fn jwks(&self) -> String {
        self.parts().ring.current().jwks().to_owned()
    }

    pub(crate) fn new_request_id(&self) -> Result<String, RandomnessError> {
        AuditEventId::new(self.clock(), self.randomness()).map(|id| id.to_string())
    }
}

/// The audit event of a change that nobody's request made.
pub(crate) fn change_event(
    name: &'static str,
    org: OrgId,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<AuditEvent, RandomnessError> {
    let id = AuditEventId::new(clock, randomness)?;
    Ok(AuditEvent::change(id, clock.now(), org, name))
}
