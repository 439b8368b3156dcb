//! Sign-in by an API key and an application key: where there is no identity provider yet, or it is down.

use auth_model::{OrgId, SignInMethod};
use mapping_store::SignIn;
use token_issuer::hash_key;

use crate::{Attempt, Refusal, ReturnPath, SignedIn, SingleSignOn};

impl SingleSignOn {
    /// Signs a person in by their keys, or records why not. Roles stay as they are.
    pub async fn by_keys(
        &self,
        org: OrgId,
        (api_key, app_key): (&str, &str),
        attempt: &Attempt,
    ) -> Result<SignedIn, Refusal> {
        let outcome = self.keys(org, (api_key, app_key), attempt).await;
        if let Err(refusal) = &outcome {
            self.record(BY_KEYS, org, attempt, refusal).await;
        }
        outcome
    }

    async fn keys(
        &self,
        org: OrgId,
        (api_key, app_key): (&str, &str),
        attempt: &Attempt,
    ) -> Result<SignedIn, Refusal> {
        let (_, configuration) = self.organization(org).await?;
        if configuration.strict {
            return Err(Refusal::Strict);
        }
        let store = self.parts.store.as_ref();
        let found = store.by_key_pair(hash_key(api_key), hash_key(app_key)).await?;
        // A session can do all that its user may, so keys that may do less make none.
        let user = found.filter(|found| {
            found.organization.id == org && !found.user.service_account && found.scopes.is_none()
        });
        let user = user.ok_or(Refusal::Keys)?.user;
        let (session, cookie) = self.session_of(&user, SignInMethod::Keys)?;
        let mut event = self.event(BY_KEYS, org, attempt)?;
        event.user = Some(user.id);
        let sign_in = SignIn {
            user,
            new: false,
            name: None,
            roles: None,
            joined: Vec::new(),
            left: Vec::new(),
            may_strip_last_admin: false,
            enforcement: configuration.enforcement,
            session,
            kept: None,
        };
        match store.sign_in(&sign_in, &event).await? {
            Some(_) => Ok(SignedIn { cookie, return_to: ReturnPath::default() }),
            None => Err(self.why_no_keys(org).await?),
        }
    }

    /// Why keys that were good are not: SAML was made strict meanwhile, or the user changed.
    async fn why_no_keys(&self, org: OrgId) -> Result<Refusal, Refusal> {
        let (_, configuration) = self.organization(org).await?;
        Ok(if configuration.strict { Refusal::Strict } else { Refusal::Changing })
    }
}

const BY_KEYS: &str = "sign_in.keys";
