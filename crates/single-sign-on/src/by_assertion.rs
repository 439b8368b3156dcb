//! The second half of a sign-in: the browser brings what the identity provider says.

use auth_model::{
    Enforcement, OrgId, SamlConfiguration, SecretString, Session, SignInMethod, Timestamp, User,
};
use mapping_store::{SignIn, StoreError};
use role_mapping::Attributes;
use saml_sp::{Expected, RelayState, UnverifiedResponse, VerifiedAssertion};
use token_issuer::hash_key;

use crate::{
    Attempt, Refusal, ReturnPath, SingleSignOn, Told, decision::Decision, outlook, person::Person,
    use_case::Enabled,
};

/// What a browser posts.
#[derive(Clone, Copy)]
pub struct Posted<'a> {
    /// The field `SAMLResponse`.
    pub response: &'a str,
    /// The field `RelayState`.
    pub relay_state: Option<&'a str>,
    /// The secret that the browser was given when the sign-in began.
    pub browser: Option<&'a str>,
}

impl std::fmt::Debug for Posted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posted").field("bytes", &self.response.len()).finish_non_exhaustive()
    }
}

/// Somebody is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// For the browser to keep.
    pub cookie: SecretString,
    /// Where it goes on to.
    pub return_to: ReturnPath,
}

/// Whom a verified assertion is about, and what it said.
pub(crate) struct Accepted {
    pub(crate) person: Person,
    pub(crate) told: Told,
    pub(crate) attributes: Attributes,
    pub(crate) session_ends: Option<Timestamp>,
}

impl Accepted {
    /// As the organization reads it.
    fn of(
        assertion: &VerifiedAssertion,
        configuration: &SamlConfiguration,
    ) -> Result<Self, Refusal> {
        let told = Told::of(assertion);
        Ok(Self {
            person: Person::of(assertion, configuration.email_attribute.as_deref())?,
            attributes: Attributes::collect(told.pairs())?,
            session_ends: assertion.session_not_on_or_after(),
            told,
        })
    }
}

impl SingleSignOn {
    /// Signs somebody in by an assertion, or records why not.
    pub async fn by_assertion(
        &self,
        org: OrgId,
        posted: Posted<'_>,
        attempt: &Attempt,
    ) -> Result<SignedIn, Refusal> {
        let outcome = self.assertion(org, posted, attempt).await;
        if let Err(refusal) = &outcome {
            self.record(BY_ASSERTION, org, attempt, refusal).await;
        }
        outcome
    }

    async fn assertion(
        &self,
        org: OrgId,
        posted: Posted<'_>,
        attempt: &Attempt,
    ) -> Result<SignedIn, Refusal> {
        let enabled = self.enabled(org).await?;
        let (assertion, return_to) = self.verified(org, &enabled, posted).await?;
        self.first_use(org, &assertion).await?;
        let cookie = self.admit(enabled, &assertion, attempt).await?;
        Ok(SignedIn { cookie, return_to })
    }

    /// What the identity provider says, in answer to a request of this browser's, or unasked where that is allowed.
    async fn verified(
        &self,
        org: OrgId,
        enabled: &Enabled,
        posted: Posted<'_>,
    ) -> Result<(VerifiedAssertion, ReturnPath), Refusal> {
        let Enabled { configuration, idp, sp } = enabled;
        let response = UnverifiedResponse::from_form(posted.response)?;
        let now = self.now();
        let handle = posted.relay_state.and_then(|text| RelayState::parse(text).ok());
        let request = match (&handle, posted.browser) {
            (Some(handle), Some(browser)) => {
                let (handle, browser) = (hash_key(handle.as_str()), hash_key(browser));
                self.parts.store.take_sign_in_request(org, handle, browser, now).await?
            }
            _ => None,
        };
        match request {
            Some(request) => {
                let expected = Expected::ReplyTo(&request.request_id);
                let assertion = response.verify(sp, idp, expected, now)?;
                let return_to = ReturnPath::parse(&request.return_to).unwrap_or_default();
                Ok((assertion, return_to))
            }
            None if configuration.idp_initiated
                && response.unverified_in_response_to().is_none() =>
            {
                let assertion = response.verify(sp, idp, Expected::Unsolicited, now)?;
                Ok((assertion, ReturnPath::default()))
            }
            None => Err(Refusal::UnknownRequest),
        }
    }

