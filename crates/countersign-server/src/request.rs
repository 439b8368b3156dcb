//! Reading requests: JSON bodies, ids in paths, the query.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::{App, error::ApiError};

/// A JSON body. What is wrong with one is said with a JSON pointer to the place.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        json(request, app.config().limits.body_bytes).await.map(Self)
    }
}

/// The same, of a body that may be this long.
pub(crate) async fn json<T: DeserializeOwned>(request: Request, max: usize) -> Result<T, ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map(|value| value.to_str().unwrap_or("")).unwrap_or("");
    if !content_type.is_empty() && !jsonapi_model::is_json(content_type) {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the body as `application/json` or `application/vnd.api+json`",
        ));
    }
    let bytes = read(request, max).await?;
    jsonapi_model::from_slice(&bytes).map_err(|error| {
        let refusal = ApiError::bad_request(error.to_string());
        match error.pointer() {
            "" => refusal,
            pointer => refusal.at(pointer),
        }
    })
}

/// Refuses a resource of another type than the endpoint takes.
pub(crate) fn check_type(given: &str, expected: &str) -> Result<(), ApiError> {
    if given == expected {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("the type is `{expected}`")).at("/data/type"))
}

/// The whole body, if it is no longer than this.
pub(crate) async fn read(request: Request, max: usize) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), max).await.map_err(|_| {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is longer than {max} bytes, or broke off"),
        )
    })
}

/// The first id in the path, as text; quotes around it, which one client sends, are taken off.
#[derive(Debug)]
pub(crate) struct PathId(String);

impl PathId {
    /// As an id of its kind. What is no UUID names nothing, so `otherwise` decides between 400 and 404.
    pub(crate) fn parse<I: std::str::FromStr>(
        &self,
        otherwise: impl FnOnce() -> ApiError,
    ) -> Result<I, ApiError> {
        self.0.parse().map_err(|_| otherwise())
    }

    /// As it came.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl FromRequestParts<App> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Ok(path_ids(parts, app).await?.0)
    }
}

/// Both ids in a path that has two.
#[derive(Debug)]
pub(crate) struct PathIds(pub(crate) PathId, pub(crate) PathId);

impl FromRequestParts<App> for PathIds {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (first, second) = path_ids(parts, app).await?;
        Ok(Self(first, second))
    }
}

/// The first two parameters of a path; empty where there is none.
async fn path_ids(parts: &mut Parts, app: &App) -> Result<(PathId, PathId), ApiError> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| ApiError::bad_request("the id in the path is not UTF-8"))?;
    let mut ids = params.iter().map(|(_, value)| PathId(jsonapi_model::path_id(value).to_owned()));
    let mut next = || ids.next().unwrap_or_else(|| PathId(String::new()));
    Ok((next(), next()))
}

/// The query's pairs, decoded. Of a name that comes twice the first counts.
#[derive(Debug)]
pub(crate) struct QueryPairs(Vec<(String, String)>);

impl QueryPairs {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl QueryPairs {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromRequestParts<App> for QueryPairs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(pairs)| Self(pairs))
            .map_err(|_| ApiError::bad_request("the query is not a list of `name=value` pairs"))
    }
}

/// The fields of a form that a browser posts.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let form = serde_urlencoded::from_bytes(body).map(Self);
        form.map_err(|_| ApiError::bad_request("the body is no form of a browser's"))
    }

    /// A field that may come once at most: two of a kind are two stories.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.0.iter().filter(|(found, _)| found == name);
        let value = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            Some(_) => {
                Err(ApiError::bad_request(format!("the field `{name}` comes more than once")))
            }
            None => Ok(value),
        }
    }
}
