//! API keys and application keys.

use jsonapi_model::{
    Document, ListDocument, Resource,
    resources::{
        API_KEYS, APPLICATION_KEYS, ApiKeyAttributes, ApiKeyInput, ApiKeyRelationships,
        AppKeyAttributes, AppKeyInput, AppKeyRelationships,
    },
};

use super::lists::ListOptions;
use crate::{ApiClient, ClientError};

/// An API key. Its text is there only in the answer to its making.
pub type ApiKey = Resource<ApiKeyAttributes, ApiKeyRelationships>;

/// An application key. Its text is there only in the answer to its making.
pub type AppKey = Resource<AppKeyAttributes, AppKeyRelationships>;

/// Whose application keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOwner<'a> {
    /// The caller's own.
    Caller,
    /// Those of the service account of this id.
    ServiceAccount(&'a str),
}

impl<'a> KeyOwner<'a> {
    fn path(self, key: Option<&'a str>) -> Vec<&'a str> {
        let mut path = match self {
            Self::Caller => vec!["api", "v2", "current_user", "application_keys"],
            Self::ServiceAccount(id) => {
                vec!["api", "v2", "service_accounts", id, "application_keys"]
            }
        };
        path.extend(key);
        path
    }
}

const API_KEYS_PATH: [&str; 3] = ["api", "v2", "api_keys"];

const PAGE: usize = 500;

impl ApiClient {
    /// The organization's API keys by name, the generations of managed ones among them.
    pub async fn api_keys(
        &self,
        options: &ListOptions,
    ) -> Result<ListDocument<ApiKeyAttributes, ApiKeyRelationships>, ClientError> {
        self.list(&API_KEYS_PATH, PAGE, options).await
    }

    /// Makes an API key. Only this answer holds its text.
    pub async fn create_api_key(&self, name: &str) -> Result<ApiKey, ClientError> {
        let input = ApiKeyInput { name: name.to_owned(), remote_config_read_enabled: None };
        let request = Document::<_>::new(API_KEYS, None, input);
        let answer: Document<_, _> = self.create(&API_KEYS_PATH, &request).await?;
        Ok(answer.data)
    }

    /// Removes an API key, which is refused from the next request on.
    pub async fn delete_api_key(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&[&API_KEYS_PATH[..], &[id]].concat()).await
    }

    /// Application keys by name.
    pub async fn app_keys(
        &self,
        owner: KeyOwner<'_>,
        options: &ListOptions,
    ) -> Result<ListDocument<AppKeyAttributes, AppKeyRelationships>, ClientError> {
        self.list(&owner.path(None), PAGE, options).await
    }

    /// Makes an application key that acts as its owner, within the permissions of these names if there are any. Only this answer
    /// holds its text.
    pub async fn create_app_key(
        &self,
        owner: KeyOwner<'_>,
        name: &str,
        scopes: &[String],
    ) -> Result<AppKey, ClientError> {
        let scopes = (!scopes.is_empty()).then(|| scopes.to_vec());
        let input = AppKeyInput { name: name.to_owned(), scopes };
        let request = Document::<_>::new(APPLICATION_KEYS, None, input);
        let answer: Document<_, _> = self.create(&owner.path(None), &request).await?;
        Ok(answer.data)
    }

    /// Removes an application key, which is refused from the next request on.
    pub async fn delete_app_key(&self, owner: KeyOwner<'_>, id: &str) -> Result<(), ClientError> {
        self.delete(&owner.path(Some(id))).await
    }
}
