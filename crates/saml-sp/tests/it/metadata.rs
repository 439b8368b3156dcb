//! The metadata of others, and ours.

use std::time::Duration;

use auth_model::Timestamp;
use saml_sp::{
    Binding, CertificateError, Endpoint, IdentityProvider, IdpCertificate, MAX_METADATA_BYTES,
    MetadataError, ServiceProvider, ServiceProviderSettings, SettingsError, SigningKey,
};

use crate::support::{ACS, IDP, SP, Scene, certificate, file, made, message, settings};

fn read(xml: &str) -> Result<IdentityProvider, MetadataError> {
    IdentityProvider::from_metadata(xml.as_bytes(), made())
}

#[test]
fn metadata_of_others_is_read() {
    let idp = read(&message("pysaml2-metadata")).unwrap();
    assert_eq!(idp.entity_id(), IDP);
    assert_eq!(idp.endpoint(Binding::Redirect), Some("https://idp.example/sso/redirect"));
    assert_eq!(idp.endpoint(Binding::Post), Some("https://idp.example/sso/post"));
    assert_eq!(idp.certificates(), [certificate("idp")]);
    assert!(!idp.wants_signed_requests());
    assert_eq!(idp.valid_until(), None);
    assert!(idp.name_id_formats().iter().any(|format| format.ends_with(":persistent")));
    let scene = Scene { idp, ..Scene::new() };
    assert_eq!(scene.outcome(&message("pysaml2-both-signed")), "accepted");
}

fn base64(name: &str) -> String {
    file(&format!("{name}.cert.pem")).lines().filter(|line| !line.starts_with('-')).collect()
}

fn descriptor(purpose: &str, name: &str) -> String {
    format!(
        "<md:KeyDescriptor{purpose}><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>\n{}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        base64(name)
    )
}

