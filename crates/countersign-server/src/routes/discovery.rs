//! What lets anybody verify our tokens: the keys (RFC 7517), and where they are (RFC 8414, OpenID Connect Discovery 1.0).

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{App, error::ApiError, reply::Reply};

/// `GET /.well-known/jwks.json`
pub(crate) async fn jwks(State(app): State<App>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json")),
        // Much shorter than the time that a key is published before it signs.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, app.jwks()).into_response()
}

/// `GET /.well-known/openid-configuration`
pub(crate) async fn configuration(State(app): State<App>) -> Result<Reply, ApiError> {
    let issuer = app.config().issuer();
    Reply::ok(&json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "token_endpoint": format!("{issuer}/api/v2/delegated-token"),
        "introspection_endpoint": format!("{issuer}/oauth2/introspect"),
        // RFC 8414 §2 takes the types of access tokens, too. Our key pairs are none of the registered methods, and so can't be named.
        "introspection_endpoint_auth_methods_supported": ["Bearer"],
        "response_types_supported": [],
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "EdDSA", "RS256"],
        "claims_supported":
            ["iss", "sub", "aud", "org", "exp", "nbf", "iat", "jti", "mapping", "act"],
    }))
}
