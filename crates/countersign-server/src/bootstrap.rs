//! Making what cannot be made through the API, because nobody may use the API yet: an organization, its first
//! admin, and that admin's keys.

use auth_model::{
    ApiKey, ApiKeyId, AppKey, AppKeyId, Catalogue, Clock, ExposeSecret, KeyCategory, OrgId,
    Organization, PermissionSet, Randomness, RandomnessError, Role, RoleId, SecretString, User,
    UserId,
};
use mapping_store::{Store, StoreError};
use token_issuer::{hash_key, last4, new_api_key_text, new_app_key_text};

use crate::{app::change_event, error::ApiError, text};

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
    /// A name or an address can't be used; nothing was written.
    #[error("{0}")]
    Text(String),
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
    /// Changes what decides neither who may do what nor which keys others have.
    pub standard: Role,
    /// Looks, and changes nothing.
    pub read_only: Role,
}

/// A new organization with all that its first admin needs. The texts of the keys can't be had again.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// The organization.
    pub organization: Organization,
    /// Holds the admin role.
    pub admin: User,
    /// The organization's first API key.
    pub api_key: SecretString,
    /// Acts as the admin.
    pub app_key: SecretString,
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

    /// An organization with the three managed roles, a first admin, and that admin's two keys. It is disabled until all of it is there:
    /// what is left if this breaks off can be used by nobody.
    pub async fn organization_with_admin(
        &self,
        name: &str,
        admin_email: &str,
        admin_name: &str,
    ) -> Result<NewOrganization, BootstrapError> {
        let name = text::name(name, "an organization's name", "").map_err(said)?;
        let email = text::email(admin_email, "").map_err(said)?;
        let admin_name = text::line(admin_name, "a name", "").map_err(said)?;
        let first = self.new_organization(&name, true).await?;
        let admin = self.user(&first.admin, &email, &admin_name, false).await?;
        let api_key = self.api_key(&admin, FIRST_KEYS).await?;
        let app_key = self.app_key(&admin, FIRST_KEYS).await?;
        let mut organization = first.organization;
        self.set_disabled(&mut organization, false).await?;
        Ok(NewOrganization { organization, admin, api_key, app_key })
    }

    /// Disables an organization, so that its keys, tokens and proofs are refused from the next request on, or enables it again.
    /// `false` if it is gone.
    pub async fn set_disabled(
        &self,
        organization: &mut Organization,
        disabled: bool,
    ) -> Result<bool, BootstrapError> {
        let name = if disabled { "organization.disable" } else { "organization.enable" };
        let event = change_event(name, organization.id, self.clock, self.randomness)?;
        organization.disabled = disabled;
        organization.modified_at = event.at;
        Ok(self.store.update_organization(organization, &event).await?)
    }

    /// An organization with the three managed roles. Their names are those that clients look them up by.
    pub async fn organization(&self, name: &str) -> Result<FirstOrganization, BootstrapError> {
        self.new_organization(name, false).await
    }

    async fn new_organization(
        &self,
        name: &str,
        disabled: bool,
    ) -> Result<FirstOrganization, BootstrapError> {
        let now = self.clock.now();
        let number = self.store.organizations().await?.iter().map(|o| o.number).max();
        let organization = Organization {
            id: OrgId::random(self.randomness)?,
            number: number.unwrap_or(0) + 1,
            name: name.to_owned(),
            disabled,
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

/// What is wrong with a text, in the words that the API has for it.
fn said(error: ApiError) -> BootstrapError {
    BootstrapError::Text(error.detail.clone().unwrap_or_default())
}

fn is_read_only(permission: &auth_model::Permission) -> bool {
    permission.access == auth_model::Access::Read
}

/// Whatever does not decide who may do what.
fn is_standard(permission: &auth_model::Permission) -> bool {
    let about_others = matches!(permission.group, "Access Management" | "API and Application Keys");
    is_read_only(permission)
        || permission.id == auth_model::permissions::USER_APP_KEYS.id
        || !about_others
}

/// The name of the keys that a first admin is given.
const FIRST_KEYS: &str = "first admin";

#[cfg(test)]
mod tests {
    use auth_model::{ManualClock, OsRandomness};
    use mapping_store::{AuditLog, AuditQuery, Authentication, MemoryStore, Organizations};

    use super::*;

    async fn made(store: &MemoryStore) -> Result<NewOrganization, BootstrapError> {
        let (catalogue, clock) = (Catalogue::default(), ManualClock::default());
        let bootstrap = Bootstrap::new(store, &catalogue, &clock, &OsRandomness);
        bootstrap.organization_with_admin("Acme", "Ann@Example.com", "Ann").await
    }

    #[tokio::test]
    async fn an_organization_is_usable_last_of_all() {
        let store = MemoryStore::new();
        let new = made(&store).await.unwrap();
        assert_eq!(new.admin.email, "ann@example.com");
        let pair = [&new.api_key, &new.app_key].map(|key| hash_key(key.expose_secret()));
        let authority = store.by_key_pair(pair[0], pair[1]).await.unwrap().unwrap();
        assert!(authority.permissions.contains(&auth_model::permissions::USER_ACCESS_MANAGE.id));
        let events = store.events(new.organization.id, AuditQuery::newest(100)).await.unwrap();
        // They are all of the same moment; ids tell them apart.
        let names: Vec<_> = events.iter().map(|event| event.purpose.as_str()).collect();
        assert_eq!(names.len(), 8);
        for name in ["organization.create", "role.create", "user.create", "api_key.create"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(names.contains(&"app_key.create") && names.contains(&"organization.enable"));
        assert!(!store.organizations().await.unwrap()[0].disabled);
    }

    #[tokio::test]
    async fn what_is_left_of_one_that_broke_off_can_be_used_by_nobody() {
        let store = MemoryStore::new();
        let (catalogue, clock) = (Catalogue::default(), ManualClock::default());
        let bootstrap = Bootstrap::new(&store, &catalogue, &clock, &OsRandomness);
        let first = bootstrap.new_organization("Acme", true).await.unwrap();
        let admin = bootstrap.user(&first.admin, "ann@acme.example", "", false).await.unwrap();
        let api_key = bootstrap.api_key(&admin, "a").await.unwrap();
        let app_key = bootstrap.app_key(&admin, "a").await.unwrap();
        let pair = [&api_key, &app_key].map(|key| hash_key(key.expose_secret()));
        assert!(store.by_key_pair(pair[0], pair[1]).await.unwrap().is_none());
        assert!(store.by_api_key(pair[0], clock.now()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_disabled_one_refuses_its_keys_until_it_is_enabled_again() {
        let store = MemoryStore::new();
        let NewOrganization { mut organization, api_key, app_key, .. } =
            made(&store).await.unwrap();
        let (catalogue, clock) = (Catalogue::default(), ManualClock::default());
        let bootstrap = Bootstrap::new(&store, &catalogue, &clock, &OsRandomness);
        let pair = [&api_key, &app_key].map(|key| hash_key(key.expose_secret()));
        for disabled in [true, false] {
            assert!(bootstrap.set_disabled(&mut organization, disabled).await.unwrap());
            let let_in = store.by_key_pair(pair[0], pair[1]).await.unwrap().is_some();
            assert_eq!(let_in, !disabled);
        }
    }

    #[tokio::test]
    async fn what_is_no_name_or_address_is_refused_before_anything_is_written() {
        let store = MemoryStore::new();
        let (catalogue, clock) = (Catalogue::default(), ManualClock::default());
        let bootstrap = Bootstrap::new(&store, &catalogue, &clock, &OsRandomness);
        #[rustfmt::skip]
        let cases = [
            (" ",    "a@b.example", "cannot be empty"),
            ("a\nb", "a@b.example", "U+000A"),
            ("Acme", "ann",         "one `@`"),
        ];
        for (name, email, words) in cases {
            let error = bootstrap.organization_with_admin(name, email, "").await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(store.organizations().await.unwrap().is_empty());
    }
}