/// A small metadata file, written by hand as people do.
fn written(keys: &str) -> String {
    format!(
        "<!-- ours --><md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{IDP}\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"https://idp.example/soap\"/>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.example/post\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

#[test]
fn all_signing_certificates_are_taken_and_no_others() {
    let signing = " use=\"signing\"";
    let keys = [
        descriptor(signing, "idp"),
        descriptor("", "next"),
        descriptor(" use=\"encryption\"", "attacker"),
        descriptor(signing, "idp"),
        descriptor(signing, "p256"),
    ];
    let idp = read(&written(&keys.concat())).unwrap();
    assert_eq!(idp.certificates(), ["idp", "next", "p256"].map(certificate));
    let scene = Scene { idp, ..Scene::new() };
    for name in ["pysaml2-both-signed", "pysaml2-next-key", "xmlsec1-p256"] {
        assert_eq!(scene.outcome(&message(name)), "accepted", "{name}");
    }
    assert_eq!(scene.outcome(&message("pysaml2-attacker-key")), "signature");
}

#[test]
fn s21_invalid_metadata_says_what_is_wrong() {
    let good = written(&descriptor("", "idp"));
    assert!(read(&good).is_ok());
    let entities = |inside: &str| {
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{inside}</md:EntitiesDescriptor>"
        )
    };
    let bare = good.trim_start_matches("<!-- ours -->");
    assert!(read(&entities(bare)).is_ok(), "one in a list is taken");
    let until = |time: &str| good.replace(" entityID", &format!(" validUntil=\"{time}\" entityID"));
    let location = "https://idp.example/post";
    #[rustfmt::skip]
    let cases = [
        ("not xml",                 "{}".to_owned(),                                            "well-formed xml"),
        ("a page",                  "<html><body/></html>".to_owned(),                          "neither an `EntityDescriptor`"),
        ("a doctype",               format!("<!DOCTYPE x>{bare}"),                              "not well-formed"),
        ("two entities",            entities(&bare.repeat(2)),                                  "describes 2 entities"),
        ("no entities",             entities(""),                                               "describes 0 entities"),
        ("entities in entities",    entities(&entities(bare)),                                  "describes 1 entities"),
        ("no entity id",            good.replace(" entityID=", " x="),                          "no `entityID`"),
        ("a service provider",      good.replace("IDPSSO", "SPSSO"),                            "no `IDPSSODescriptor`"),
        ("saml 1.1",                good.replace("SAML:2.0:protocol", "SAML:1.1:protocol"),     "no `IDPSSODescriptor`"),
        ("no certificate",          written(""),                                                "no signing certificate"),
        ("encryption only",         written(&descriptor(" use=\"encryption\"", "idp")),         "no signing certificate"),
        ("a broken certificate",    good.replace("MII", "MIJ"),                                 "certificate can not be read"),
        ("a comment in it",         good.replace("MII", "M<!-- -->II"),                         "certificate can not be read"),
        ("a small key",             written(&descriptor("", "small")),                          "not of 2048 to 8192 bits"),
        ("only other bindings",     good.replace("HTTP-POST", "HTTP-Artifact"),                 "no `SingleSignOnService`"),
        ("a script",                good.replace(location, "javascript:alert(1)"),              "no plain http or https"),
        ("a quote",                 good.replace(location, "https://x/&quot;&gt;"),             "no plain http or https"),
        ("a fragment",              good.replace(location, "https://x/#y"),                     "no plain http or https"),
        ("no location",             good.replace("Location=\"https://idp.example/post", "x=\""), "no plain http or https"),
        ("expired",                 until("2020-01-01T00:00:00Z"),                              "has expired"),
        ("valid until no time",     until("soon"),                                              "`validUntil` is no time"),
        ("too long",                format!("{good}{}", " ".repeat(MAX_METADATA_BYTES)),        "longer than 1 MiB"),
    ];
    for (rule, xml, words) in cases {
        let error = read(&xml).unwrap_err().to_string();
        assert!(
            error.starts_with("invalid metadata: ") && error.contains(words),
            "{rule}: {error}"
        );
    }
}

#[test]
fn metadata_that_ends_stops_working_at_its_end() {
    let good = written(&descriptor("", "idp"))
        .replace(" entityID", " validUntil=\"2126-01-01T00:00:00Z\" entityID");
    let end = read(&good).unwrap().valid_until().unwrap();
    let at = |now: Timestamp| Scene { idp: read(&good).unwrap(), now, ..Scene::new() };
    let second = Duration::from_secs(1);
    assert_eq!(at(end.minus(second)).outcome(&message("pysaml2-both-signed")), "expired");
    assert_eq!(at(end).outcome(&message("pysaml2-both-signed")), "metadata_expired");
}

#[test]
fn parts_are_checked_like_a_file() {
    let place =
        |location: &str| vec![Endpoint { binding: Binding::Post, location: location.into() }];
    let made = |id: &str, places, certificates| {
        IdentityProvider::new(id, places, certificates).map(|_| ())
    };
    let ours = || vec![certificate("idp")];
    assert_eq!(made(IDP, place("https://x.example/"), ours()), Ok(()));
    assert_eq!(made("", place("https://x.example/"), ours()), Err(MetadataError::NoEntityId));
    assert_eq!(made(IDP, vec![], ours()), Err(MetadataError::NoEndpoint));
    assert_eq!(made(IDP, place("https:///x"), ours()), Err(MetadataError::Location));
    assert_eq!(
        made(IDP, place("https://x.example/"), vec![]),
        Err(MetadataError::NoSigningCertificate)
    );
    let key_of = |name: &str| IdpCertificate::from_pem(&file(name)).map(|_| ());
    assert_eq!(key_of("small.cert.pem"), Err(CertificateError::WeakKey));
    assert_eq!(key_of("idp.key.pem"), Err(CertificateError::Unreadable));
}

#[test]
fn our_metadata_says_who_we_are() {
    let mut settings = settings();
    settings.acs_url = "https://sp.example/acs?a=1&b=2".into();
    settings.name_id_formats = vec!["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".into()];
    settings.want_assertions_signed = true;
    let pem = |name: &str| file(name);
    settings.signing_key =
        Some(SigningKey::from_pem(&pem("sp.key.pem"), &pem("sp.cert.pem")).unwrap().into());
    let xml = ServiceProvider::new(settings).unwrap().metadata();
    let document = uppsala::parse(&xml).unwrap();
    let one = |name: &str| {
        let all =
            document.get_elements_by_tag_name_ns("urn:oasis:names:tc:SAML:2.0:metadata", name);
        assert_eq!(all.len(), 1, "{name}");
        all[0]
    };
    let attribute = |element: &str, name: &str| document.get_attribute(one(element), name).unwrap();
    assert_eq!(attribute("EntityDescriptor", "entityID"), SP);
    assert_eq!(attribute("AssertionConsumerService", "Location"), "https://sp.example/acs?a=1&b=2");
    assert_eq!(attribute("SPSSODescriptor", "WantAssertionsSigned"), "true");
    assert_eq!(attribute("SPSSODescriptor", "AuthnRequestsSigned"), "true");
    assert_eq!(attribute("KeyDescriptor", "use"), "signing");
    assert!(xml.contains(&base64("sp")));
    assert!(!read(&xml).unwrap_err().to_string().is_empty(), "we are no identity provider");
}

#[test]
fn settings_that_do_not_do_are_named() {
    let check = |change: &dyn Fn(&mut ServiceProviderSettings)| {
        let mut settings = ServiceProviderSettings::new(SP, ACS);
        change(&mut settings);
        ServiceProvider::new(settings).map(|_| ())
    };
    assert_eq!(check(&|s| s.clock_allowance = Duration::from_secs(180)), Ok(()));
    assert_eq!(
        check(&|s| s.clock_allowance = Duration::from_secs(181)),
        Err(SettingsError::ClockAllowance)
    );
    assert_eq!(check(&|s| s.entity_id = "a b".into()), Err(SettingsError::EntityId));
    assert_eq!(check(&|s| s.acs_url = "/saml/acs".into()), Err(SettingsError::AcsUrl));
    assert_eq!(
        check(&|s| s.name_id_formats = vec![String::new()]),
        Err(SettingsError::NameIdFormat)
    );
}
