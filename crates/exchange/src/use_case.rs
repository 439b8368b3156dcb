//! The flow of an exchange, from the proof's text to the credential.

use std::{sync::Arc, time::Duration};

use arn_pattern::PatternRules;
use auth_model::{
    Clock, MappingId, MappingKind, OrgId, Purpose, Randomness, SecretString, Timestamp,
};
use mapping_store::{Candidate, Presentation, Resolve, Store};
use sts_proof::{CallerIdentity, ProofPolicy, StsRequest, StsTransport, UnverifiedProof};
use token_issuer::{AccessToken, Actor, Issuer, ManagedKeyPolicy, MasterKey, TokenSubject};

use crate::{
    Attempt, FallbackReport, LimitSettings, Refusal, SigningRing, choose, flights::Flights,
    limits::Limits, managed, trail::Trail,
};

/// What an exchange is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// How STS is asked.
    pub sts: Arc<dyn StsTransport>,
    /// What tokens are signed with.
    pub ring: Arc<SigningRing>,
    /// What managed keys are sealed under.
    pub master_key: Arc<MasterKey>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Issuer, audience and life of tokens.
    pub issuer: Issuer,
    /// Which proofs are sent to STS at all.
    pub proofs: ProofPolicy,
    /// What happens to a proof that was presented before.
    pub replay: ReplayPolicy,
    /// How patterns are read.
    pub patterns: PatternRules,
    /// How managed keys rotate.
    pub managed_keys: ManagedKeyPolicy,
    /// What protects STS and us.
    pub limits: LimitSettings,
}

/// What happens to a proof that was presented before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplayPolicy {
    /// The same treatment again, marked in the audit; its token ends no later than the first one's.
    #[default]
    Idempotent,
    /// Refused.
    Strict,
}

/// An access token, and whom it acts as.
#[derive(Debug)]
pub struct GrantedToken {
    /// The token.
    pub token: AccessToken,
    /// The mapping that led to it.
    pub mapping: MappingId,
}

/// The managed key of an intake mapping.
#[derive(Debug)]
pub struct GrantedKey {
    /// The key.
    pub key: SecretString,
    /// The mapping that led to it: the key's stable id.
    pub mapping: MappingId,
    /// The organization's small number.
    pub organization_number: i64,
}

/// Turns proofs into credentials.
pub struct Exchange {
    parts: Parts,
    settings: Settings,
    limits: Arc<Limits>,
    flights: Flights<(OrgId, [u8; 32]), Result<CallerIdentity, Refusal>>,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A verified caller and the mapping that decided for it.
struct Resolved {
    caller: CallerIdentity,
    candidate: Candidate,
    organization_number: i64,
    presentation: Presentation,
}

impl Exchange {
    /// Nothing is asked or read until a proof comes in.
    pub fn new(parts: Parts, settings: Settings) -> Self {
        let limits = Arc::new(Limits::new(settings.limits));
        Self { parts, settings, limits, flights: Flights::new() }
    }

    /// Store, clock and the rest, for whoever else needs them.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A proof, as the value of an `Authorization` header, for an access token that acts as the mapping's target.
    pub async fn access_token(
        &self,
        authorization: &[u8],
        attempt: &Attempt,
    ) -> Result<GrantedToken, Refusal> {
        let mut trail = self.trail(Purpose::AccessToken, attempt)?;
        let result = self.issue_token(authorization, attempt, &mut trail).await;
        self.record(trail, result).await
    }

    /// A proof, as the value of an `Authorization` header, for the managed API key of the mapping.
    ///
    /// A `report` is told in the event of this exchange if it succeeds, and so costs the log no event of its own, however
    /// often it comes.
    pub async fn managed_key(
        &self,
        authorization: &[u8],
        attempt: &Attempt,
        report: Option<FallbackReport>,
    ) -> Result<GrantedKey, Refusal> {
        let mut trail = self.trail(Purpose::ManagedKey, attempt)?;
        trail.reports(report);
        let result = self.hand_out_key(authorization, attempt, &mut trail).await;
        self.record(trail, result).await
    }

    /// Work that is due from time to time: forgets what need not be remembered.
    pub async fn sweep(&self) -> Result<(), Refusal> {
        self.limits.forget_the_quiet();
        let now = self.parts.clock.now();
        self.parts.store.sweep_proofs(now).await?;
        self.parts.store.sweep_managed_keys(now).await?;
        Ok(())
    }

    async fn issue_token(
        &self,
        authorization: &[u8],
        attempt: &Attempt,
        trail: &mut Trail,
    ) -> Result<GrantedToken, Refusal> {
        let resolved = self.resolve(authorization, attempt, MappingKind::Persona, trail).await?;
        let Resolved { caller, candidate, presentation, .. } = resolved;
        let Some(target) = candidate.target else {
            return Err(Refusal::issue(PersonaWithoutTarget));
        };
        let subject = TokenSubject {
            user: target.user,
            org: caller.org(),
            mapping: candidate.mapping,
            act: Actor {
                arn: caller.arn().as_str().to_owned(),
                account: caller.account().to_string(),
                user_id: caller.user_id().to_owned(),
            },
        };
        let now = self.parts.clock.now();
        // A replayed proof buys no more time than it did at first.
        let not_after = presentation.first_at.plus(self.settings.issuer.ttl());
        if not_after.unix_seconds() <= now.unix_seconds() {
            return Err(Refusal::Replayed);
        }
        let ring = self.parts.ring.current();
        let randomness = self.parts.randomness.as_ref();
        let token = self
            .settings
            .issuer
            .issue(&ring, &subject, now, Some(not_after), randomness)
            .map_err(Refusal::issue)?;
        Ok(GrantedToken { token, mapping: candidate.mapping })
    }

