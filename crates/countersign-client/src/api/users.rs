//! Users: people and service accounts.

use jsonapi_model::{
    Document, Linkage, ListDocument, Relationship, Resource, ToMany,
    resources::{
        InvitationAttributes, InvitationInput, InvitationRelationships, InvitationsInput, ROLES,
        USER_INVITATIONS, USERS, UserAttributes, UserInput, UserInputRelationships,
        UserRelationships, UserUpdate,
    },
};
use reqwest::Method;

use super::lists::ListOptions;
use crate::{ApiClient, ClientError};

/// A user. Its roles are among a document's `included`.
pub type User = Resource<UserAttributes, UserRelationships>;

/// An invitation.
pub type Invitation = Resource<InvitationAttributes, InvitationRelationships>;

const USERS_PATH: [&str; 3] = ["api", "v2", "users"];
const ACCOUNTS_PATH: [&str; 3] = ["api", "v2", "service_accounts"];
const INVITATIONS_PATH: [&str; 3] = ["api", "v2", "user_invitations"];

/// With each page come the roles of its users, each with all that it holds.
const PAGE: usize = 50;

impl ApiClient {
    /// Users by name, with their roles among `included`.
    pub async fn users(
        &self,
        options: &ListOptions,
    ) -> Result<ListDocument<UserAttributes, UserRelationships>, ClientError> {
        self.list(&USERS_PATH, PAGE, options).await
    }

    /// One user, with its roles among `included`.
    pub async fn user(
        &self,
        id: &str,
    ) -> Result<Document<UserAttributes, UserRelationships>, ClientError> {
        self.read(&[&USERS_PATH[..], &[id]].concat(), &[]).await
    }

    /// Makes a person, who is pending until they have signed in; a service account where `service_account` is `true`. The roles are
    /// named by their ids.
    pub async fn create_user(
        &self,
        mut user: UserInput,
        role_ids: &[String],
    ) -> Result<User, ClientError> {
        let path = match user.service_account {
            Some(true) => ACCOUNTS_PATH,
            _ => USERS_PATH,
        };
        user.service_account = user.service_account.filter(|is| *is);
        let data = role_ids.iter().map(|id| Linkage::new(ROLES, id)).collect();
        let mut request = Document::new(USERS, None, user);
        request.data.relationships = Some(UserInputRelationships { roles: Some(ToMany { data }) });
        let answer: Document<_, _> = self.create(&path, &request).await?;
        Ok(answer.data)
    }

    /// Disables a user, whose keys, tokens and mappings stop working at once, or enables it again.
    pub async fn set_user_disabled(&self, id: &str, disabled: bool) -> Result<User, ClientError> {
        let update = UserUpdate { disabled: Some(disabled), ..UserUpdate::default() };
        let request = Document::<_>::new(USERS, Some(id.to_owned()), update);
        let path = [&USERS_PATH[..], &[id]].concat();
        let answer: Document<_, _> = self.send(Method::PATCH, &path, &request).await?.document()?;
        Ok(answer.data)
    }

    /// Ends every session of a user: in each browser they have to sign in again.
    pub async fn end_user_sessions(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&[&USERS_PATH[..], &[id, "sessions"]].concat()).await
    }

    /// Invites a person to sign in for the first time. How the invitation reaches them is the server's configuration.
    pub async fn invite_user(&self, id: &str) -> Result<Invitation, ClientError> {
        let user = Relationship { data: Linkage::new(USERS, id) };
        let relationships = InvitationRelationships { user };
        let invitation = InvitationInput { kind: USER_INVITATIONS.to_owned(), relationships };
        let request = InvitationsInput { data: vec![invitation] };
        let answer: ListDocument<_, _> = self.create(&INVITATIONS_PATH, &request).await?;
        let made = answer.data.into_iter().next();
        made.ok_or_else(|| ClientError::Protocol("the answer names no invitation".to_owned()))
    }
}
