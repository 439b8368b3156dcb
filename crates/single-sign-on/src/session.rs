//! Sessions: made at sign-in, checked at each use, replaced secret by secret, ended.

use std::time::Duration;

use auth_model::{
    AuditOutcome, ExposeSecret as _, KeyHash, OrgId, SecretString, Session, SessionId,
    SignInMethod, User,
};
use mapping_store::Authority;
use token_issuer::{hash_key, same_key};

use crate::{Attempt, Refusal, SingleSignOn, Told, cookie::Cookie, secret::random_text};

/// A session in force.
#[derive(Clone, Debug)]
pub struct CheckedSession {
    /// The session.
    pub session: Session,
    /// Who it is, and what they may do at this moment.
    pub authority: Authority,
    /// What the browser is to hold from now on, if that has changed.
    pub renewed: Option<SecretString>,
}

/// Whether the secret of a session may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// When its time has come: the answer goes to the browser.
    IfDue,
    /// Not now: nobody may hand the new one on.
    Never,
}

impl SingleSignOn {
    /// The session that a browser holds, if it is in force. Its secret is replaced from time to time; whoever brings a secret that
    /// was replaced long ago has copied it, or was copied, and the session ends for both.
    pub async fn check(
        &self,
        cookie: &str,
        renewal: Renewal,
        attempt: &Attempt,
    ) -> Result<Option<CheckedSession>, Refusal> {
        let Some(held) = Cookie::open(cookie, &self.parts.master_key) else { return Ok(None) };
        let now = self.now();
        let found = self.parts.store.session(held.org, held.id, now).await?;
        let Some((session, authority)) = found else { return Ok(None) };
        let unused = now.since(session.rotated_at);
        if unused > self.settings.session_idle {
            return Ok(None);
        }
        let secret = hash_key(held.secret.expose_secret());
        let is_previous = |previous: &KeyHash| same_key(previous, &secret);
        if same_key(&session.secret, &secret) {
            let renewed = match renewal == Renewal::IfDue && unused >= ROTATE_EVERY {
                true => self.rotate(&session, secret).await?,
                false => None,
            };
            return Ok(Some(CheckedSession { session, authority, renewed }));
        }
        if session.previous_secret.as_ref().is_some_and(is_previous) && unused <= GRACE {
            return Ok(Some(CheckedSession { session, authority, renewed: None }));
        }
        self.end_copied(&session, attempt).await?;
        Ok(None)
    }

    /// Ends a session; `false` if it had ended.
    pub async fn end(&self, session: &Session, attempt: &Attempt) -> Result<bool, Refusal> {
        let mut event = self.event("session.end", session.org, attempt)?;
        event.user = Some(session.user);
        Ok(self.parts.store.end_session(session.org, session.id, &event).await?)
    }

    /// What the assertion said that a session began with.
    pub fn told(&self, session: &Session) -> Result<Option<Told>, Refusal> {
        if session.arrived.is_empty() {
            return Ok(None);
        }
        let (org, id) = (session.org, session.id.to_string());
        Ok(Some(Told::open(&self.parts.master_key, org, &id, &session.arrived)?))
    }

    /// A session that begins now, and what the browser holds of it.
    pub(crate) fn session_of(
        &self,
        user: &User,
        method: SignInMethod,
    ) -> Result<(Session, SecretString), Refusal> {
        let randomness = self.parts.randomness.as_ref();
        let id = SessionId::random(randomness)?;
        let (secret, cookie) = self.cookie(user.org, id)?;
        let now = self.now();
        let session = Session {
            id,
            org: user.org,
            user: user.id,
            method,
            secret,
            previous_secret: None,
            arrived: Vec::new(),
            created_at: now,
            rotated_at: now,
            expires_at: now.plus(self.settings.sessions_last),
        };
        Ok((session, cookie))
    }

    pub(crate) fn seal_told(&self, told: &Told, org: OrgId, row: &str) -> Result<Vec<u8>, Refusal> {
        let randomness = self.parts.randomness.as_ref();
        Ok(told.seal(&self.parts.master_key, randomness, org, row)?)
    }

    /// A new secret, unless another request was quicker: that one's answer brings it.
    async fn rotate(
        &self,
        session: &Session,
        from: KeyHash,
    ) -> Result<Option<SecretString>, Refusal> {
        let (to, cookie) = self.cookie(session.org, session.id)?;
        let store = self.parts.store.as_ref();
        let rotated = store.rotate_session(session.org, session.id, from, to, self.now()).await?;
        Ok(rotated.then_some(cookie))
    }

    fn cookie(&self, org: OrgId, id: SessionId) -> Result<(KeyHash, SecretString), Refusal> {
        let randomness = self.parts.randomness.as_ref();
        let secret: SecretString = random_text(randomness)?.into();
        let hash = hash_key(secret.expose_secret());
        let cookie = Cookie { org, id, secret }.seal(&self.parts.master_key, randomness);
        Ok((hash, cookie.map_err(crate::ToldError::from)?))
    }

    async fn end_copied(&self, session: &Session, attempt: &Attempt) -> Result<(), Refusal> {
        let mut event = self.event("session.end", session.org, attempt)?;
        event.user = Some(session.user);
        event.outcome = AuditOutcome::Refused;
        event.reason = "secret_reused".into();
        event.detail =
            "a secret that was replaced came again: somebody else may hold a copy".to_owned();
        tracing::warn!(org.id = %session.org, user.id = %session.user, "{}", event.detail);
        self.parts.store.end_session(session.org, session.id, &event).await?;
        Ok(())
    }
}

/// How long a browser holds the same secret.
const ROTATE_EVERY: Duration = Duration::from_secs(15 * 60);
/// How long requests that were under way may bring the secret before.
const GRACE: Duration = Duration::from_secs(60);
