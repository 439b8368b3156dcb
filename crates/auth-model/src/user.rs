//! Users: people and service accounts.

use crate::{OrgId, RoleId, Timestamp, UserId};

/// A person or a service account of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Never reused.
    pub id: UserId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Lower case. Several service accounts, and a person, may share one.
    pub email: String,
    /// For people; may be empty.
    pub name: String,
    /// For people; may be empty.
    pub title: String,
    /// A service account acts for a machine; its handle is its id.
    pub service_account: bool,
    /// A disabled user can do nothing, whatever keys, tokens or mappings it has.
    pub disabled: bool,
    /// Whether whoever it is has shown to be who they are: service accounts from the start, people once they have signed in.
    pub verified: bool,
    /// What it may do is the union of these roles' permissions.
    pub roles: Vec<RoleId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// Where a user stands, as lists filter and show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserStatus {
    /// May act.
    Active,
    /// Made, but has not signed in yet.
    Pending,
    /// Can do nothing.
    Disabled,
}

impl UserStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Pending, Self::Disabled];

    /// `Active`, `Pending` or `Disabled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Pending => "Pending",
            Self::Disabled => "Disabled",
        }
    }
}

/// What is to become of a user; what is `None` stays as it is. Roles are given and taken one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Lower case.
    pub email: Option<String>,
    /// May be empty.
    pub name: Option<String>,
    /// May be empty.
    pub title: Option<String>,
    /// Disables, or enables again.
    pub disabled: Option<bool>,
    /// When.
    pub modified_at: Timestamp,
}

impl UserChange {
    /// Changes the user.
    pub fn apply(&self, user: &mut User) {
        set(&mut user.email, &self.email);
        set(&mut user.name, &self.name);
        set(&mut user.title, &self.title);
        set(&mut user.disabled, &self.disabled);
        user.modified_at = self.modified_at;
    }
}

/// Sets what is given.
pub(crate) fn set<T: Clone>(target: &mut T, given: &Option<T>) {
    if let Some(value) = given {
        target.clone_from(value);
    }
}

impl User {
    /// Where it stands.
    pub fn status(&self) -> UserStatus {
        match (self.disabled, self.verified) {
            (true, _) => UserStatus::Disabled,
            (false, true) => UserStatus::Active,
            (false, false) => UserStatus::Pending,
        }
    }

    /// The name that identifies a user by itself: a person's e-mail address, a service account's id.
    pub fn handle(&self) -> String {
        if self.service_account { self.id.to_string() } else { self.email.clone() }
    }
}