    /// Each assertion is used once, on whichever replica.
    async fn first_use(&self, org: OrgId, assertion: &VerifiedAssertion) -> Result<(), Refusal> {
        // What is hashed begins like no proof does.
        let name = format!("saml assertion\n{}\n{}", assertion.issuer(), assertion.id());
        let (now, until) = (self.now(), assertion.replay_until());
        let use_ = self.parts.store.present_proof(org, hash_key(&name).0, now, until).await?;
        if use_.replayed { Err(Refusal::Replayed) } else { Ok(()) }
    }

    /// Decides, and does all of it at once. Where the user, what they are given or the organization's configuration has changed
    /// meanwhile, decides anew: all but whether the assertion is genuine and new.
    async fn admit(
        &self,
        mut enabled: Enabled,
        assertion: &VerifiedAssertion,
        attempt: &Attempt,
    ) -> Result<SecretString, Refusal> {
        let org = enabled.configuration.org;
        let mut keeps_power = false;
        for _ in 0..TRIES {
            let accepted = Accepted::of(assertion, &enabled.configuration)?;
            let (sign_in, detail, cookie) = self.decided(&enabled, &accepted, keeps_power).await?;
            let mut event = self.event(BY_ASSERTION, org, attempt)?;
            event.user = Some(sign_in.user.id);
            event.detail = detail;
            match self.parts.store.sign_in(&sign_in, &event).await {
                Ok(Some(user)) => {
                    tracing::info!(org.id = %org, user.id = %user.id, "a user signed in by SAML");
                    return Ok(cookie);
                }
                Err(StoreError::LastAdmin) => keeps_power = true,
                // Somebody else was quicker: with the same new user, by deleting a role or team, or by configuring.
                Ok(None) | Err(StoreError::Duplicate { .. } | StoreError::Missing { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            enabled = self.enabled(org).await?;
        }
        Err(Refusal::Changing)
    }

    /// The sign-in as things stand, what is said of it, and the cookie of its session.
    async fn decided(
        &self,
        enabled: &Enabled,
        accepted: &Accepted,
        keeps_power: bool,
    ) -> Result<(SignIn, String, SecretString), Refusal> {
        let (org, store) = (enabled.configuration.org, self.parts.store.as_ref());
        let known = self.known_user(org, &accepted.person).await?;
        let outlook = outlook(store, org, known.as_ref(), &accepted.attributes).await?;
        // What was found out under one enforcement is nothing to another.
        let keeps_power = keeps_power && enabled.configuration.enforcement == Enforcement::On;
        let decision = Decision { enabled, accepted, outlook: &outlook, keeps_power };
        let user = self.user_to_be(&decision, known).await?;
        let (session, cookie) = self.assertion_session(&user.0, accepted)?;
        let (sign_in, detail) = self.decide(&decision, user, session).await?;
        Ok((sign_in, detail, cookie))
    }

    /// The person of this e-mail address.
    async fn known_user(&self, org: OrgId, person: &Person) -> Result<Option<User>, Refusal> {
        let users = self.parts.store.users_by_email(org, &person.email).await?;
        match users.into_iter().find(|user| !user.service_account) {
            Some(user) if user.disabled => Err(Refusal::Disabled),
            found => Ok(found),
        }
    }

    fn assertion_session(
        &self,
        user: &User,
        accepted: &Accepted,
    ) -> Result<(Session, SecretString), Refusal> {
        let (mut session, cookie) = self.session_of(user, SignInMethod::Saml)?;
        session.arrived = self.seal_told(&accepted.told, session.org, &session.id.to_string())?;
        // What has ended already says nothing of a session that begins: the assertion itself was verified to be valid.
        if let Some(end) = accepted.session_ends.filter(|end| *end > session.created_at) {
            session.expires_at = session.expires_at.min(end);
        }
        Ok((session, cookie))
    }
}

pub(crate) const BY_ASSERTION: &str = "sign_in.saml";

/// How often a sign-in is decided anew.
const TRIES: usize = 5;
