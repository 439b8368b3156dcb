//! Gathers what the audit event of an attempt will say, as it becomes known.

use std::borrow::Cow;

use auth_model::{
    AuditEvent, AuditEventId, AuditOutcome, Clock, MappingId, Purpose, Randomness, RandomnessError,
    UserId,
};
use sts_proof::{CallerIdentity, UnverifiedProof};

use crate::{Attempt, FallbackReport, Refusal, RefusalKind, report::FALLBACK_REPORTED};

/// The event in the making.
#[derive(Debug)]
pub(crate) struct Trail {
    event: AuditEvent,
    /// Counts only where the credential is handed out: before that nobody knows whose word it is.
    report: Option<FallbackReport>,
}

impl Trail {
    pub(crate) fn new(
        purpose: Purpose,
        attempt: &Attempt,
        clock: &dyn Clock,
        randomness: &dyn Randomness,
    ) -> Result<Self, RandomnessError> {
        let id = AuditEventId::new(clock, randomness)?;
        // Until it is known better.
        let outcome = AuditOutcome::Failed;
        let mut event = AuditEvent::new(id, attempt.arrived_at, purpose, outcome);
        event.request_id = attempt.request_id.clone();
        event.source = attempt.source;
        Ok(Self { event, report: None })
    }

    /// What the caller says of itself.
    pub(crate) fn reports(&mut self, report: Option<FallbackReport>) {
        self.report = report;
    }

    /// What the proof claims.
    pub(crate) fn claims(&mut self, proof: &UnverifiedProof) {
        self.event.org = Some(proof.claimed_org());
        self.event.access_key_id = Some(proof.access_key_id().to_owned());
        self.event.proof_hash = Some(proof.hash());
    }

    /// Where STS is asked.
    pub(crate) fn host(&mut self, host: &str) {
        self.event.sts_host = Some(host.to_owned());
    }

    /// Who STS says it is.
    pub(crate) fn caller(&mut self, caller: &CallerIdentity) {
        self.event.caller_arn = Some(caller.arn().as_str().to_owned());
        self.event.caller_user_id = Some(caller.user_id().to_owned());
        self.event.account = Some(caller.account());
        self.event.sts_request_id = caller.sts_request_id().map(str::to_owned);
    }

    /// Which mapping decided.
    pub(crate) fn mapping(&mut self, mapping: MappingId, user: Option<UserId>) {
        self.event.mapping = Some(mapping);
        self.event.user = user;
    }

    /// The proof was presented before.
    pub(crate) fn replayed(&mut self) {
        self.event.replayed = true;
    }

    /// The event, now that it is known what came of it.
    pub(crate) fn finish(mut self, refusal: Option<&Refusal>, clock: &dyn Clock) -> AuditEvent {
        self.event.took_micros =
            i64::try_from(clock.now().since(self.event.at).as_micros()).unwrap_or(i64::MAX);
        match refusal {
            None => {
                self.event.outcome = AuditOutcome::Granted;
                if let Some(report) = self.report {
                    self.event.reason = Cow::Borrowed(FALLBACK_REPORTED);
                    self.event.detail = report.detail();
                }
            }
            Some(refusal) => {
                self.event.outcome = match refusal.kind() {
                    RefusalKind::Unavailable | RefusalKind::Internal => AuditOutcome::Failed,
                    _ => AuditOutcome::Refused,
                };
                self.event.reason = Cow::Borrowed(refusal.code());
                self.event.detail = detail(refusal);
            }
        }
        self.event
    }
}

/// What the reason's word leaves open. The caller's own ARN stands in a field of its own.
fn detail(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Proof(error) => error.to_string(),
        Refusal::Sts(refusal) => refusal.to_string(),
        _ => String::new(),
    }
}
