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
    /// What it may do is the union of these roles' permissions.
    pub roles: Vec<RoleId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

impl User {
    /// The name that identifies a user by itself: a person's e-mail address, a service account's id.
    pub fn handle(&self) -> String {
        if self.service_account { self.id.to_string() } else { self.email.clone() }
    }
}
