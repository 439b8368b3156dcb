//! One call: request, answer, and what the answer means.

use jsonapi_model::{Document, JSON, ListDocument, NoRelationships, Resource};
use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Access, ApiClient, Created, Entry};
use crate::{Error, answer::Answer};

/// What is called, without the caller.
pub(super) struct Call<'a> {
    /// In the words of an error: `list persona mappings`.
    pub(super) action: &'static str,
    pub(super) method: Method,
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
}

impl<'a> Call<'a> {
    pub(super) fn get(action: &'static str, path: &'a [&'a str]) -> Self {
        Self { action, method: Method::GET, path, query: &[] }
    }

    pub(super) fn post(action: &'static str, path: &'a [&'a str]) -> Self {
        Self { method: Method::POST, ..Self::get(action, path) }
    }

    pub(super) fn delete(action: &'static str, path: &'a [&'a str]) -> Self {
        Self { method: Method::DELETE, ..Self::get(action, path) }
    }

    pub(super) fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }
}

impl ApiClient {
    /// Asks, and reads the document that is answered.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, Error> {
        let action = call.action;
        let request = self.request(&call);
        self.send(action, request).await?.parse(action)
    }

    /// Asks for a list.
    pub(super) async fn list<A: DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<Vec<Entry<A>>, Error> {
        let action = call.action;
        let document: ListDocument<A> = self.ask(call).await?;
        document.data.into_iter().map(|resource| entry(action, resource)).collect()
    }

    /// Makes something.
    pub(super) async fn create<I: Serialize, A: DeserializeOwned>(
        &self,
        call: Call<'_>,
        kind: &str,
        attributes: I,
    ) -> Result<Created<A>, Error> {
        let action = call.action;
        let body = Document::<I, NoRelationships>::new(kind, None, attributes);
        let request = self.request(&call).json(&body);
        let document: Document<A> = self.send(action, request).await?.parse(action)?;
        let Entry { id, attributes } = entry(action, document.data)?;
        let warnings = document.meta.map(|meta| meta.warnings).unwrap_or_default();
        Ok(Created { id, attributes, warnings })
    }

    /// Asks for something to be done, where success says nothing more.
    pub(super) async fn tell(&self, call: Call<'_>) -> Result<(), Error> {
        self.send(call.action, self.request(&call)).await.map(|_| ())
    }

    fn request(&self, call: &Call<'_>) -> RequestBuilder {
        let mut url = self.http.base.of_segments(call.path.iter().copied());
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        self.http.client.request(call.method.clone(), url).header(ACCEPT, JSON)
    }

    async fn send(&self, action: &'static str, request: RequestBuilder) -> Result<Answer, Error> {
        let http = &self.http;
        let (response, secrets) = match &self.access {
            Access::Keys { api_key, app_key } => {
                let request = request.header(API_KEY, api_key).header(APP_KEY, app_key);
                let response = request.send().await.map_err(|error| http.fault(&error))?;
                (response, vec![text(api_key), text(app_key)])
            }
            Access::Bearer(value) => {
                let request = request.header(AUTHORIZATION, value);
                let response = request.send().await.map_err(|error| http.fault(&error))?;
                (response, vec![text(value).trim_start_matches("Bearer ").to_owned()])
            }
            Access::Exchange(client) => {
                let request = request.build().map_err(|error| http.fault(&error))?;
                let (response, token) = client.execute_with(request).await?;
                (response, vec![token.expose().to_owned()])
            }
        };
        let answer = Answer::read(http, action, response, MAX_ANSWER_BYTES).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        Err(Error::Refused(answer.refusal(action, &secrets)))
    }
}

fn text(value: &HeaderValue) -> String {
    value.to_str().unwrap_or_default().to_owned()
}

fn entry<A>(action: &'static str, resource: Resource<A>) -> Result<Entry<A>, Error> {
    let id = resource
        .id
        .ok_or_else(|| Error::Protocol { action, problem: "the answer names no id".to_owned() })?;
    Ok(Entry { id, attributes: resource.attributes })
}

const API_KEY: HeaderName = HeaderName::from_static("dd-api-key");
const APP_KEY: HeaderName = HeaderName::from_static("dd-application-key");

/// A list of some ten thousand mappings.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
