//! Requests with the bearer on them.

use std::{fmt, sync::Arc};

use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue},
};
use serde::Serialize;

use crate::{Client, ClientError, Token, config::shown, http::secret_value};

/// A `reqwest` client for one server that puts the access token on each request, and repeats a request once with a
/// fresh token if it is answered with 401. Cheap to clone.
///
/// Answers are handed over as they are, whatever their status. The token goes to the client's base URL and nowhere
/// else.
#[derive(Clone)]
pub struct AuthenticatedClient {
    client: Arc<Client>,
}

impl AuthenticatedClient {
    /// Around a client; its connections are used.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// `GET`; the path is below the base URL, such as `/api/v2/current_user`, with a query if need be.
    pub async fn get(&self, path: &str) -> Result<Response, ClientError> {
        self.send(self.request(Method::GET, path)?).await
    }

    /// `POST` of a JSON body.
    pub async fn post<T: Serialize + ?Sized>(
        &self,
        path: &str,
        body: &T,
    ) -> Result<Response, ClientError> {
        self.send(self.request(Method::POST, path)?.json(body)).await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str) -> Result<Response, ClientError> {
        self.send(self.request(Method::DELETE, path)?).await
    }

    /// A request to be completed and then given to [`Self::send`]. `path` may also be a whole URL below the base.
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let http = self.client.http();
        Ok(http.client().request(method, below(http.base(), path)?))
    }

    /// Sends with the token on. A request whose body is a stream cannot be repeated; its 401 is handed over.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        send(&self.client, request).await.map(|(response, _)| response)
    }
}

impl fmt::Debug for AuthenticatedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedClient").field("client", &self.client).finish()
    }
}

/// Sends once, and once more with a fresh token if the first was refused. With the answer comes the token it is to.
pub(crate) async fn send(
    client: &Client,
    request: RequestBuilder,
) -> Result<(Response, Token), ClientError> {
    let http = client.http();
    let (sender, request) = request.build_split();
    let mut request = request.map_err(|_| {
        ClientError::Setup("the request is not complete; check its headers and body")
    })?;
    below(http.base(), request.url().as_str())?;
    let again = request.try_clone();

    let token = client.access_token().await?;
    request.headers_mut().insert(AUTHORIZATION, bearer(&token)?);
    let response = http.send(RequestBuilder::from_parts(sender.clone(), request)).await?;
    let Some(mut again) = again.filter(|_| response.status() == StatusCode::UNAUTHORIZED) else {
        return Ok((response, token));
    };
    client.forget_token(&token);
    let token = client.access_token().await?;
    again.headers_mut().insert(AUTHORIZATION, bearer(&token)?);
    let response = http.send(RequestBuilder::from_parts(sender, again)).await?;
    Ok((response, token))
}

fn bearer(token: &Token) -> Result<HeaderValue, ClientError> {
    secret_value(&format!("Bearer {}", token.expose()))
}

/// The URL that a path or URL means, if the token may go there.
fn below(base: &Url, path: &str) -> Result<Url, ClientError> {
    let prefix = base.path().trim_end_matches('/');
    let url = if path.starts_with('/') {
        let mut whole = base.clone();
        whole.set_path("");
        Url::parse(&format!("{}{prefix}{path}", whole.as_str().trim_end_matches('/')))
    } else {
        Url::parse(path)
    };
    let url = url.map_err(|_| {
        ClientError::Setup("a request's path begins with `/`, such as `/api/v2/current_user`")
    })?;
    let inside = url.path().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if url.origin() == base.origin()
        && inside
        && url.username().is_empty()
        && url.password().is_none()
    {
        return Ok(url);
    }
    Err(ClientError::InsecureUrl {
        url: shown(&url),
        why: "the access token goes only to the server that issued it; write a path below the base url",
    })
}
