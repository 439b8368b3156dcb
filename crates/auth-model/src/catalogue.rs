//! The catalogue of permissions: the built-in ones, and those that an installation adds.

use std::collections::BTreeMap;

use crate::{Access, Permission, PermissionId, permissions};

/// Every permission that roles may hold, in a fixed order.
#[derive(Clone, Debug)]
pub struct Catalogue {
    permissions: Vec<Permission>,
    by_id: BTreeMap<PermissionId, usize>,
}

/// A permission that an installation adds, so that role definitions written for another catalogue load. No route of ours asks for it.
#[derive(Clone, Debug)]
pub struct NewPermission {
    /// The id that those definitions name it by.
    pub id: PermissionId,
    /// For programs, such as `dashboards_read`.
    pub name: String,
    /// For people.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// For people.
    pub group: String,
    /// Look or change.
    pub access: Access,
    /// Comes with every role that is made from now on, and can't be taken away.
    pub restricted: bool,
}

/// Why a permission can't be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// Another one has its id.
    #[error("the permission `{name}` has the id of `{other}`: {id}")]
    SameId {
        /// The new one.
        name: String,
        /// The one that is there.
        other: &'static str,
        /// The id of both.
        id: PermissionId,
    },
    /// Another one has its name.
    #[error("there are two permissions named `{name}`")]
    SameName {
        /// The name of both.
        name: String,
    },
    /// The name is empty, or has other characters than a-z, 0-9 and `_`.
    #[error("`{name}` is no name of a permission: it is made of a-z, 0-9 and `_`")]
    Name {
        /// What was given.
        name: String,
    },
}

impl Default for Catalogue {
    /// The built-in permissions.
    fn default() -> Self {
        let by_id = permissions::ALL.iter().zip(0..).map(|(known, at)| (known.id, at)).collect();
        Self { permissions: permissions::ALL.to_vec(), by_id }
    }
}

impl Catalogue {
    /// Adds a permission.
    ///
    /// # Errors
    /// If its name is none, or its id or name is taken.
    pub fn add(&mut self, new: NewPermission) -> Result<(), CatalogueError> {
        let NewPermission { id, name, .. } = &new;
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(legal) {
            return Err(CatalogueError::Name { name: name.clone() });
        }
        if let Some(other) = self.get(*id) {
            return Err(CatalogueError::SameId { name: name.clone(), other: other.name, id: *id });
        }
        if self.by_name(name).is_some() {
            return Err(CatalogueError::SameName { name: name.clone() });
        }
        self.by_id.insert(*id, self.permissions.len());
        self.permissions.push(Permission {
            id: new.id,
            name: forever(new.name),
            display_name: forever(new.display_name),
            description: forever(new.description),
            group: forever(new.group),
            access: new.access,
            restricted: new.restricted,
        });
        Ok(())
    }

    /// All of them.
    pub fn all(&self) -> &[Permission] {
        &self.permissions
    }

    /// The one of this id.
    pub fn get(&self, id: PermissionId) -> Option<&Permission> {
        self.permissions.get(*self.by_id.get(&id)?)
    }

    /// The one of this name.
    pub fn by_name(&self, name: &str) -> Option<&Permission> {
        self.permissions.iter().find(|permission| permission.name == name)
    }

    /// Those that come with every role.
    pub fn restricted(&self) -> impl Iterator<Item = &Permission> {
        self.permissions.iter().filter(|permission| permission.restricted)
    }
}

/// The catalogue is read once and lives as long as the process, like the built-in texts beside which these stand.
fn forever(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(id: &str, name: &str) -> NewPermission {
        NewPermission {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            display_name: String::new(),
            description: String::new(),
            group: String::new(),
            access: Access::Other,
            restricted: false,
        }
    }

    #[test]
    fn what_is_added_is_found_and_stands_last() {
        let mut catalogue = Catalogue::default();
        let id = "6f66600e-dd12-11e8-9e55-7f30fbb45e73";
        catalogue.add(new(id, "logs_live_tail")).unwrap();
        assert_eq!(catalogue.get(id.parse().unwrap()).unwrap().name, "logs_live_tail");
        assert_eq!(catalogue.all().last().unwrap().name, "logs_live_tail");
        assert_eq!(catalogue.all().len(), permissions::ALL.len() + 1);
    }

    #[test]
    fn nothing_is_there_twice() {
        let mut catalogue = Catalogue::default();
        let taken = permissions::USER_ACCESS_MANAGE;
        let free = "00000000-0000-4000-8000-000000000001";
        #[rustfmt::skip]
        let cases = [
            ("an id that is taken",   new(&taken.id.to_string(), "new"), "has the id of `user_access_manage`"),
            ("a name that is taken",  new(free, taken.name),             "two permissions named"),
            ("no name",               new(free, ""),                     "no name of a permission"),
            ("a name with a space",   new(free, "a b"),                  "no name of a permission"),
        ];
        for (rule, permission, words) in cases {
            let error = catalogue.add(permission).unwrap_err().to_string();
            assert!(error.contains(words), "{rule}: {error}");
        }
    }
}
