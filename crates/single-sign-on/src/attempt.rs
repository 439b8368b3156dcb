//! What is known of a request before anything in it is read, and the audit event that grows from it.

use std::{borrow::Cow, net::IpAddr};

use auth_model::{
    AuditEvent, AuditEventId, AuditOutcome, Clock, OrgId, Purpose, Randomness, RandomnessError,
    Timestamp,
};

/// What is known of a request before anything in it is read.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Ties log, audit event and answer together. A browser that is refused is told this and nothing else.
    pub request_id: String,
    /// When it came in.
    pub arrived_at: Timestamp,
    /// The client's address.
    pub source: Option<IpAddr>,
}

impl Attempt {
    /// The event of this attempt, not yet decided.
    pub(crate) fn event(
        &self,
        name: &'static str,
        org: OrgId,
        clock: &dyn Clock,
        randomness: &dyn Randomness,
    ) -> Result<AuditEvent, RandomnessError> {
        let id = AuditEventId::new(clock, randomness)?;
        let purpose = Purpose::Change(Cow::Borrowed(name));
        let mut event = AuditEvent::new(id, clock.now(), purpose, AuditOutcome::Granted);
        event.org = Some(org);
        event.request_id.clone_from(&self.request_id);
        event.source = self.source;
        let took = clock.now().since(self.arrived_at);
        event.took_micros = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        Ok(event)
    }
}
