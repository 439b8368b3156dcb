//! What an endpoint is: a route, what it needs of its caller, and the form of its answers.

use auth_model::Permission;
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use crate::{
    App,
    caller::{self, NotAdmitted},
    change::{self, Action},
    error::ApiError,
    middleware::Arrival,
    reply,
};

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
    /// For browsers; errors are pages.
    Page,
    /// `application/json`; errors are those of OAuth (RFC 6749 §5.2).
    Oauth,
}

/// A route as the table has it.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// Names it: what it works on and what it does, such as `role.create`. The change that it makes has this name in the audit log.
    pub name: &'static str,
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
    pub(crate) route: RouteInfo,
}

/// An endpoint's own layer: lets in who may come in, and gives what comes out its form.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let Guard { app, route } = guard;
    let (parts, body) = request.into_parts();
    let admitted = caller::admit(&app, route.need, &parts).await;
    let arrival = parts.extensions.get::<Arrival>().cloned();
    let mut request = Request::from_parts(parts, body);
    let mut renewed = None;
    let (who, mut response) = match admitted {
        Ok(Some(mut caller)) => {
            let who = Some((caller.org(), caller.user()));
            renewed = caller.renewed.take();
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(Action(route.name));
            (who, next.run(request).await)
        }
        Ok(None) => (None, next.run(request).await),
        Err(NotAdmitted { who, error }) => (who, error.into_response()),
    };
    let error = response.extensions().get::<ApiError>();
    if let (Some(who), Some(arrival), Some(error)) = (who, arrival, error)
        && change::is_recorded(&route, error.status)
    {
        change::record_refusal(&app, route.name, who, &arrival, error).await;
    }
    if let Some(Ok((name, value))) =
        renewed.map(|cookie| crate::routes::session_cookie(&app, &cookie))
    {
        response.headers_mut().append(name, value);
    }
    reply::shape(response, route.family)
}
