//! Credentials made while the emulator runs.

use std::time::Duration;

use auth_model::{SecretString, Timestamp};
use serde::Deserialize;

use super::{Directory, NewKey, rules};
use crate::{
    fixture::{FixtureError, RoleFixture, Secret, UserFixture},
    mint::Mint,
    principal::{Principal, PrincipalKind},
};

/// Credentials as their owner gets them.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `AKIA…` or `ASIA…`
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: SecretString,
    /// Comes with temporary credentials.
    pub session_token: Option<SecretString>,
    /// First moment at which they are refused; `None` for never.
    pub expires: Option<Timestamp>,
    /// Whose they are.
    pub principal: Principal,
}

/// Asks for credentials of a principal, who is made if it does not exist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialRequest {
    /// Twelve digits; the account is made if it is new.
    pub account: String,
    /// Of a new account; `aws` if left out.
    #[serde(default)]
    pub partition: Option<String>,
    /// Whose credentials.
    pub principal: PrincipalRequest,
    /// Seconds until temporary credentials end; never if left out.
    #[serde(default)]
    pub duration_seconds: Option<u32>,
    /// Derived from the seed if left out, as are the next two.
    #[serde(default)]
    pub access_key_id: Option<String>,
    /// The secret access key.
    #[serde(default)]
    pub secret_access_key: Option<Secret>,
    /// The session token of temporary credentials.
    #[serde(default)]
    pub session_token: Option<Secret>,
}

/// Whose credentials are asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum PrincipalRequest {
    /// A lasting key of the account's root user.
    Root {},
    /// A lasting key of an IAM user.
    User {
        /// Its name.
        name: String,
        /// Of a new user; `/` if left out.
        #[serde(default)]
        path: Option<String>,
    },
    /// A session of a role.
    Session {
        /// The role's name.
        role: String,
        /// The session's name.
        name: String,
    },
    /// A federated user.
    FederatedUser {
        /// Its name.
        name: String,
    },
}

impl CredentialRequest {
    /// Credentials of `principal` in `account`, everything else derived.
    pub fn new(account: impl Into<String>, principal: PrincipalRequest) -> Self {
        Self {
            account: account.into(),
            partition: None,
            principal,
            duration_seconds: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
        }
    }
}

impl Directory {
    /// Makes credentials as asked, and the principal where it is new.
    pub(crate) fn grant(
        &mut self,
        request: &CredentialRequest,
        mint: &Mint,
        now: Timestamp,
    ) -> Result<Credentials, FixtureError> {
        let (account, partition, _) =
            self.account(&request.account, request.partition.as_deref())?;
        let kind = self.resolve(request, mint)?;
        let temporary =
            matches!(kind, PrincipalKind::AssumedRole { .. } | PrincipalKind::FederatedUser { .. });
        let mut new =
            NewKey::minted(Principal { partition, account, kind }, temporary, mint, &mint.fresh());
        if let Some(id) = &request.access_key_id {
            new.id.clone_from(id);
        }
        if let Some(secret) = &request.secret_access_key {
            new.secret = SecretString::from(secret.expose());
        }
        if let (true, Some(token)) = (temporary, &request.session_token) {
            new.session_token = Some(SecretString::from(token.expose()));
        }
        let ends = |seconds: u32| now.plus(Duration::from_secs(seconds.into()));
        new.expires = request.duration_seconds.filter(|_| temporary).map(ends);
        self.add_key(new)
    }

    fn resolve(
        &mut self,
        request: &CredentialRequest,
        mint: &Mint,
    ) -> Result<PrincipalKind, FixtureError> {
        let account = &request.account;
        match &request.principal {
            PrincipalRequest::Root {} => Ok(PrincipalKind::Root),
            PrincipalRequest::User { name, path } => {
                let (_, _, entry) = self.account(account, None)?;
                let known = entry.users.get(name);
                let known = known.map(|user| (user.path.clone(), user.unique_id.clone()));
                let user = UserFixture {
                    name: name.clone(),
                    path: path.clone(),
                    ..UserFixture::default()
                };
                let (path, unique_id) = match known {
                    Some(known) => known,
                    None => self.add_user(account, &user, mint)?,
                };
                Ok(PrincipalKind::User { path, name: name.clone(), unique_id })
            }
            PrincipalRequest::Session { role, name } => {
                rules::session(name)?;
                let (_, _, entry) = self.account(account, None)?;
                let known = entry.roles.get(role).map(|role| role.unique_id.clone());
                let new = RoleFixture { name: role.clone(), ..RoleFixture::default() };
                let role_id = match known {
                    Some(known) => known,
                    None => self.add_role(account, &new, mint)?,
                };
                Ok(PrincipalKind::AssumedRole {
                    role: role.clone(),
                    role_id,
                    session: name.clone(),
                })
            }
            PrincipalRequest::FederatedUser { name } => {
                rules::federated(name)?;
                Ok(PrincipalKind::FederatedUser { name: name.clone() })
            }
        }
    }
}
