//! What an endpoint is: a route, what it needs of its caller, and the form of its answers.

use auth_model::Permission;
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use crate::{App, caller, reply};

/// What a route needs of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A proof in `Authorization: Delegated`, which the handler itself turns into a credential or a refusal.
    Proof,
    /// An API key of any kind, which the handler itself looks up: its answer is about the key.
    ApiKey,
    /// To be a user: by key pair or by token.
    User,
    /// To be a user who holds one of these permissions.
    AnyOf(&'static [Permission]),
}

/// The form of an endpoint's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `application/json`; errors are plain strings.
    Plain,
    /// `application/vnd.api+json`; errors are JSON:API objects.
    JsonApi,
    /// `application/json`; errors are JSON:API objects.
    Exchange,
}

/// A route as the table has it.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for its parameters.
    pub path: &'static str,
    /// What it needs of its caller.
    pub need: Need,
    /// The form of its answers.
    pub family: Family,
}

/// A route with its handler.
pub(crate) struct Endpoint {
    pub(crate) info: RouteInfo,
    pub(crate) handler: MethodRouter<App>,
}

/// Every route that the server has. Whoever adds one decides here what it needs.
pub fn route_table() -> Vec<RouteInfo> {
    crate::routes::all().into_iter().map(|endpoint| endpoint.info).collect()
}

/// The state of an endpoint's own layer.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) app: App,
    pub(crate) need: Need,
    pub(crate) family: Family,
}

/// An endpoint's own layer: lets in who may come in, and gives what comes out its form.
pub(crate) async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    let response = match caller::admit(&guard.app, guard.need, request.headers()).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    reply::shape(response, guard.family)
}
