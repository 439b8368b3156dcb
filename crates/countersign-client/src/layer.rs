//! A `reqwest` client that puts the bearer token on.

use reqwest::{
    Body, Method, Request, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use serde::Serialize;

use crate::{AccessToken, Error, Exchange, http::Http};

/// Sends requests with a fresh access token.
///
/// The token goes to the exchange's own server and nowhere else: not to other addresses, not along redirects.
/// An answer of 401 makes it fetch a new token and send once more, where the request can be sent twice.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    exchange: Exchange,
}

impl AuthenticatedClient {
    /// With the tokens, connections and settings of this exchange.
    pub fn new(exchange: Exchange) -> Self {
        Self { exchange }
    }

    /// The exchange that its tokens come from.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// `GET`; see [`Self::request`].
    pub fn get(&self, target: &str) -> AuthenticatedRequest {
        self.request(Method::GET, target)
    }

    /// `POST`; see [`Self::request`].
    pub fn post(&self, target: &str) -> AuthenticatedRequest {
        self.request(Method::POST, target)
    }

    /// `PATCH`; see [`Self::request`].
    pub fn patch(&self, target: &str) -> AuthenticatedRequest {
        self.request(Method::PATCH, target)
    }

    /// `DELETE`; see [`Self::request`].
    pub fn delete(&self, target: &str) -> AuthenticatedRequest {
        self.request(Method::DELETE, target)
    }

    /// A request to a path such as `/api/v2/current_user`, or to an absolute URL of the same server. Sent when told.
    pub fn request(&self, method: Method, target: &str) -> AuthenticatedRequest {
        let http = self.http();
        let builder = http.base.join(target).map(|url| http.client.request(method, url)).ok_or_else(|| {
            Error::Request(format!(
                "the target is neither a path such as `/api/v2/current_user` nor an address at `{}`",
                http.base
            ))
        });
        AuthenticatedRequest { client: self.clone(), builder }
    }

    /// Sends a request that was made elsewhere. Its `Authorization`, if it has one, is replaced.
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        self.execute_with(request).await.map(|(response, _)| response)
    }

    /// The answer, and the token that was sent for it.
    pub(crate) async fn execute_with(
        &self,
        request: Request,
    ) -> Result<(Response, AccessToken), Error> {
        let covered = self.http().base.join(request.url().as_str()).is_some();
        if !covered {
            return Err(Error::Request(format!(
                "the request is not for `{}`; a token is sent only to the server that gave it",
                self.http().base
            )));
        }
        let again = request.try_clone();
        let token = self.exchange.access_token().await?;
        let response = self.send(request, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok((response, token));
        }
        self.exchange.discard(&token);
        let Some(again) = again else { return Ok((response, token)) };
        drop(response);
        let token = self.exchange.access_token().await?;
        Ok((self.send(again, &token).await?, token))
    }

    async fn send(&self, mut request: Request, token: &AccessToken) -> Result<Response, Error> {
        request.headers_mut().insert(AUTHORIZATION, bearer(token.expose())?);
        let sent = self.http().client.execute(request).await;
        sent.map_err(|error| self.http().fault(&error))
    }

    fn http(&self) -> &Http {
        self.exchange.http()
    }
}

/// A request that will carry a token.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct AuthenticatedRequest {
    client: AuthenticatedClient,
    builder: Result<RequestBuilder, Error>,
}

impl AuthenticatedRequest {
    /// Adds a header.
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with(|builder| builder.header(name, value))
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.with(|builder| builder.json(body))
    }

    /// Sends this body.
    pub fn body(self, body: impl Into<Body>) -> Self {
        self.with(|builder| builder.body(body))
    }

    /// Anything else that `reqwest` can do with a request.
    pub fn with(mut self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.builder = self.builder.map(change);
        self
    }

    /// Sends it, with a token; once more with another if that is refused.
    pub async fn send(self) -> Result<Response, Error> {
        let request = self.builder?.build().map_err(|error| self.client.http().fault(&error))?;
        self.client.execute(request).await
    }
}

/// The value of `Authorization`, hidden from `Debug`.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Error::Request("the access token is no header value".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
