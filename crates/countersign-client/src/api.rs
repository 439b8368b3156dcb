//! Calls of the API: whom one acts as, mappings, accounts, explain; users, roles, keys, authN mappings, sign-in by SAML, the audit log.

mod audit;
mod authn_mappings;
mod aws_accounts;
mod keys;
mod lists;
mod mappings;
mod roles;
mod saml;
mod users;

use std::{fmt, sync::Arc};

use auth_model::{ExposeSecret, SecretString, SystemClock};
use jsonapi_model::{
    Document,
    resources::{
        CurrentUserRelationships, Explanation, KeysValid, UserAttributes, Valid, ValidKey,
    },
};
use reqwest::{
    Method, RequestBuilder, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Client, ClientError, HttpOptions, authenticated,
    http::{Answer, Http, secret_value},
};

pub use audit::AuditEvent;
pub use authn_mappings::{AuthnGrant, AuthnMapping, PreviewOf};
pub use keys::{ApiKey, AppKey, KeyOwner};
pub use lists::ListOptions;
pub use roles::{Permission, Role};
pub use saml::SamlConfiguration;
pub use users::{Invitation, User};

/// The user that one acts as, with roles, permissions and organization among `included`.
pub type CurrentUser = Document<UserAttributes, CurrentUserRelationships>;

/// How a caller proves who it is.
#[derive(Clone)]
pub enum Auth {
    /// An API key and an application key.
    Keys {
        /// `DD-API-KEY`
        api_key: SecretString,
        /// `DD-APPLICATION-KEY`
        app_key: SecretString,
    },
    /// An access token that was obtained elsewhere.
    Bearer(SecretString),
    /// Access tokens obtained by AWS credentials, replaced as need be.
    Exchange(Arc<Client>),
}

/// Calls the API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiClient {
    http: Http,
    auth: Auth,
}

impl ApiClient {
    /// Fails if a setting cannot be used; connects to nothing yet. With [`Auth::Exchange`] the URL has to be below
    /// that client's.
    pub fn new(base_url: Url, auth: Auth, options: HttpOptions) -> Result<Self, ClientError> {
        Ok(Self { http: Http::new(&base_url, &options)?, auth })
    }

    /// For the server of a client, with its tokens.
    pub fn of(client: Arc<Client>) -> Self {
        Self { http: client.http().clone(), auth: Auth::Exchange(client) }
    }

    /// `GET /api/v2/current_user`: whom one acts as.
    pub async fn current_user(&self) -> Result<CurrentUser, ClientError> {
        self.read(&["api", "v2", "current_user"], &[]).await
    }

    /// `GET /api/v2/validate_keys`: succeeds if the key pair or the token is valid.
    pub async fn validate(&self) -> Result<(), ClientError> {
        self.read::<KeysValid>(&["api", "v2", "validate_keys"], &[]).await.map(drop)
    }

    /// `GET /api/v2/validate`: which API key it is; needs no more than the API key of [`Auth::Keys`], be it managed.
    pub async fn validate_api_key(&self) -> Result<Document<ValidKey>, ClientError> {
        self.read(&["api", "v2", "validate"], &[]).await
    }

    /// `GET /api/v1/validate`: succeeds if the API key is valid.
    pub async fn validate_v1(&self) -> Result<(), ClientError> {
        self.read::<Valid>(&["api", "v1", "validate"], &[]).await.map(drop)
    }

    /// `GET …/explain`: what an ARN is mapped to and why, for both kinds of mapping.
    pub async fn explain(&self, arn: &str) -> Result<Explanation, ClientError> {
        let path = ["api", "v2", "cloud_auth", "aws", "explain"];
        let document: Document<Explanation> = self.read(&path, &[("arn", arn)]).await?;
        Ok(document.data.attributes)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        let mut url = self.http.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.call(self.http.client().get(url)).await?.document()
    }

    async fn create<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.send(Method::POST, path, body).await?.document()
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<Answer, ClientError> {
        let body = serde_json::to_vec(body)
            .map_err(|_| ClientError::Setup("the request can not be written as json"))?;
        self.send_as(method, path, jsonapi_model::JSON, body).await
    }

    async fn send_as(
        &self,
        method: Method,
        path: &[&str],
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        let request = self.http.client().request(method, self.http.url(path));
        self.call(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    async fn delete(&self, path: &[&str]) -> Result<(), ClientError> {
        self.call(self.http.client().request(Method::DELETE, self.http.url(path))).await.map(drop)
    }

    /// The answer, if it is a success.
    async fn call(&self, request: RequestBuilder) -> Result<Answer, ClientError> {
        let request = request.header(ACCEPT, jsonapi_model::JSON);
        let exchanged;
        let (answer, secrets) = match &self.auth {
            Auth::Keys { api_key, app_key } => {
                let (api_key, app_key) = (api_key.expose_secret(), app_key.expose_secret());
                let request = request
                    .header("dd-api-key", secret_value(api_key)?)
                    .header("dd-application-key", secret_value(app_key)?);
                (self.http.ask(request, &SystemClock).await?, [api_key, app_key])
            }
            Auth::Bearer(token) => {
                let bearer = secret_value(&format!("Bearer {}", token.expose_secret()))?;
                let request = request.header(AUTHORIZATION, bearer);
                (self.http.ask(request, &SystemClock).await?, [token.expose_secret(), ""])
            }
            Auth::Exchange(client) => {
                let (response, token) = authenticated::send(client, request).await?;
                exchanged = token;
                (self.http.read(response, client.clock().now()).await?, [exchanged.expose(), ""])
            }
        };
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(ClientError::Refused(Box::new(answer.refusal(&secrets))))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys { .. } => f.write_str("Keys { .. }"),
            Self::Bearer(_) => f.write_str("Bearer(..)"),
            Self::Exchange(client) => f.debug_tuple("Exchange").field(client).finish(),
        }
    }
}
