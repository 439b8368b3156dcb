//! Fixture in, directory out.

use arn_pattern::{AccountId, Partition};
use auth_model::SecretString;

use super::{Credentials, Directory, NewKey, Role, User, rules};
use crate::{
    fixture::{
        AccountFixture, Fixture, FixtureError, KeyFixture, RoleFixture, SessionFixture, UserFixture,
    },
    mint::Mint,
    principal::{Principal, PrincipalKind},
};

impl Directory {
    /// Everything that a fixture states; also the credentials, in its order.
    pub(crate) fn load(
        fixture: &Fixture,
        mint: &Mint,
    ) -> Result<(Self, Vec<Credentials>), FixtureError> {
        let mut directory = Self::default();
        let mut credentials = Vec::new();
        for account in &fixture.accounts {
            directory.add_account(account, mint, &mut credentials)?;
        }
        Ok((directory, credentials))
    }

    fn add_account(
        &mut self,
        fixture: &AccountFixture,
        mint: &Mint,
        out: &mut Vec<Credentials>,
    ) -> Result<(), FixtureError> {
        let id = fixture.id.as_str();
        let (account, partition, _) = self.account(id, fixture.partition.as_deref())?;
        let owner = Owner { partition, account, mint };
        for (at, key) in fixture.root_keys.iter().enumerate() {
            out.push(self.add_key(owner.lasting(PrincipalKind::Root, key, at))?);
        }
        for user in &fixture.users {
            let (path, unique_id) = self.add_user(id, user, mint)?;
            for (at, key) in user.access_keys.iter().enumerate() {
                let (path, unique_id) = (path.clone(), unique_id.clone());
                let kind = PrincipalKind::User { path, name: user.name.clone(), unique_id };
                out.push(self.add_key(owner.lasting(kind, key, at))?);
            }
        }
        for role in &fixture.roles {
            let role_id = self.add_role(id, role, mint)?;
            for session in &role.sessions {
                rules::session(&session.name)?;
                let kind = PrincipalKind::AssumedRole {
                    role: role.name.clone(),
                    role_id: role_id.clone(),
                    session: session.name.clone(),
                };
                out.push(self.add_key(owner.temporary(kind, session)?)?);
            }
        }
        for user in &fixture.federated_users {
            rules::federated(&user.name)?;
            let kind = PrincipalKind::FederatedUser { name: user.name.clone() };
            out.push(self.add_key(owner.temporary(kind, user)?)?);
        }
        Ok(())
    }

    /// Adds a user; gives its path and unique id.
    pub(super) fn add_user(
        &mut self,
        account: &str,
        user: &UserFixture,
        mint: &Mint,
    ) -> Result<(String, String), FixtureError> {
        rules::name("user name", &user.name)?;
        let path = rules::path(user.path.as_deref())?;
        let (id, _, entry) = self.account(account, None)?;
        if entry.users.contains_key(&user.name) {
            return Err(FixtureError::Duplicate { field: "user name", value: user.name.clone() });
        }
        let derived = || mint.unique_id("AIDA", &format!("{id}/user/{}", user.name));
        let unique_id = user.unique_id.clone().unwrap_or_else(derived);
        let row = User { path: path.clone(), unique_id: unique_id.clone() };
        entry.users.insert(user.name.clone(), row);
        Ok((path, unique_id))
    }

    /// Adds a role; gives its unique id.
    pub(super) fn add_role(
        &mut self,
        account: &str,
        role: &RoleFixture,
        mint: &Mint,
    ) -> Result<String, FixtureError> {
        rules::name("role name", &role.name)?;
        let path = rules::path(role.path.as_deref())?;
        let max_session_seconds = rules::session_seconds(role.max_session_seconds)?;
        let (id, _, entry) = self.account(account, None)?;
        if entry.roles.contains_key(&role.name) {
            return Err(FixtureError::Duplicate { field: "role name", value: role.name.clone() });
        }
        let derived = || mint.unique_id("AROA", &format!("{id}/role/{}", role.name));
        let unique_id = role.unique_id.clone().unwrap_or_else(derived);
        let row = Role {
            name: role.name.clone(),
            path,
            unique_id: unique_id.clone(),
            trusted: role.trusted.clone(),
            max_session_seconds,
        };
        entry.roles.insert(role.name.clone(), row);
        Ok(unique_id)
    }
}

/// What all keys of one account share.
struct Owner<'a> {
    partition: Partition,
    account: AccountId,
    mint: &'a Mint,
}

impl Owner<'_> {
    fn lasting(&self, kind: PrincipalKind, given: &KeyFixture, at: usize) -> NewKey {
        let principal = self.principal(kind);
        let label = format!("{}/{at}", principal.arn());
        let mut new = NewKey::minted(principal, false, self.mint, &label);
        if let Some(id) = &given.access_key_id {
            new.id.clone_from(id);
        }
        if let Some(secret) = &given.secret_access_key {
            new.secret = SecretString::from(secret.expose());
        }
        new.active = !given.inactive;
        new
    }

    fn temporary(
        &self,
        kind: PrincipalKind,
        given: &SessionFixture,
    ) -> Result<NewKey, FixtureError> {
        let principal = self.principal(kind);
        let label = principal.arn();
        let mut new = NewKey::minted(principal, true, self.mint, &label);
        if let Some(id) = &given.access_key_id {
            new.id.clone_from(id);
        }
        if let Some(secret) = &given.secret_access_key {
            new.secret = SecretString::from(secret.expose());
        }
        if let Some(token) = &given.session_token {
            new.session_token = Some(SecretString::from(token.expose()));
        }
        new.expires = rules::expiry(given.expires.as_deref())?;
        Ok(new)
    }

    fn principal(&self, kind: PrincipalKind) -> Principal {
        Principal { partition: self.partition, account: self.account, kind }
    }
}
