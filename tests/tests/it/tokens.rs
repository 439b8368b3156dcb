//! Access tokens as others read them: through the published keys, with a library that is not ours.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use integration::{Auth, World};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

/// The claims, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn anybody_can_verify_a_token_from_the_published_keys() {
    for (name, algorithm) in
        [("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA), ("RS256", Algorithm::RS256)]
    {
        let world = World::with(|config| config.tokens.algorithm = name.to_owned()).await;
        let token = world.token().await;
        let header = decode_header(&token).unwrap();
        assert_eq!((header.alg, header.typ.as_deref()), (algorithm, Some("at+jwt")));

        let answer = world.client().get("/.well-known/jwks.json", Auth::Nothing).await.expect(200);
        let keys: JwkSet = serde_json::from_slice(&answer.body).unwrap();
        let key = keys.find(&header.kid.unwrap()).unwrap();
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["http://auth.example.com"]);
        validation.set_issuer(&["http://auth.example.com"]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let claims: Value =
            decode(&token, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap().claims;
        assert_eq!(claims["sub"], json!(world.service_account.id.to_string()));
        assert_eq!(claims["org"], json!(world.org.id.to_string()));
        assert_eq!(claims["mapping"], json!(world.persona));
        let act = &claims["act"];
        assert_eq!(act["sub"], "arn:aws:sts::123456789012:assumed-role/terraform-runner/run-1");
        assert_eq!(act["account"], "123456789012");
        assert!(act["user_id"].as_str().unwrap().ends_with(":run-1"));
        assert!(claims["jti"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    }
}
