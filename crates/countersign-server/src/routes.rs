//! The routes: one table says which there are, what each needs of its caller, and the form of its answers.

pub(crate) mod account;
mod api_keys;
mod app_keys;
mod audit;
mod authn_mappings;
mod authn_preview;
mod aws_accounts;
mod current_user;
mod discovery;
mod exchanges;
mod explain;
mod gate;
mod health;
mod intake_mappings;
mod introspect;
mod invitations;
mod legacy_users;
mod openapi;
mod org_preferences;
mod patterns;
mod permissions;
mod persona_mappings;
mod role_permissions;
mod role_users;
mod roles;
mod saml_assertions;
mod saml_configurations;
mod sign_in;
mod static_files;
mod team_members;
mod teams;
mod telemetry;
mod user_sessions;
mod users;
mod validate;

pub(crate) use sign_in::session_cookie;

use auth_model::{Permission, permissions as p};
use axum::{
    Router,
    http::{Method, StatusCode},
    middleware::from_fn_with_state,
    routing::{MethodRouter, any, delete, get, patch, post, put},
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
const ACCESS_READ: &[Permission] = &[p::USER_ACCESS_READ];
const ACCESS_MANAGE: &[Permission] = &[p::USER_ACCESS_MANAGE];
const INVITE: &[Permission] = &[p::USER_ACCESS_INVITE, p::USER_ACCESS_MANAGE];
const ACCOUNTS: &[Permission] = &[p::SERVICE_ACCOUNT_WRITE];
/// Which of the two is enough depends on whether it is a person or a service account; the handler looks.
const USERS_WRITE: &[Permission] = &[p::USER_ACCESS_MANAGE, p::SERVICE_ACCOUNT_WRITE];
const API_KEYS_READ: &[Permission] = &[p::API_KEYS_READ];
const API_KEYS_WRITE: &[Permission] = &[p::API_KEYS_WRITE];
const API_KEYS_DELETE: &[Permission] = &[p::API_KEYS_DELETE];
const OWN_APP_KEYS: &[Permission] = &[p::USER_APP_KEYS];
const APP_KEYS_READ: &[Permission] = &[p::ORG_APP_KEYS_READ];
const APP_KEYS_WRITE: &[Permission] = &[p::ORG_APP_KEYS_WRITE];
const TEAMS_READ: &[Permission] = &[p::TEAMS_READ];
const TEAMS_MANAGE: &[Permission] = &[p::TEAMS_MANAGE];
const AUDIT: &[Permission] = &[p::AUDIT_LOGS_READ];

/// The table.
#[rustfmt::skip]
pub(crate) fn all() -> Vec<Endpoint> {
    use Family::{Exchange, JsonApi, Oauth, Page, Plain};
    use Need::{AnyOf, ApiKey, Nothing, Proof, User};

    vec![
        row("delegated_token.create", Method::POST, "/api/v2/delegated-token", Proof, Exchange, post(exchanges::delegated_token)),
        row("intake_key.create",      Method::POST, "/api/v2/intake-key",      Proof, Exchange, post(exchanges::intake_key)),

        row("api_key.validate",  Method::GET, "/api/v1/validate",      ApiKey, Plain, get(validate::v1)),
        row("api_key.identify",  Method::GET, "/api/v2/validate",      ApiKey, Plain, get(validate::v2)),
        // What an Agent calls first once it has a key. Whoever adds a path adds it here.
        row("telemetry.submit_series",         Method::POST, "/api/v2/series",     ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_series_v1",      Method::POST, "/api/v1/series",     ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_sketches",       Method::POST, "/api/beta/sketches", ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_check_runs",     Method::POST, "/api/v1/check_run",  ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_events",         Method::POST, "/api/v1/events",     ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_logs",           Method::POST, "/api/v2/logs",       ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_metadata",       Method::POST, "/api/v1/metadata",   ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_payload",        Method::POST, "/intake/",           ApiKey, Plain, post(telemetry::submit)),
        row("telemetry.submit_payload_bare",   Method::POST, "/intake",            ApiKey, Plain, post(telemetry::submit)),

        row("keys.validate",     Method::GET, "/api/v2/validate_keys", User,   Plain, get(validate::keys)),
        row("current_user.show", Method::GET, "/api/v2/current_user",  User,   Plain, get(current_user::show)),

        // The public service is moving these from the first prefix to the second; both are served, alike.
        row("persona_mapping.list",   Method::GET,    "/api/v2/cloud_auth/aws/persona_mapping",      AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::list)),
        row("persona_mapping.create", Method::POST,   "/api/v2/cloud_auth/aws/persona_mapping",      AnyOf(MAPPINGS_WRITE), JsonApi, post(persona_mappings::create)),
        row("persona_mapping.show",   Method::GET,    "/api/v2/cloud_auth/aws/persona_mapping/{id}", AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::show)),
        row("persona_mapping.delete", Method::DELETE, "/api/v2/cloud_auth/aws/persona_mapping/{id}", AnyOf(MAPPINGS_WRITE), JsonApi, delete(persona_mappings::remove)),
        row("intake_mapping.list",    Method::GET,    "/api/v2/cloud_auth/aws/intake_mapping",       AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::list)),
        row("intake_mapping.create",  Method::POST,   "/api/v2/cloud_auth/aws/intake_mapping",       AnyOf(MAPPINGS_WRITE), JsonApi, post(intake_mappings::create)),
        row("intake_mapping.show",    Method::GET,    "/api/v2/cloud_auth/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::show)),
        row("intake_mapping.delete",  Method::DELETE, "/api/v2/cloud_auth/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_WRITE), JsonApi, delete(intake_mappings::remove)),
        row("arn.explain",            Method::GET,    "/api/v2/cloud_auth/aws/explain",              AnyOf(MAPPINGS_READ),  JsonApi, get(explain::explain)),

        row("persona_mapping.list",   Method::GET,    "/api/v2/wif/aws/persona_mapping",      AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::list)),
        row("persona_mapping.create", Method::POST,   "/api/v2/wif/aws/persona_mapping",      AnyOf(MAPPINGS_WRITE), JsonApi, post(persona_mappings::create)),
        row("persona_mapping.show",   Method::GET,    "/api/v2/wif/aws/persona_mapping/{id}", AnyOf(MAPPINGS_READ),  JsonApi, get(persona_mappings::show)),
        row("persona_mapping.delete", Method::DELETE, "/api/v2/wif/aws/persona_mapping/{id}", AnyOf(MAPPINGS_WRITE), JsonApi, delete(persona_mappings::remove)),
        row("intake_mapping.list",    Method::GET,    "/api/v2/wif/aws/intake_mapping",       AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::list)),
        row("intake_mapping.create",  Method::POST,   "/api/v2/wif/aws/intake_mapping",       AnyOf(MAPPINGS_WRITE), JsonApi, post(intake_mappings::create)),
        row("intake_mapping.show",    Method::GET,    "/api/v2/wif/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_READ),  JsonApi, get(intake_mappings::show)),
        row("intake_mapping.delete",  Method::DELETE, "/api/v2/wif/aws/intake_mapping/{id}",  AnyOf(MAPPINGS_WRITE), JsonApi, delete(intake_mappings::remove)),
        row("arn.explain",            Method::GET,    "/api/v2/wif/aws/explain",              AnyOf(MAPPINGS_READ),  JsonApi, get(explain::explain)),

        row("aws_account.list",   Method::GET,    "/api/v2/integration/aws/accounts",      AnyOf(AWS_READ),   JsonApi, get(aws_accounts::list)),
        row("aws_account.create", Method::POST,   "/api/v2/integration/aws/accounts",      AnyOf(AWS_MANAGE), JsonApi, post(aws_accounts::create)),
        row("aws_account.show",   Method::GET,    "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_READ),   JsonApi, get(aws_accounts::show)),
        row("aws_account.update", Method::PATCH,  "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_EDIT),   JsonApi, patch(aws_accounts::update)),
        row("aws_account.delete", Method::DELETE, "/api/v2/integration/aws/accounts/{id}", AnyOf(AWS_MANAGE), JsonApi, delete(aws_accounts::remove)),

        row("permission.list",        Method::GET,    "/api/v2/permissions",            AnyOf(ACCESS_READ),   Plain, get(permissions::list)),
        row("role.list",              Method::GET,    "/api/v2/roles",                  AnyOf(ACCESS_READ),   Plain, get(roles::list)),
        row("role.create",            Method::POST,   "/api/v2/roles",                  AnyOf(ACCESS_MANAGE), Plain, post(roles::create)),
        row("role.show",              Method::GET,    "/api/v2/roles/{id}",             AnyOf(ACCESS_READ),   Plain, get(roles::show)),
        row("role.update",            Method::PATCH,  "/api/v2/roles/{id}",             AnyOf(ACCESS_MANAGE), Plain, patch(roles::update)),
        row("role.delete",            Method::DELETE, "/api/v2/roles/{id}",             AnyOf(ACCESS_MANAGE), Plain, delete(roles::remove)),
        row("role.clone",             Method::POST,   "/api/v2/roles/{id}/clone",       AnyOf(ACCESS_MANAGE), Plain, post(roles::clone)),
        row("role_permission.list",   Method::GET,    "/api/v2/roles/{id}/permissions", AnyOf(ACCESS_READ),   Plain, get(role_permissions::list)),
        row("role_permission.grant",  Method::POST,   "/api/v2/roles/{id}/permissions", AnyOf(ACCESS_MANAGE), Plain, post(role_permissions::grant)),
        row("role_permission.revoke", Method::DELETE, "/api/v2/roles/{id}/permissions", AnyOf(ACCESS_MANAGE), Plain, delete(role_permissions::revoke)),
        row("role_user.list",         Method::GET,    "/api/v2/roles/{id}/users",       AnyOf(ACCESS_READ),   Plain, get(role_users::list)),
        row("role_user.add",          Method::POST,   "/api/v2/roles/{id}/users",       AnyOf(ACCESS_MANAGE), Plain, post(role_users::add)),
        row("role_user.remove",       Method::DELETE, "/api/v2/roles/{id}/users",       AnyOf(ACCESS_MANAGE), Plain, delete(role_users::remove)),

        row("user.list",              Method::GET,    "/api/v2/users",                  AnyOf(ACCESS_READ),   Plain, get(users::list)),
        row("user.create",            Method::POST,   "/api/v2/users",                  AnyOf(INVITE),        Plain, post(users::create)),
        row("user.show",              Method::GET,    "/api/v2/users/{id}",             AnyOf(ACCESS_READ),   Plain, get(users::show)),
        row("user.update",            Method::PATCH,  "/api/v2/users/{id}",             AnyOf(USERS_WRITE),   Plain, patch(users::update)),
        row("user.disable",           Method::DELETE, "/api/v2/users/{id}",             AnyOf(USERS_WRITE),   Plain, delete(users::disable)),
        row("user.permissions",       Method::GET,    "/api/v2/users/{id}/permissions", AnyOf(ACCESS_READ),   Plain, get(users::permissions)),
        row("user.orgs",              Method::GET,    "/api/v2/users/{id}/orgs",        AnyOf(ACCESS_READ),   Plain, get(users::organizations)),
        row("user.memberships",       Method::GET,    "/api/v2/users/{id}/memberships", AnyOf(TEAMS_READ),    Plain, get(team_members::list_of_user)),
        row("user_sessions.end",      Method::DELETE, "/api/v2/users/{id}/sessions",    AnyOf(ACCESS_MANAGE), Plain, delete(user_sessions::end_all)),
        row("service_account.create", Method::POST,   "/api/v2/service_accounts",       AnyOf(ACCOUNTS),      Plain, post(users::create_service_account)),
        row("invitation.list",        Method::GET,    "/api/v2/user_invitations",       AnyOf(INVITE),        Plain, get(invitations::list)),
        row("invitation.create",      Method::POST,   "/api/v2/user_invitations",       AnyOf(INVITE),        Plain, post(invitations::create)),
        row("invitation.show",        Method::GET,    "/api/v2/user_invitations/{id}",  AnyOf(INVITE),        Plain, get(invitations::show)),
        row("legacy_user.list",       Method::GET,    "/api/v1/user",                   AnyOf(ACCESS_READ),   Plain, get(legacy_users::list)),
        row("legacy_user.create",     Method::POST,   "/api/v1/user",                   AnyOf(INVITE),        Plain, post(legacy_users::create)),
        row("legacy_user.show",       Method::GET,    "/api/v1/user/{id}",              AnyOf(ACCESS_READ),   Plain, get(legacy_users::show)),
        row("legacy_user.update",     Method::PUT,    "/api/v1/user/{id}",              AnyOf(ACCESS_MANAGE), Plain, put(legacy_users::update)),
        row("legacy_user.disable",    Method::DELETE, "/api/v1/user/{id}",              AnyOf(ACCESS_MANAGE), Plain, delete(legacy_users::disable)),

        row("api_key.list",   Method::GET,    "/api/v2/api_keys",      AnyOf(API_KEYS_READ),   Plain, get(api_keys::list)),
        row("api_key.create", Method::POST,   "/api/v2/api_keys",      AnyOf(API_KEYS_WRITE),  Plain, post(api_keys::create)),
        row("api_key.show",   Method::GET,    "/api/v2/api_keys/{id}", AnyOf(API_KEYS_READ),   Plain, get(api_keys::show)),
        row("api_key.update", Method::PATCH,  "/api/v2/api_keys/{id}", AnyOf(API_KEYS_WRITE),  Plain, patch(api_keys::update)),
        row("api_key.delete", Method::DELETE, "/api/v2/api_keys/{id}", AnyOf(API_KEYS_DELETE), Plain, delete(api_keys::remove)),

        row("app_key.list",           Method::GET,    "/api/v2/application_keys",                             AnyOf(APP_KEYS_READ),  Plain, get(app_keys::list_all)),
        row("app_key.show",           Method::GET,    "/api/v2/application_keys/{id}",                        AnyOf(APP_KEYS_READ),  Plain, get(app_keys::show_any)),
        row("app_key.update",         Method::PATCH,  "/api/v2/application_keys/{id}",                        AnyOf(APP_KEYS_WRITE), Plain, patch(app_keys::update_any)),
        row("app_key.delete",         Method::DELETE, "/api/v2/application_keys/{id}",                        AnyOf(APP_KEYS_WRITE), Plain, delete(app_keys::remove_any)),
        row("own_app_key.list",       Method::GET,    "/api/v2/current_user/application_keys",                AnyOf(OWN_APP_KEYS),   Plain, get(app_keys::list_own)),
        row("own_app_key.create",     Method::POST,   "/api/v2/current_user/application_keys",                AnyOf(OWN_APP_KEYS),   Plain, post(app_keys::create_own)),
        row("own_app_key.show",       Method::GET,    "/api/v2/current_user/application_keys/{id}",           AnyOf(OWN_APP_KEYS),   Plain, get(app_keys::show_own)),
        row("own_app_key.update",     Method::PATCH,  "/api/v2/current_user/application_keys/{id}",           AnyOf(OWN_APP_KEYS),   Plain, patch(app_keys::update_own)),
        row("own_app_key.delete",     Method::DELETE, "/api/v2/current_user/application_keys/{id}",           AnyOf(OWN_APP_KEYS),   Plain, delete(app_keys::remove_own)),
        row("account_app_key.list",   Method::GET,    "/api/v2/service_accounts/{id}/application_keys",       AnyOf(ACCOUNTS),       Plain, get(app_keys::list_of_account)),
        row("account_app_key.create", Method::POST,   "/api/v2/service_accounts/{id}/application_keys",       AnyOf(ACCOUNTS),       Plain, post(app_keys::create_of_account)),
        row("account_app_key.show",   Method::GET,    "/api/v2/service_accounts/{id}/application_keys/{key}", AnyOf(ACCOUNTS),       Plain, get(app_keys::show_of_account)),
        row("account_app_key.update", Method::PATCH,  "/api/v2/service_accounts/{id}/application_keys/{key}", AnyOf(ACCOUNTS),       Plain, patch(app_keys::update_of_account)),
        row("account_app_key.delete", Method::DELETE, "/api/v2/service_accounts/{id}/application_keys/{key}", AnyOf(ACCOUNTS),       Plain, delete(app_keys::remove_of_account)),

        row("team.list",          Method::GET,    "/api/v2/team",                         AnyOf(TEAMS_READ),   Plain,   get(teams::list)),
        row("team.create",        Method::POST,   "/api/v2/team",                         AnyOf(TEAMS_MANAGE), Plain,   post(teams::create)),
        row("team.show",          Method::GET,    "/api/v2/team/{id}",                    AnyOf(TEAMS_READ),   Plain,   get(teams::show)),
        row("team.update",        Method::PATCH,  "/api/v2/team/{id}",                    AnyOf(TEAMS_MANAGE), Plain,   patch(teams::update)),
        row("team.delete",        Method::DELETE, "/api/v2/team/{id}",                    AnyOf(TEAMS_MANAGE), Plain,   delete(teams::remove)),
        row("team_member.list",   Method::GET,    "/api/v2/team/{id}/memberships",        AnyOf(TEAMS_READ),   Plain,   get(team_members::list)),
        // The one of the team's routes whose errors the public service gives as objects.
        row("team_member.add",    Method::POST,   "/api/v2/team/{id}/memberships",        AnyOf(TEAMS_MANAGE), JsonApi, post(team_members::add)),
        row("team_member.update", Method::PATCH,  "/api/v2/team/{id}/memberships/{user}", AnyOf(TEAMS_MANAGE), Plain,   patch(team_members::update)),
        row("team_member.remove", Method::DELETE, "/api/v2/team/{id}/memberships/{user}", AnyOf(TEAMS_MANAGE), Plain,   delete(team_members::remove)),

        row("authn_mapping.list",   Method::GET,    "/api/v2/authn_mappings",      AnyOf(ACCESS_READ),   Plain, get(authn_mappings::list)),
        row("authn_mapping.create", Method::POST,   "/api/v2/authn_mappings",      AnyOf(ACCESS_MANAGE), Plain, post(authn_mappings::create)),
        row("authn_mapping.show",   Method::GET,    "/api/v2/authn_mappings/{id}", AnyOf(ACCESS_READ),   Plain, get(authn_mappings::show)),
        row("authn_mapping.update", Method::PATCH,  "/api/v2/authn_mappings/{id}", AnyOf(ACCESS_MANAGE), Plain, patch(authn_mappings::update)),
        row("authn_mapping.delete", Method::DELETE, "/api/v2/authn_mappings/{id}", AnyOf(ACCESS_MANAGE), Plain, delete(authn_mappings::remove)),
        row("authn_preview.show",   Method::POST,   "/api/v2/authn_mappings/preview", AnyOf(ACCESS_READ), Plain, post(authn_preview::preview)),
        row("authn_preview.list",   Method::GET,    "/api/v2/authn_mappings/preview", AnyOf(ACCESS_MANAGE), Plain, get(authn_preview::list)),

        row("saml_configuration.show",   Method::GET,   "/api/v2/saml_configurations",              AnyOf(ACCESS_READ),   Plain, get(saml_configurations::show)),
        row("saml_configuration.update", Method::PATCH, "/api/v2/saml_configurations",              AnyOf(ACCESS_MANAGE), Plain, patch(saml_configurations::update)),
        row("saml_configuration.upload", Method::POST,  "/api/v2/saml_configurations/idp_metadata", AnyOf(ACCESS_MANAGE), Plain, post(saml_configurations::upload)),
        row("saml_assertion.list",       Method::GET,   "/api/v2/saml_configurations/assertions",   AnyOf(ACCESS_MANAGE), Plain, get(saml_assertions::list)),
        row("org_preference.show",       Method::GET,   "/api/v1/org_preferences",                  User,                 Plain, get(org_preferences::show)),
        row("org_preference.update",     Method::POST,  "/api/v1/org_preferences",                  AnyOf(ACCESS_MANAGE), Plain, post(org_preferences::update)),

        row("sign_in.show",     Method::GET,  "/saml/{org}",            Nothing, Page, get(sign_in::show)),
        row("sign_in.start",    Method::GET,  "/saml/{org}/start",      Nothing, Page, get(sign_in::start)),
        row("sign_in.saml",     Method::POST, "/saml/{org}/acs",        Nothing, Page, post(sign_in::consume)),
        row("sign_in.keys",     Method::POST, "/saml/{org}/keys",       Nothing, Page, post(sign_in::by_keys)),
        row("sign_in.metadata", Method::GET,  "/saml/{org}/metadata",   Nothing, Page, get(sign_in::metadata)),
        row("account.show",     Method::GET,  "/account",               Nothing, Page, get(account::show)),
        row("session.end",      Method::POST, "/sign-out",              Nothing, Page, post(account::sign_out)),
        row("static.style",     Method::GET,  "/static/countersign.css", Nothing, Page, get(static_files::style)),
        row("static.script",    Method::GET,  "/static/submit.js",      Nothing, Page, get(static_files::submit)),

        row("audit.list",   Method::GET,  "/api/v2/audit/events",        AnyOf(AUDIT), Plain, get(audit::list)),
        row("audit.search", Method::POST, "/api/v2/audit/events/search", AnyOf(AUDIT), Plain, post(audit::search)),

        // Of every method, for Envoy asks with the caller's own, and adds the caller's path.
        row("gate.verify",      Method::GET,  "/auth/verify",                       Nothing, Plain, any(gate::verify)),
        row("gate.verify_with", Method::GET,  "/auth/verify/{requirements}",         Nothing, Plain, any(gate::verify)),
        row("gate.verify_path", Method::GET,  "/auth/verify/{requirements}/{*path}", Nothing, Plain, any(gate::verify)),
        row("token.introspect", Method::POST, "/oauth2/introspect",                  User,    Oauth, post(introspect::introspect)),

        row("jwks.show",      Method::GET, "/.well-known/jwks.json",            Nothing, Plain, get(discovery::jwks)),
        row("discovery.show", Method::GET, "/.well-known/openid-configuration", Nothing, Plain, get(discovery::configuration)),
        row("openapi.show",   Method::GET, "/openapi.json",                     Nothing, Plain, get(openapi::show)),
        row("health.live",    Method::GET, "/healthz",                          Nothing, Plain, get(health::live)),
        row("health.ready",   Method::GET, "/readyz",                           Nothing, Plain, get(health::ready)),
    ]
}

fn row(
    name: &'static str,
    method: Method,
    path: &'static str,
    need: Need,
    family: Family,
    handler: MethodRouter<App>,
) -> Endpoint {
    Endpoint { info: RouteInfo { name, method, path, need, family }, handler }
}

/// The table as a service, inside the outer layer.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for Endpoint { info, handler } in all() {
        let path = info.path;
        let state = Guard { app: app.clone(), route: info };
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
