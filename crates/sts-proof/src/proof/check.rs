//! What a server can decide of a proof without asking STS.

use auth_model::Timestamp;

use super::{Name, UnverifiedProof, unknown_host};
use crate::{ProofError, ProofPolicy, StsHost, StsRequest, error::shown, policy::STS_WINDOW};

impl UnverifiedProof {
    /// Decides whether STS is to be asked, and rebuilds the request to ask it with.
    ///
    /// `Ok` does not say that the proof is genuine: only STS can.
    pub fn check(self, policy: &ProofPolicy, now: Timestamp) -> Result<StsRequest, ProofError> {
        let host = policy
            .hosts
            .lookup_shared(self.host_name())
            .ok_or_else(|| unknown_host(self.host_name()))?;
        self.check_scope(&host)?;
        self.check_signed()?;
        self.check_time(policy, now)?;
        Ok(StsRequest::new(host, self))
    }

    fn check_scope(&self, host: &StsHost) -> Result<(), ProofError> {
        if *self.authorization.scope_region != *host.region() {
            return Err(ProofError::ScopeRegion {
                found: shown(&self.authorization.scope_region),
                host: host.name().to_owned(),
                expected: host.region().to_owned(),
            });
        }
        if !self.date.starts_with(&*self.authorization.scope_date) {
            return Err(ProofError::ScopeDate);
        }
        Ok(())
    }

    /// Whatever is present and used must be signed; whatever is signed must be present, save the length of the body, which
    /// some clients sign and leave out.
    fn check_signed(&self) -> Result<(), ProofError> {
        let signed = self.authorization.signed;
        let needed = [
            (Name::Host, true),
            (Name::Date, true),
            (Name::OrgId, true),
            (Name::ContentType, self.content_type.is_some()),
            (Name::ContentLength, self.carries_content_length),
            (Name::SecurityToken, self.session_token.is_some()),
        ];
        for (name, present) in needed {
            if present && !signed.contains(name) {
                return Err(ProofError::Unsigned { name: name.as_str() });
            }
            if !present && signed.contains(name) && name != Name::ContentLength {
                return Err(ProofError::MissingHeader { name: name.as_str() });
            }
        }
        Ok(())
    }

    fn check_time(&self, policy: &ProofPolicy, now: Timestamp) -> Result<(), ProofError> {
        let max_age = policy.max_age.min(STS_WINDOW);
        let max_future = policy.max_future.min(STS_WINDOW);
        let age = now.since(self.signed_at);
        if age > max_age {
            return Err(ProofError::Stale {
                age_seconds: age.as_secs(),
                max_seconds: max_age.as_secs(),
            });
        }
        let ahead = self.signed_at.since(now);
        if ahead > max_future {
            return Err(ProofError::Future {
                ahead_seconds: ahead.as_secs(),
                max_seconds: max_future.as_secs(),
            });
        }
        Ok(())
    }
}
