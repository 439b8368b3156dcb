//! Messages of identity providers that are not ours.

use saml_sp::{Expected, Fingerprint, ServiceProvider, Signed, UnverifiedResponse};

use crate::support::{IDP, REQUEST, Scene, certificate, idp, made, message};

#[test]
fn properly_signed_messages_are_accepted_and_all_others_refused() {
    #[rustfmt::skip]
    let cases = [
        // message                      certificates         outcome
        ("pysaml2-assertion-signed",    &["idp"][..],        "accepted"),
        ("pysaml2-response-signed",     &["idp"],            "accepted"),
        ("pysaml2-both-signed",         &["idp"],            "accepted"),
        ("pysaml2-sha384",              &["idp"],            "accepted"),
        ("pysaml2-sha512",              &["idp"],            "accepted"),
        ("pysaml2-session-end",         &["idp"],            "accepted"),
        ("pysaml2-next-key",            &["idp", "next"],    "accepted"),
        ("pysaml2-assertion-signed",    &["next", "idp"],    "accepted"),
        ("samlp-assertion-signed",      &["idp"],            "accepted"),
        ("samlp-response-signed",       &["idp"],            "accepted"),
        ("samlp-both-signed",           &["idp"],            "accepted"),
        ("samlp-prefix",                &["idp"],            "accepted"),
        ("xmlsec1-p256",                &["p256"],           "accepted"),
        ("xmlsec1-p384",                &["idp", "p384"],    "accepted"),
        ("pysaml2-next-key",            &["idp"],            "signature"),
        ("pysaml2-attacker-key",        &["idp", "next"],    "signature"),
        ("pysaml2-small-key",           &["idp"],            "signature"),
        ("xmlsec1-p256",                &["idp", "p384"],    "signature"),
        ("pysaml2-sha1-signature",      &["idp"],            "algorithm"),
        ("pysaml2-sha1-digest",         &["idp"],            "algorithm"),
        ("samlp-sha1",                  &["idp"],            "algorithm"),
        ("pysaml2-unsigned",            &["idp"],            "unsigned"),
        ("pysaml2-encrypted",           &["idp"],            "encrypted"),
        ("pysaml2-failed",              &["idp"],            "status"),
        ("pysaml2-unsolicited",         &["idp"],            "in_response_to"),
        ("pysaml2-metadata",            &["idp"],            "not_response"),
    ];
    for (name, certificates, expected) in cases {
        let scene = Scene { idp: idp(certificates), ..Scene::new() };
        assert_eq!(
            scene.outcome(&message(name)),
            expected,
            "{name}: {:?}",
            scene.verify(&message(name))
        );
    }
}

#[test]
fn all_that_is_vouched_for_is_read() {
    let assertion = Scene::new().verify(&message("pysaml2-both-signed")).unwrap();
    assert_eq!(assertion.issuer(), IDP);
    assert_eq!(assertion.in_response_to(), Some(REQUEST));
    assert_eq!(assertion.signed(), Signed::Both);
    assert_eq!(assertion.signed_by(), certificate("idp").fingerprint());
    assert_eq!(assertion.name_id().value, "ada-7f3a");
    assert_eq!(assertion.name_id().format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
    assert!(assertion.id().starts_with("id-"));
    assert!(assertion.session_index().is_some());
    assert!(assertion.session_not_on_or_after().is_none());
    assert!(assertion.authn_context().unwrap().ends_with("PasswordProtectedTransport"));
    // Five minutes from when it was made, and the allowance.
    let kept = assertion.replay_until().since(made()).as_secs();
    assert!((355..=361).contains(&kept), "{kept}");
    let pairs: Vec<_> = assertion.attribute_pairs().collect();
    #[rustfmt::skip]
    let expected = [
        ("urn:oid:0.9.2342.19200300.100.1.3",  "ada@example.com"),
        ("urn:oid:2.5.4.42",                   "Ada"),
        ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1",   "staff"),
        ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1",   "member"),
        ("groups",                             "engineering"),
        ("groups",                             " padded "),
        ("groups",                             "R&D <core>"),
        ("groups",                             "Überwachung"),
    ];
    assert_eq!(pairs, expected);
    assert_eq!(assertion.attributes()[0].friendly_name.as_deref(), Some("mail"));
    let shown = format!("{assertion:?}");
    assert!(!shown.contains("ada-") && !shown.contains("mail"), "{shown}");
}

#[test]
fn the_certificate_that_verified_is_named() {
    let scene = Scene { idp: idp(&["idp", "next"]), ..Scene::new() };
    let by = |name| scene.verify(&message(name)).unwrap().signed_by();
    assert_eq!(by("pysaml2-next-key"), certificate("next").fingerprint());
    assert_eq!(by("samlp-prefix"), certificate("idp").fingerprint());
    assert_eq!(by("samlp-prefix"), scene.idp.certificates()[0].fingerprint());
    assert_eq!(Fingerprint::of(b"").to_string().len(), 64);
}

#[test]
fn a_posted_field_may_be_wrapped_and_unpadded() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let field = STANDARD.encode(message("samlp-both-signed"));
    let lines: Vec<_> =
        field.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).unwrap()).collect();
    let scene = Scene::new();
    let sp = ServiceProvider::new(scene.settings).unwrap();
    for field in [field.as_str(), &lines.join("\r\n"), field.trim_end_matches('=')] {
        let response = UnverifiedResponse::from_form(field).unwrap();
        assert_eq!(response.unverified_issuer(), Some(IDP));
        assert_eq!(response.unverified_in_response_to(), Some(REQUEST));
        response.verify(&sp, &scene.idp, Expected::ReplyTo(REQUEST), scene.now).unwrap();
    }
}

#[test]
fn s17_the_identity_provider_may_start_only_where_that_is_allowed() {
    let xml = message("pysaml2-unsolicited");
    let mut scene = Scene { expected: None, ..Scene::new() };
    assert_eq!(scene.outcome(&xml), "unsolicited");
    scene.settings.allow_unsolicited = true;
    assert_eq!(scene.verify(&xml).unwrap().in_response_to(), None);
    // An answer to somebody's request can not pass for one that was not asked for.
    assert_eq!(scene.outcome(&message("pysaml2-assertion-signed")), "in_response_to");
}