    async fn hand_out_key(
        &self,
        authorization: &[u8],
        attempt: &Attempt,
        trail: &mut Trail,
    ) -> Result<GrantedKey, Refusal> {
        let resolved = self.resolve(authorization, attempt, MappingKind::Intake, trail).await?;
        let org = resolved.caller.org();
        let mapping = resolved.candidate.mapping;
        let key = managed::current(&self.parts, &self.settings.managed_keys, org, mapping).await?;
        Ok(GrantedKey { key, mapping, organization_number: resolved.organization_number })
    }

    /// From the proof's text to the mapping that decides.
    async fn resolve(
        &self,
        authorization: &[u8],
        attempt: &Attempt,
        kind: MappingKind,
        trail: &mut Trail,
    ) -> Result<Resolved, Refusal> {
        let unverified = UnverifiedProof::parse_authorization(authorization)?;
        trail.claims(&unverified);
        let now = self.parts.clock.now();
        let request = unverified.check(&self.settings.proofs, now)?;
        trail.host(request.host().name());
        self.limits.admit(attempt.source, request.access_key_id())?;
        let (org, hash, signed_at) = (request.org(), request.proof_hash(), request.signed_at());
        let caller = self.ask_sts(request).await?;
        trail.caller(&caller);

        let patterns: Vec<String> = caller.arn().candidates().collect();
        let question = Resolve {
            org,
            kind,
            account: caller.account(),
            partition: caller.partition(),
            patterns: &patterns,
        };
        let resolution = self.parts.store.resolve(question).await?;
        let organization_number = resolution.organization.as_ref().map_or(0, |o| o.number);
        let candidate =
            choose(resolution, caller.arn(), &self.settings.patterns).map_err(|cause| {
                Refusal::Unmapped { arn: caller.arn().as_str().to_owned(), kind, cause }
            })?;
        trail.mapping(candidate.mapping, candidate.target.map(|t| t.user));

        let presentation = self.present(org, hash, signed_at, trail).await?;
        Ok(Resolved { caller, candidate, organization_number, presentation })
    }

    /// STS's word on who signed. Identical proofs that arrive at once share one request.
    async fn ask_sts(&self, request: StsRequest) -> Result<CallerIdentity, Refusal> {
        let key = (request.org(), request.proof_hash());
        let work = || {
            let (limits, sts) = (self.limits.clone(), self.parts.sts.clone());
            let clock = self.parts.clock.clone();
            async move {
                let _place = limits.place()?;
                let answer = sts.send(&request).await?;
                Ok(CallerIdentity::read(&request, &answer, clock.now())?)
            }
        };
        self.flights.join(key, work).await
    }

    /// Notes that the proof was presented; refuses a second time where that is the policy.
    async fn present(
        &self,
        org: OrgId,
        hash: [u8; 32],
        signed_at: Timestamp,
        trail: &mut Trail,
    ) -> Result<Presentation, Refusal> {
        let now = self.parts.clock.now();
        let keep_until = signed_at.max(now).plus(REMEMBER);
        let presentation = self.parts.store.present_proof(org, hash, now, keep_until).await?;
        if presentation.replayed {
            trail.replayed();
            if self.settings.replay == ReplayPolicy::Strict {
                return Err(Refusal::Replayed);
            }
        }
        Ok(presentation)
    }

    fn trail(&self, purpose: Purpose, attempt: &Attempt) -> Result<Trail, Refusal> {
        Trail::new(purpose, attempt, self.parts.clock.as_ref(), self.parts.randomness.as_ref())
            .map_err(Refusal::issue)
    }

    /// Writes the audit event. A credential whose event can't be written is not handed out.
    async fn record<T>(&self, trail: Trail, result: Result<T, Refusal>) -> Result<T, Refusal> {
        // Nothing to be learned from one more of a flood, and each would cost a write.
        if let Err(Refusal::TooMany { .. } | Refusal::Busy) = result {
            return result;
        }
        let event = trail.finish(result.as_ref().err(), self.parts.clock.as_ref());
        match (self.parts.store.record(&event).await, result) {
            (Ok(()), result) => result,
            (Err(error), Ok(_)) => Err(error.into()),
            (Err(error), Err(refusal)) => {
                tracing::error!(error = %error, "an audit event could not be written");
                Err(refusal)
            }
        }
    }
}

/// How long after its date a proof is remembered: past the time that STS would still take it.
const REMEMBER: Duration = Duration::from_secs(20 * 60);

/// The store answered a question about persona mappings with something else.
#[derive(Debug, thiserror::Error)]
#[error("a persona mapping came without its target")]
struct PersonaWithoutTarget;
