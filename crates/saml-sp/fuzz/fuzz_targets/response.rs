//! Any bytes as a response: nothing panics, and nobody but the one who signed is believed. Seed it with `tests/vectors`.
#![no_main]

use std::sync::LazyLock;

use auth_model::Timestamp;
use libfuzzer_sys::fuzz_target;
use saml_sp::{
    Binding, Endpoint, Expected, IdentityProvider, IdpCertificate, ServiceProvider,
    ServiceProviderSettings, UnverifiedResponse,
};

static SIDES: LazyLock<(ServiceProvider, IdentityProvider, Timestamp)> = LazyLock::new(|| {
    let settings =
        ServiceProviderSettings::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
    let certificate = IdpCertificate::from_pem(include_str!("../../tests/vectors/idp.cert.pem"));
    let place = Endpoint { binding: Binding::Post, location: "https://idp.example/sso".into() };
    let idp =
        IdentityProvider::new("https://idp.example/metadata", vec![place], vec![certificate.unwrap()]);
    let facts = include_str!("../../tests/vectors/vectors.json");
    let at = facts.split("\"at\": ").nth(1).unwrap().split(',').next().unwrap();
    let now = Timestamp::from_unix_seconds(at.parse().unwrap());
    (ServiceProvider::new(settings).unwrap(), idp.unwrap(), now)
});

fuzz_target!(|bytes: &[u8]| {
    let _ = UnverifiedResponse::from_form(&String::from_utf8_lossy(bytes));
    let Ok(response) = UnverifiedResponse::from_xml(bytes) else { return };
    let (sp, idp, now) = &*SIDES;
    let request = Expected::ReplyTo("_0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    if let Ok(assertion) = response.verify(sp, idp, request, *now) {
        assert_eq!(assertion.name_id().value, "ada-7f3a");
        assert_eq!(assertion.signed_by(), idp.certificates()[0].fingerprint());
    }
});
