//! Genuine messages and what they are held against.

use std::{fs, path::PathBuf};

use auth_model::Timestamp;
use saml_sp::{
    Binding, Endpoint, Expected, IdentityProvider, IdpCertificate, Refusal, ServiceProvider,
    ServiceProviderSettings, UnverifiedResponse, VerifiedAssertion,
};

pub(crate) const IDP: &str = "https://idp.example/metadata";
pub(crate) const SP: &str = "https://sp.example/saml/metadata";
pub(crate) const ACS: &str = "https://sp.example/saml/acs";
pub(crate) const REQUEST: &str = "_0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A file of the vectors.
pub(crate) fn file(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "vectors", name].iter().collect();
    fs::read_to_string(path).unwrap()
}

pub(crate) fn message(name: &str) -> String {
    file(&format!("{name}.xml"))
}

/// When the vectors were made.
pub(crate) fn made() -> Timestamp {
    let facts: serde_json::Value = serde_json::from_str(&file("vectors.json")).unwrap();
    Timestamp::from_unix_seconds(facts["at"].as_i64().unwrap())
}

pub(crate) fn settings() -> ServiceProviderSettings {
    ServiceProviderSettings::new(SP, ACS)
}

pub(crate) fn certificate(name: &str) -> IdpCertificate {
    IdpCertificate::from_pem(&file(&format!("{name}.cert.pem"))).unwrap()
}

pub(crate) fn idp(certificates: &[&str]) -> IdentityProvider {
    let endpoints = vec![
        Endpoint {
            binding: Binding::Redirect,
            location: "https://idp.example/sso/redirect".into(),
        },
        Endpoint { binding: Binding::Post, location: "https://idp.example/sso/post".into() },
    ];
    let certificates = certificates.iter().map(|name| certificate(name)).collect();
    IdentityProvider::new(IDP, endpoints, certificates).unwrap()
}

/// A verification of which a test changes one thing.
pub(crate) struct Scene {
    pub(crate) settings: ServiceProviderSettings,
    pub(crate) idp: IdentityProvider,
    pub(crate) expected: Option<&'static str>,
    pub(crate) now: Timestamp,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { settings: settings(), idp: idp(&["idp"]), expected: Some(REQUEST), now: made() }
    }

    pub(crate) fn verify(&self, xml: &str) -> Result<VerifiedAssertion, Refusal> {
        let sp = ServiceProvider::new(self.settings.clone()).unwrap();
        let expected = self.expected.map_or(Expected::Unsolicited, Expected::ReplyTo);
        UnverifiedResponse::from_xml(xml.as_bytes())?.verify(&sp, &self.idp, expected, self.now)
    }

    /// The code of the refusal; `accepted` if there is none.
    pub(crate) fn outcome(&self, xml: &str) -> &'static str {
        self.verify(xml).map_or_else(|refusal| refusal.code(), |_| "accepted")
    }
}
