//! Making what cannot be made through the API, because nobody may use the API yet: an organization, its first
//! admin, and that admin's keys.

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, Clock, ExposeSecret, OrgId, Organization, PermissionSet,
    Randomness, RandomnessError, Role, RoleId, SecretString, User, UserId, permissions,
};
use mapping_store::{Store, StoreError};
use token_issuer::{hash_key, last4, new_api_key_text, new_app_key_text};

use crate::app::change_event;

/// Why bootstrapping failed. What was written before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// Writes straight to a store. Every write is audited as the installation's own.
#[derive(Clone, Copy)]
pub struct Bootstrap<'a> {
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    randomness: &'a dyn Randomness,
}

impl std::fmt::Debug for Bootstrap<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bootstrap").finish_non_exhaustive()
    }
}

/// A new organization and the roles that every organization has.
#[derive(Clone, Debug)]
pub struct FirstOrganization {
    /// The organization.
    pub organization: Organization,
    /// Holds every permission.
    pub admin: Role,
    /// Changes what is no matter of access management.
    pub standard: Role,
    /// Looks, and changes nothing.
    pub read_only: Role,
}

impl<'a> Bootstrap<'a> {
    /// With what it writes to, and what ids and times are made of.
    pub fn new(store: &'a dyn Store, clock: &'a dyn Clock, randomness: &'a dyn Randomness) -> Self {
        Self { store, clock, randomness }
    }

    /// An organization with the three managed roles. Their names are those that clients look them up by.
    pub async fn organization(&self, name: &str) -> Result<FirstOrganization, BootstrapError> {
        let now = self.clock.now();
        let number = self.store.organizations().await?.iter().map(|o| o.number).max();
        let organization = Organization {
            id: OrgId::random(self.randomness)?,
            number: number.unwrap_or(0) + 1,
            name: name.to_owned(),
            disabled: false,
            created_at: now,
            modified_at: now,
        };
        let org = organization.id;
        let event = change_event("organization.create", org, self.clock, self.randomness)?;
        self.store.insert_organization(&organization, &event).await?;
        Ok(FirstOrganization {
            admin: self.role(org, "Datadog Admin Role", true, |_| true).await?,
            standard: self.role(org, "Datadog Standard Role", true, is_standard).await?,
            read_only: self.role(org, "Datadog Read Only Role", true, is_read_only).await?,
            organization,
        })
    }

    /// A role that holds the permissions that `holds` picks, and all restricted ones.
    pub async fn role(
        &self,
        org: OrgId,
        name: &str,
        managed: bool,
        holds: impl Fn(&auth_model::Permission) -> bool,
    ) -> Result<Role, BootstrapError> {
        let now = self.clock.now();
        let held: PermissionSet = permissions::ALL
            .iter()
            .filter(|permission| permission.restricted || holds(permission))
            .map(|permission| permission.id)
            .collect();
        let role = Role {
            id: RoleId::new(self.clock, self.randomness)?,
            org,
            name: name.to_owned(),
            managed,
            permissions: held,
            created_at: now,
            modified_at: now,
        };
        let event = change_event("role.create", org, self.clock, self.randomness)?;
        self.store.insert_role(&role, &event).await?;
        Ok(role)
    }

    /// A person, or a service account, with one role.
    pub async fn user(
        &self,
        role: &Role,
        email: &str,
        name: &str,
        service_account: bool,
    ) -> Result<User, BootstrapError> {
        let now = self.clock.now();
        let user = User {
            id: UserId::new(self.clock, self.randomness)?,
            org: role.org,
            email: email.to_lowercase(),
            name: name.to_owned(),
            title: String::new(),
            service_account,
            disabled: false,
            roles: vec![role.id],
            created_at: now,
            modified_at: now,
        };
        let event = change_event("user.create", role.org, self.clock, self.randomness)?;
        self.store.insert_user(&user, &event).await?;
        Ok(user)
    }

    /// A new API key of the organization. Its text can't be had again.
    pub async fn api_key(&self, owner: &User, name: &str) -> Result<SecretString, BootstrapError> {
        let text = new_api_key_text(self.randomness)?;
        let now = self.clock.now();
        let key = ApiKey {
            id: ApiKeyId::new(self.clock, self.randomness)?,
            org: owner.org,
            name: name.to_owned(),
            hash: hash_key(text.expose_secret()),
            last4: last4(text.expose_secret()),
            created_by: Some(owner.id),
            created_at: now,
            modified_at: now,
        };
        let event = change_event("api_key.create", owner.org, self.clock, self.randomness)?;
        self.store.insert_api_key(&key, &event).await?;
        Ok(text)
    }

    /// A new application key that acts as its owner. Its text can't be had again.
    pub async fn app_key(&self, owner: &User, name: &str) -> Result<SecretString, BootstrapError> {
        let text = new_app_key_text(self.randomness)?;
        let key = AppKey {
            id: AppKeyId::new(self.clock, self.randomness)?,
            org: owner.org,
            owner: owner.id,
            name: name.to_owned(),
            hash: hash_key(text.expose_secret()),
            last4: last4(text.expose_secret()),
            scopes: None,
            created_at: self.clock.now(),
        };
        let event = change_event("app_key.create", owner.org, self.clock, self.randomness)?;
        self.store.insert_app_key(&key, &event).await?;
        Ok(text)
    }
}

fn is_read_only(permission: &auth_model::Permission) -> bool {
    permission.access == auth_model::Access::Read
}

/// Whatever does not decide who may do what.
fn is_standard(permission: &auth_model::Permission) -> bool {
    is_read_only(permission) || !matches!(permission.group, "Access Management")
}
