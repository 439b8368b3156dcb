//! What we ask an identity provider, and that it can tell that we asked.

use auth_model::{ManualClock, Randomness, RandomnessError};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_dsig::{DsigContext, verify};
use bergshamra_keys::{KeysManager, loader};
use percent_encoding::percent_decode_str;
use saml_sp::{
    Binding, Endpoint, IdentityProvider, KeyError, RelayState, RequestError, ServiceProvider,
    SigningKey,
};

use crate::support::{ACS, IDP, SP, certificate, file, idp, made, settings};

/// Counts up from one.
#[derive(Debug)]
struct Counting;

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        (1..).zip(bytes).for_each(|(n, byte)| *byte = n);
        Ok(())
    }
}

const ID: &str = "_0102030405060708090a0b0c0d0e0f10";

fn sp(with_key: bool) -> ServiceProvider {
    let mut settings = settings();
    settings.name_id_formats = vec!["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".into()];
    let key = || SigningKey::from_pem(&file("sp.key.pem"), &file("sp.cert.pem")).unwrap();
    settings.signing_key = with_key.then(|| key().into());
    ServiceProvider::new(settings).unwrap()
}

fn relay() -> RelayState {
    RelayState::parse("handle_1-2.3~").unwrap()
}

fn query(url: &str) -> Vec<(&str, String)> {
    let pairs = url.split_once('?').unwrap().1.split('&');
    pairs
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name, percent_decode_str(value).decode_utf8().unwrap().into_owned()))
        .collect()
}

fn check_request(xml: &str, destination: &str) {
    let document = uppsala::parse(xml).unwrap();
    let root = document.document_element().unwrap();
    let attribute = |name| document.get_attribute(root, name).unwrap();
    assert_eq!(document.element(root).unwrap().name.local_name, "AuthnRequest");
    assert_eq!(attribute("ID"), ID);
    assert_eq!(attribute("Destination"), destination);
    assert_eq!(attribute("AssertionConsumerServiceURL"), ACS);
    assert_eq!(attribute("Version"), "2.0");
    assert!(attribute("IssueInstant").ends_with('Z'));
    assert!(xml.contains(&format!("<saml:Issuer>{SP}</saml:Issuer>")));
    assert!(xml.contains("nameid-format:persistent\" AllowCreate=\"true\""));
}

#[test]
fn a_redirect_holds_the_request_and_a_signature_over_the_query() {
    let clock = ManualClock::at(made());
    for signed in [false, true] {
        let request =
            sp(signed).redirect_request(&idp(&["idp"]), &relay(), &clock, &Counting).unwrap();
        assert_eq!(request.id(), ID);
        assert!(request.url().starts_with("https://idp.example/sso/redirect?SAMLRequest="));
        let query = query(request.url());
        let names: Vec<_> = query.iter().map(|(name, _)| *name).collect();
        let expected: &[_] = if signed {
            &["SAMLRequest", "RelayState", "SigAlg", "Signature"]
        } else {
            &["SAMLRequest", "RelayState"]
        };
        assert_eq!(names, expected);
        let deflated = STANDARD.decode(&query[0].1).unwrap();
        let xml = miniz_oxide::inflate::decompress_to_vec_with_limit(&deflated, 10_000).unwrap();
        check_request(std::str::from_utf8(&xml).unwrap(), "https://idp.example/sso/redirect");
        assert_eq!(query[1].1, relay().as_str());
        if signed {
            let (message, _) =
                request.url().split_once('?').unwrap().1.split_once("&Signature=").unwrap();
            let key = loader::load_x509_cert_pem(file("sp.cert.pem").as_bytes()).unwrap();
            let spki = key.to_spki_der().unwrap();
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki);
            key.verify(message.as_bytes(), &STANDARD.decode(&query[3].1).unwrap()).unwrap();
        }
    }
}

