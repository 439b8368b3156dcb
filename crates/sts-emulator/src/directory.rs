//! Everything that exists in the emulated AWS: accounts, users, roles, and the keys of all principals.

mod grant;
mod load;
mod rules;

use std::collections::{BTreeMap, HashMap};

use arn_pattern::{AccountId, Partition};
use auth_model::{SecretString, Timestamp};

pub use grant::{CredentialRequest, Credentials, PrincipalRequest};
pub(crate) use rules::is_name;

use crate::{
    fixture::FixtureError,
    mint::Mint,
    principal::Principal,
    verify::{AccessKey, KeyLookup},
};

/// Accounts and keys.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    accounts: BTreeMap<AccountId, Account>,
    keys: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Account {
    partition: Partition,
    users: BTreeMap<String, User>,
    roles: BTreeMap<String, Role>,
}

#[derive(Clone, Debug)]
struct User {
    path: String,
    unique_id: String,
}

/// A role that can be assumed.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) unique_id: String,
    pub(crate) trusted: Option<Vec<String>>,
    pub(crate) max_session_seconds: u32,
}

#[derive(Debug)]
struct Entry {
    key: AccessKey,
    principal: Principal,
}

impl Directory {
    /// Who signs with this key.
    pub(crate) fn principal(&self, access_key_id: &str) -> Option<&Principal> {
        self.keys.get(access_key_id).map(|entry| &entry.principal)
    }

    /// The role of this ARN.
    pub(crate) fn role(&self, arn: &str) -> Option<(Partition, AccountId, &Role)> {
        let mut fields = arn.splitn(6, ':').skip(4);
        let account: AccountId = fields.next()?.parse().ok()?;
        let name = fields.next()?.rsplit('/').next()?;
        let entry = self.accounts.get(&account)?;
        let role = entry.roles.get(name)?;
        let own = format!("arn:{}:iam::{account}:role{}{name}", entry.partition, role.path);
        (own == arn).then_some((entry.partition, account, role))
    }

    /// Every key, by id.
    pub(crate) fn keys(&self) -> Vec<(AccessKey, Principal)> {
        let mut all: Vec<_> =
            self.keys.values().map(|entry| (entry.key.clone(), entry.principal.clone())).collect();
        all.sort_by(|left, right| left.0.id.cmp(&right.0.id));
        all
    }

    /// Switches a key on or off; says whether there is such a key.
    pub(crate) fn set_active(&mut self, access_key_id: &str, active: bool) -> bool {
        self.keys.get_mut(access_key_id).map(|entry| entry.key.active = active).is_some()
    }

    /// Moves a key's expiry; says whether there is such a key.
    pub(crate) fn set_expiry(&mut self, access_key_id: &str, expires: Option<Timestamp>) -> bool {
        self.keys.get_mut(access_key_id).map(|entry| entry.key.expires = expires).is_some()
    }

    /// Adds a key of a principal.
    pub(crate) fn add_key(&mut self, new: NewKey) -> Result<Credentials, FixtureError> {
        let NewKey { principal, id, secret, session_token, expires, active } = new;
        rules::access_key_id(&id)?;
        if self.keys.contains_key(&id) {
            return Err(FixtureError::Duplicate { field: "access_key_id", value: id });
        }
        let credentials = Credentials {
            access_key_id: id.clone(),
            secret_access_key: secret.clone(),
            session_token: session_token.clone(),
            expires,
            principal: principal.clone(),
        };
        let partition = principal.partition;
        let key = AccessKey { id: id.clone(), secret, session_token, expires, active, partition };
        self.keys.insert(id, Entry { key, principal });
        Ok(credentials)
    }

    /// The account, made where it is new.
    fn account(
        &mut self,
        id: &str,
        partition: Option<&str>,
    ) -> Result<(AccountId, Partition, &mut Account), FixtureError> {
        let account = rules::account(id)?;
        let wanted = partition.map(rules::partition).transpose()?;
        let entry = self.accounts.entry(account).or_insert_with(|| Account {
            partition: wanted.unwrap_or(Partition::Aws),
            users: BTreeMap::new(),
            roles: BTreeMap::new(),
        });
        match wanted {
            Some(wanted) if wanted != entry.partition => Err(FixtureError::OtherPartition {
                account: id.to_owned(),
                known: entry.partition.to_string(),
            }),
            _ => Ok((account, entry.partition, entry)),
        }
    }
}

impl KeyLookup for Directory {
    fn find(&self, access_key_id: &str) -> Option<AccessKey> {
        self.keys.get(access_key_id).map(|entry| entry.key.clone())
    }
}

/// A key about to be added.
pub(crate) struct NewKey {
    pub(crate) principal: Principal,
    pub(crate) id: String,
    pub(crate) secret: SecretString,
    pub(crate) session_token: Option<SecretString>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) active: bool,
}

impl NewKey {
    /// A key whose every value is derived from `label`.
    pub(crate) fn minted(principal: Principal, temporary: bool, mint: &Mint, label: &str) -> Self {
        Self {
            principal,
            id: mint.access_key_id(if temporary { "ASIA" } else { "AKIA" }, label),
            secret: mint.secret(label),
            session_token: temporary.then(|| mint.session_token(label)),
            expires: None,
            active: true,
        }
    }
}
