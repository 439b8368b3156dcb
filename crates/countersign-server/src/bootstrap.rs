//! Making what cannot be made through the API, because nobody may use the API yet: an organization, its first
//! admin, and that admin's keys.

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, Catalogue, Clock, ExposeSecret, KeyCategory, OrgId,
    Organization, PermissionSet, Randomness, RandomnessError, Role, RoleId, SecretString, User,
    UserId,
};
use mapping_store::{Store, StoreError};
use token_issuer::{hash_key, last4, new_api_key_text, new_app_key_text};

use crate::app::change_event;

/// A role that every organization has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManagedRole {
    /// What clients look it up by.
    pub(crate) name: &'static str,
    /// Its word in the first version of the API.
    pub(crate) legacy: &'static str,
    /// What it holds, beside what comes with every role.
    holds: fn(&auth_model::Permission) -> bool,
}

/// They are made with an organization, and stay what their names say.
pub(crate) const MANAGED_ROLES: [ManagedRole; 3] = [
    ManagedRole { name: "Datadog Admin Role", legacy: "adm", holds: |_| true },
    ManagedRole { name: "Datadog Standard Role", legacy: "st", holds: is_standard },
    ManagedRole { name: "Datadog Read Only Role", legacy: "ro", holds: is_read_only },
];

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
    catalogue: &'a Catalogue,
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
    /// With what it writes to, the permissions that roles may hold, and what ids and times are made of.
    pub fn new(
        store: &'a dyn Store,
        catalogue: &'a Catalogue,
        clock: &'a dyn Clock,
        randomness: &'a dyn Randomness,
    ) -> Self {
        Self { store, catalogue, clock, randomness }
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
        let [admin, standard, read_only] = MANAGED_ROLES;
        Ok(FirstOrganization {
            admin: self.role(org, admin.name, true, admin.holds).await?,
            standard: self.role(org, standard.name, true, standard.holds).await?,
            read_only: self.role(org, read_only.name, true, read_only.holds).await?,
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
        let held: PermissionSet = self
            .catalogue
            .all()
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
            verified: true,
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
            category: KeyCategory::Made,
            remote_config_read_enabled: false,
            created_by: Some(owner.id),
            modified_by: Some(owner.id),
            created_at: now,
            modified_at: now,
            last_used_at: None,
        };
        let event = change_event("api_key.create", owner.org, self.clock, self.randomness)?;
        self.store.insert_api_key(&key, u64::MAX, &event).await?;
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
            last_used_at: None,
        };
        let event = change_event("app_key.create", owner.org, self.clock, self.randomness)?;
        self.store.insert_app_key(&key, u64::MAX, &event).await?;
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