#[test]
fn a_form_holds_the_request_with_the_signature_inside() {
    let clock = ManualClock::at(made());
    for signed in [false, true] {
        let request = sp(signed).post_request(&idp(&["idp"]), &relay(), &clock, &Counting).unwrap();
        assert_eq!((request.id(), request.action()), (ID, "https://idp.example/sso/post"));
        let fields: Vec<_> = request.fields().collect();
        assert_eq!((fields[0].0, fields[1]), ("SAMLRequest", ("RelayState", relay().as_str())));
        assert!(fields.iter().all(|(_, value)| !value.contains(['"', '<', '&'])));
        let xml = String::from_utf8(STANDARD.decode(fields[0].1).unwrap()).unwrap();
        check_request(&xml, "https://idp.example/sso/post");
        assert_eq!(xml.contains("SignatureValue"), signed);
        if signed {
            let mut keys = KeysManager::new();
            keys.add_key(loader::load_x509_cert_pem(file("sp.cert.pem").as_bytes()).unwrap());
            assert!(verify::verify(&DsigContext::new(keys), &xml).unwrap().is_valid());
            let order = ["</saml:Issuer><ds:Signature", "</ds:Signature><samlp:NameIDPolicy"];
            assert!(order.iter().all(|part| xml.contains(part)), "as the schema has it");
        }
    }
}

#[test]
fn a_location_with_a_query_is_kept() {
    let place = Endpoint {
        binding: Binding::Redirect,
        location: "https://idp.example/sso?tenant=7".into(),
    };
    let idp = IdentityProvider::new(IDP, vec![place], vec![certificate("idp")]).unwrap();
    let clock = ManualClock::at(made());
    let request = sp(false).redirect_request(&idp, &relay(), &clock, &Counting).unwrap();
    assert!(request.url().starts_with("https://idp.example/sso?tenant=7&SAMLRequest="));
    let refused = sp(false).post_request(&idp, &relay(), &clock, &Counting);
    assert_eq!(refused.unwrap_err(), RequestError::NoEndpoint);
}

#[test]
fn an_identity_provider_that_wants_signatures_gets_no_other_request() {
    let metadata = file("pysaml2-metadata.xml").replace("WantAuthnRequestsSigned=\"false\"", "");
    let wants = metadata.replacen(
        "IDPSSODescriptor ",
        "IDPSSODescriptor WantAuthnRequestsSigned=\"true\" ",
        1,
    );
    let idp = IdentityProvider::from_metadata(wants.as_bytes(), made()).unwrap();
    let clock = ManualClock::at(made());
    let refused = sp(false).redirect_request(&idp, &relay(), &clock, &Counting);
    assert_eq!(refused.unwrap_err(), RequestError::KeyNeeded);
    sp(true).redirect_request(&idp, &relay(), &clock, &Counting).unwrap();
}

#[test]
fn s18_a_relay_state_is_a_handle_and_no_address() {
    #[rustfmt::skip]
    let cases = [
        ("a handle",      "Ab9-._~",                     true),
        ("an address",    "https://evil.example/",       false),
        ("a path",        "/evil",                       false),
        ("markup",        "\"><script>",                 false),
        ("a line break",  "a\nb",                        false),
        ("empty",         "",                            false),
        ("not ascii",     "ü",                           false),
    ];
    for (rule, text, expected) in cases {
        assert_eq!(RelayState::parse(text).is_ok(), expected, "{rule}");
    }
    assert!(RelayState::parse(&"a".repeat(80)).is_ok());
    assert!(RelayState::parse(&"a".repeat(81)).is_err());
}

#[test]
fn a_key_fits_its_certificate_and_is_never_shown() {
    let key = |key: &str, cert: &str| SigningKey::from_pem(&file(key), &file(cert));
    let shown = format!("{:?}", key("sp.key.pem", "sp.cert.pem").unwrap());
    assert_eq!(shown, "SigningKey { .. }");
    assert_eq!(key("sp.key.pem", "idp.cert.pem").unwrap_err(), KeyError::Mismatch);
    assert_eq!(key("p256.key.pem", "p256.cert.pem").unwrap_err(), KeyError::PrivateKey);
    assert_eq!(key("small.key.pem", "small.cert.pem").unwrap_err(), KeyError::PrivateKey);
    assert_eq!(key("sp.cert.pem", "sp.cert.pem").unwrap_err(), KeyError::PrivateKey);
    assert_eq!(key("sp.key.pem", "sp.key.pem").unwrap_err(), KeyError::Certificate);
}
