//! The routes: one table says which there are, what each needs of its caller, and the form of its answers.

mod aws_accounts;
mod current_user;
mod discovery;
mod exchanges;
mod explain;
mod health;
mod intake_mappings;
mod patterns;
mod persona_mappings;
mod validate;

use auth_model::{Permission, permissions as p};
use axum::{
    Router,
    http::{Method, StatusCode},
    middleware::from_fn_with_state,
    routing::{MethodRouter, delete, get, patch, post},
};

use crate::{
    App,
    endpoint::{Endpoint, Family, Guard, Need, RouteInfo, guard},
    error::ApiError,
    middleware,
};

const MAPPINGS_READ: &[Permission] =
    &[p::CLOUD_AUTH_CONFIG_READ, p::WORKLOAD_IDENTITY_FEDERATION_READ];
const MAPPINGS_WRITE: &[Permission] =
    &[p::CLOUD_AUTH_CONFIG_WRITE, p::WORKLOAD_IDENTITY_FEDERATION_WRITE];
const AWS_READ: &[Permission] = &[p::AWS_CONFIGURATION_READ];
const AWS_EDIT: &[Permission] = &[p::AWS_CONFIGURATION_EDIT];
const AWS_MANAGE: &[Permission] = &[p::AWS_CONFIGURATIONS_MANAGE];

/// The table.
#[rustfmt::skip]
pub(crate) fn all() -> Vec<Endpoint> {
    use Family::{Exchange, JsonApi, Plain};
    use Need::{AnyOf, ApiKey, Nothing, Proof, User};

    let mut endpoints = vec![
        row(Method::POST, "/api/v2/delegated-token", Proof, Exchange, post(exchanges::delegated_token)),
        row(Method::POST, "/api/v2/intake-key",      Proof, Exchange, post(exchanges::intake_key)),

        row(Method::GET, "/api/v1/validate",      ApiKey, Plain, get(validate::v1)),
        row(Method::GET, "/api/v2/validate",      ApiKey, Plain, get(validate::v2)),
        row(Method::GET, "/api/v2/validate_keys", User, Plain, get(validate::keys)),
        row(Method::GET, "/api/v2/current_user",  User,   Plain, get(current_user::show)),

        row(Method::GET,    "/api/v2/integration/aws/accounts",      AnyOf(AWS_READ),   JsonApi, get(aws_accounts::list)),
        row(Method::POST,   "/api/v2/integration/aws/accounts",      AnyOf(AWS_MANAGE), JsonApi, post(aws_accounts::create)),
        row(Method::GET,    "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_READ),   JsonApi, get(aws_accounts::show)),
        row(Method::PATCH,  "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_EDIT),   JsonApi, patch(aws_accounts::update)),
        row(Method::DELETE, "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_MANAGE), JsonApi, delete(aws_accounts::remove)),

        row(Method::GET, "/.well-known/jwks.json",            Nothing, Plain, get(discovery::jwks)),
        row(Method::GET, "/.well-known/openid-configuration", Nothing, Plain, get(discovery::configuration)),
        row(Method::GET, "/healthz",                          Nothing, Plain, get(health::live)),
        row(Method::GET, "/readyz",                           Nothing, Plain, get(health::ready)),
    ];
    // The public service is moving these from the first prefix to the second; both are served, alike.
    endpoints.extend([
        row(Method::GET,    "/api/v2/cloud_auth/aws/persona_mapping",      AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::list)),
        row(Method::POST,   "/api/v2/cloud_auth/aws/persona_mapping",      AnyOf(MAPPINGS_WRITE), JsonApi, post(persona_mappings::create)),
        row(Method::GET,    "/api/v2/cloud_auth/aws/persona_mapping/{id}", AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::show)),
        row(Method::DELETE, "/api/v2/cloud_auth/aws/persona_mapping/{id}", AnyOf(MAPPINGS_WRITE), JsonApi, delete(persona_mappings::remove)),
        row(Method::GET,    "/api/v2/cloud_auth/aws/intake_mapping",       AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::list)),
        row(Method::POST,   "/api/v2/cloud_auth/aws/intake_mapping",       AnyOf(MAPPINGS_WRITE), JsonApi, post(intake_mappings::create)),
        row(Method::GET,    "/api/v2/cloud_auth/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::show)),
        row(Method::DELETE, "/api/v2/cloud_auth/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_WRITE), JsonApi, delete(intake_mappings::remove)),
        row(Method::GET,    "/api/v2/cloud_auth/aws/explain",              AnyOf(MAPPINGS_READ),  JsonApi, get(explain::explain)),

        row(Method::GET,    "/api/v2/wif/aws/persona_mapping",      AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::list)),
        row(Method::POST,   "/api/v2/wif/aws/persona_mapping",      AnyOf(MAPPINGS_WRITE), JsonApi, post(persona_mappings::create)),
        row(Method::GET,    "/api/v2/wif/aws/persona_mapping/{id}", AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::show)),
        row(Method::DELETE, "/api/v2/wif/aws/persona_mapping/{id}", AnyOf(MAPPINGS_WRITE), JsonApi, delete(persona_mappings::remove)),
        row(Method::GET,    "/api/v2/wif/aws/intake_mapping",       AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::list)),
        row(Method::POST,   "/api/v2/wif/aws/intake_mapping",       AnyOf(MAPPINGS_WRITE), JsonApi, post(intake_mappings::create)),
        row(Method::GET,    "/api/v2/wif/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::show)),
        row(Method::DELETE, "/api/v2/wif/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_WRITE), JsonApi, delete(intake_mappings::remove)),
        row(Method::GET,    "/api/v2/wif/aws/explain",              AnyOf(MAPPINGS_READ),  JsonApi, get(explain::explain)),
    ]);
    endpoints
}

fn row(
    method: Method,
    path: &'static str,
    need: Need,
    family: Family,
    handler: MethodRouter<App>,
) -> Endpoint {
    Endpoint { info: RouteInfo { method, path, need, family }, handler }
}

/// The table as a service, inside the outer layer.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for Endpoint { info, handler } in all() {
        let RouteInfo { path, need, family, .. } = info;
        let state = Guard { app: app.clone(), need, family };
        router = router.route(path, handler.layer(from_fn_with_state(state, guard)));
    }
    router
        .fallback(async || ApiError::new(StatusCode::NOT_FOUND, "there is no such route"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "the route does not take this method")
        })
        .layer(from_fn_with_state(app.clone(), middleware::outer))
        .with_state(app)
}
