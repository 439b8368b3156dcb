//! Roles, what they hold, and who holds them.

use jsonapi_model::{
    Document, Linkage, ListDocument, Relationship, Resource, ToMany,
    resources::{
        PERMISSIONS, PermissionAttributes, ROLES, RoleAttributes, RoleInput,
        RoleInputRelationships, RoleRelationships, USERS, UserAttributes, UserRelationships,
    },
};
use reqwest::Method;

use super::lists::ListOptions;
use crate::{ApiClient, ClientError};

/// A role, with the ids of the permissions that it holds.
pub type Role = Resource<RoleAttributes, RoleRelationships>;

/// A permission of the catalogue.
pub type Permission = Resource<PermissionAttributes>;

const ROLES_PATH: [&str; 3] = ["api", "v2", "roles"];
const PERMISSIONS_PATH: [&str; 3] = ["api", "v2", "permissions"];

/// Each role comes with the ids of all that it holds.
const PAGE: usize = 50;

impl ApiClient {
    /// Every permission that roles may hold.
    pub async fn permissions(&self) -> Result<Vec<Permission>, ClientError> {
        Ok(self.read::<ListDocument<_>>(&PERMISSIONS_PATH, &[]).await?.data)
    }

    /// Roles by name.
    pub async fn roles(
        &self,
        options: &ListOptions,
    ) -> Result<ListDocument<RoleAttributes, RoleRelationships>, ClientError> {
        self.list(&ROLES_PATH, PAGE, options).await
    }

    /// One role.
    pub async fn role(&self, id: &str) -> Result<Role, ClientError> {
        let document: Document<_, _> = self.read(&of(id, &[]), &[]).await?;
        Ok(document.data)
    }

    /// Makes a role that holds the permissions of these ids, beside those that come with every role.
    pub async fn create_role(
        &self,
        name: &str,
        permission_ids: &[String],
    ) -> Result<Role, ClientError> {
        let data = permission_ids.iter().map(|id| Linkage::new(PERMISSIONS, id)).collect();
        let mut request = Document::new(ROLES, None, RoleInput { name: name.to_owned() });
        let permissions = Some(ToMany { data });
        request.data.relationships = Some(RoleInputRelationships { permissions });
        let answer: Document<_, _> = self.create(&ROLES_PATH, &request).await?;
        Ok(answer.data)
    }

    /// Makes a role of another name that holds the same.
    pub async fn clone_role(&self, id: &str, name: &str) -> Result<Role, ClientError> {
        let request = Document::<_>::new(ROLES, None, RoleInput { name: name.to_owned() });
        let answer: Document<_, _> = self.create(&of(id, &["clone"]), &request).await?;
        Ok(answer.data)
    }

    /// Removes a role; its holders lose it at once.
    pub async fn delete_role(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&of(id, &[])).await
    }

    /// What a role holds.
    pub async fn role_permissions(&self, id: &str) -> Result<Vec<Permission>, ClientError> {
        Ok(self.read::<ListDocument<_>>(&of(id, &["permissions"]), &[]).await?.data)
    }

    /// Adds a permission to a role; what it holds now.
    pub async fn grant_permission(
        &self,
        role_id: &str,
        permission_id: &str,
    ) -> Result<Vec<Permission>, ClientError> {
        let link = Relationship { data: Linkage::new(PERMISSIONS, permission_id) };
        let answer: ListDocument<_> = self.create(&of(role_id, &["permissions"]), &link).await?;
        Ok(answer.data)
    }

    /// Takes a permission from a role; what it holds now.
    pub async fn revoke_permission(
        &self,
        role_id: &str,
        permission_id: &str,
    ) -> Result<Vec<Permission>, ClientError> {
        let link = Relationship { data: Linkage::new(PERMISSIONS, permission_id) };
        let path = of(role_id, &["permissions"]);
        let answer: ListDocument<_> = self.send(Method::DELETE, &path, &link).await?.document()?;
        Ok(answer.data)
    }

    /// Who holds a role, by name.
    pub async fn role_users(
        &self,
        id: &str,
        options: &ListOptions,
    ) -> Result<ListDocument<UserAttributes, UserRelationships>, ClientError> {
        self.list(&of(id, &["users"]), PAGE, options).await
    }

    /// Gives a user a role.
    pub async fn add_role_user(&self, role_id: &str, user_id: &str) -> Result<(), ClientError> {
        let link = Relationship { data: Linkage::new(USERS, user_id) };
        self.send(Method::POST, &of(role_id, &["users"]), &link).await.map(drop)
    }

    /// Takes a role from a user.
    pub async fn remove_role_user(&self, role_id: &str, user_id: &str) -> Result<(), ClientError> {
        let link = Relationship { data: Linkage::new(USERS, user_id) };
        self.send(Method::DELETE, &of(role_id, &["users"]), &link).await.map(drop)
    }
}

fn of<'a>(id: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&ROLES_PATH[..], &[id], rest].concat()
}
