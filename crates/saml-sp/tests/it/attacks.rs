//! Signature wrapping and its relatives, made from genuine messages.

use crate::{
    forge,
    support::{Scene, idp, message},
};

/// A genuine message taken apart.
struct Genuine {
    xml: String,
    /// The signed element, with its signature.
    signed: String,
    signature: String,
}

impl Genuine {
    fn new(name: &str, element: &str) -> Self {
        let xml = message(name);
        let xml = xml.trim_start_matches("<?xml version=\"1.0\"?>").trim_start().to_owned();
        let cut = |name: &str| {
            let start = xml.find(&format!(":{name} ")).and_then(|at| xml[..at].rfind('<')).unwrap();
            let end_tag = format!(":{name}>");
            let end = xml[start..].find(&end_tag).unwrap() + start + end_tag.len();
            xml[start..end].to_owned()
        };
        let (signed, signature) = (cut(element), cut("Signature"));
        Self { xml, signed, signature }
    }

    fn without_signature(&self) -> String {
        self.signed.replace(&self.signature, "")
    }

    /// What the attacker wants to be read: another person, under other ids, with the signature or without.
    fn evil(&self, signature: &str) -> String {
        let evil = self.signed.replace(&self.signature, "[signature]");
        let evil = evil.replace(" ID=\"", " ID=\"evil-");
        assert!(evil.contains("ada-7f3a") && evil.contains("[signature]"));
        evil.replace("ada-7f3a", "mallory").replace("[signature]", signature)
    }

    /// In place of the signed element.
    fn with(&self, other: &str) -> String {
        self.xml.replace(&self.signed, other)
    }
}

/// The eight wrappings of "On Breaking SAML" (USENIX Security 2012), as SAML Raider numbers them.
fn wrappings(response: &Genuine, assertion: &Genuine) -> [(&'static str, String); 8] {
    let inside = |signature: &str, what: &str| {
        let end = signature.rfind("</").unwrap();
        format!("{}{what}{}", &signature[..end], &signature[end..])
    };
    let object = |what: &str| {
        format!("<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{what}</ds:Object>")
    };
    let extensions = |what: &str| format!("<ns0:Extensions>{what}</ns0:Extensions>");
    let (r, a) = (response, assertion);
    let original = a.without_signature();
    let in_evil = {
        let evil = a.evil("");
        let end = evil.rfind("</").unwrap();
        format!("{}{}{}", &evil[..end], a.signed, &evil[end..])
    };
    [
        ("xsw1", r.evil(&inside(&r.signature, &r.without_signature()))),
        ("xsw2", r.evil(&format!("{}{}", r.without_signature(), r.signature))),
        ("xsw3", a.with(&format!("{}{}", a.evil(""), a.signed))),
        ("xsw4", a.with(&in_evil)),
        ("xsw5", a.with(&format!("{}{original}", a.evil(&a.signature)))),
        ("xsw6", a.with(&a.evil(&inside(&a.signature, &original)))),
        ("xsw7", a.with(&format!("{}{}", extensions(&a.evil("")), a.signed))),
        ("xsw8", a.with(&a.evil(&inside(&a.signature, &object(&original))))),
    ]
}

#[test]
fn s01_no_wrapping_is_accepted() {
    let response = Genuine::new("pysaml2-response-signed", "Response");
    let assertion = Genuine::new("pysaml2-assertion-signed", "Assertion");
    let scene = Scene::new();
    assert_eq!(scene.outcome(&response.xml), "accepted");
    assert_eq!(scene.outcome(&assertion.xml), "accepted");
    let expected = [
        ("xsw1", "several_assertions"),
        ("xsw2", "several_assertions"),
        ("xsw3", "several_assertions"),
        ("xsw4", "several_assertions"),
        ("xsw5", "several_assertions"),
        ("xsw6", "several_assertions"),
        ("xsw7", "several_assertions"),
        ("xsw8", "several_assertions"),
    ];
    let made = wrappings(&response, &assertion);
    for ((name, xml), (_, outcome)) in made.iter().zip(expected) {
        assert!(xml.contains("mallory") && xml.contains("ada-7f3a"), "{name}");
        assert_eq!(scene.outcome(xml), outcome, "{name}");
    }
    // The same where the wrapped original is not recognised by its name.
    for (name, xml) in &made {
        let hidden = xml.replace("ns1:Assertion>", "ns1:Assertion >");
        assert_ne!(scene.outcome(&hidden), "accepted", "{name}");
    }
}

/// With the one assertion counted, the other rules have to hold by themselves.
#[test]
fn s01_wrappings_around_a_single_assertion_are_refused() {
    let whole = Genuine::new("pysaml2-response-signed", "Response");
    let part = Genuine::new("pysaml2-assertion-signed", "Assertion");
    let both = Genuine::new("pysaml2-both-signed", "Response");
    let scene = Scene::new();
    let status =
        "<ns0:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></ns0:Status>";
    let after_status = |what: &str| part.xml.replace(&part.signed, "").replace(status, what);
    let original_without_assertion = {
        let start = whole.signed.find("<ns1:Assertion").unwrap();
        let end = whole.signed.find("</ns1:Assertion>").unwrap() + "</ns1:Assertion>".len();
        format!("{}{}", &whole.signed[..start], &whole.signed[end..])
    };
    #[rustfmt::skip]
    let cases = [
        ("response in a response",        whole.evil(&format!("{}{original_without_assertion}", "")),                                "misplaced"),
        ("assertion in extensions",       part.with(&format!("<ns0:Extensions>{}</ns0:Extensions>", part.signed)),                   "misplaced"),
        ("assertion in the status",       after_status(&status.replace("</ns0:Status>", &format!("<ns0:StatusDetail>{}</ns0:StatusDetail></ns0:Status>", part.signed))), "misplaced"),
        ("assertion of no namespace",     part.with(&part.signed.replace("ns1:Assertion", "Assertion")),                             "misplaced"),
        ("signature moved to response",   part.with(&format!("{}{}", part.signature, part.without_signature())),                     "signature_form"),
        ("signature moved to subject",    part.with(&part.without_signature().replace("<ns1:Subject>", &format!("<ns1:Subject>{}", part.signature))), "misplaced"),
        ("signature twice",               part.with(&part.signed.replace(&part.signature, &format!("{0}{0}", part.signature.replace(" Id=\"Signature2\"", "")))), "misplaced"),
        ("other person, same signature",  part.with(&part.signed.replace("ada-7f3a", "mallory")),                                    "digest"),
        ("other person, outer signature", whole.xml.replace("ada-7f3a", "mallory"),                                                  "digest"),
        ("other person, both signed",     both.xml.replace("ada-7f3a", "mallory"),                                                   "digest"),
        ("other id",                      part.with(&part.signed.replacen(" ID=\"", " ID=\"x", 1)),                                  "signature_form"),
    ];
    assert_eq!(scene.outcome(&both.xml), "accepted");
    for (rule, xml, expected) in cases {
        assert_ne!(xml, part.xml, "{rule}");
        assert_eq!(scene.outcome(&xml), expected, "{rule}");
    }
}

#[test]
fn s05_a_message_without_its_signatures_is_refused() {
    let scene = Scene::new();
    for (name, element) in
        [("pysaml2-assertion-signed", "Assertion"), ("pysaml2-response-signed", "Response")]
    {
        let genuine = Genuine::new(name, element);
        assert_eq!(scene.outcome(&genuine.xml), "accepted");
        assert_eq!(scene.outcome(&genuine.with(&genuine.without_signature())), "unsigned");
        let empty = "<ns2:Signature></ns2:Signature>";
        assert_eq!(
            scene.outcome(&genuine.xml.replace(&genuine.signature, empty)),
            "signature_form"
        );
    }
}

#[test]
fn s05_one_good_signature_does_not_excuse_a_bad_one() {
    let both = message("pysaml2-both-signed");
    let scene = Scene::new();
    assert_eq!(scene.outcome(&both), "accepted");
    // Each signature's value in turn: the first is of the response, the second of the assertion.
    for (turn, expected) in ["signature", "digest"].into_iter().enumerate() {
        let place = both.match_indices("SignatureValue>").nth(turn * 2).unwrap().0 + 20;
        let mut xml = both.clone();
        let other = if &xml[place..=place] == "A" { "B" } else { "A" };
        xml.replace_range(place..=place, other);
        assert_eq!(scene.outcome(&xml), expected, "{turn}");
    }
}

#[test]
fn s06_a_key_that_the_message_brings_is_not_used() {
    let scene = Scene::new();
    let theirs = message("pysaml2-attacker-key");
    let trusting = Scene { idp: idp(&["attacker"]), ..Scene::new() };
    assert_eq!(trusting.outcome(&theirs), "accepted", "the signature itself is right");
    assert_eq!(scene.outcome(&theirs), "signature");
    // Signed by the attacker, and naming our certificate.
    let unsigned = message("pysaml2-unsigned");
    let pem = crate::support::file("idp.cert.pem");
    let ours: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let info = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{ours}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         </ds:Signature>"
    );
    let naming = forge::template(forge::assertion_id(&unsigned)).replace("</ds:Signature>", &info);
    let by = |key| scene.outcome(&forge::with_signature(&unsigned, &naming, key));
    assert_eq!((by("idp"), by("attacker")), ("accepted", "signature"));
}

#[test]
fn s07_one_assertion_in_one_response() {
    let scene = Scene::new();
    let genuine = Genuine::new("pysaml2-assertion-signed", "Assertion");
    let other = message("samlp-assertion-signed");
    let other =
        &other[other.find("<saml:Assertion ").unwrap()..other.find("</samlp:Response>").unwrap()];
    assert_eq!(scene.outcome(&genuine.xml), "accepted");
    #[rustfmt::skip]
    let cases = [
        ("two signed assertions",      genuine.with(&format!("{}{other}", genuine.signed)), "several_assertions"),
        ("the same one twice",         genuine.with(&genuine.signed.repeat(2)),                      "xml_duplicate_id"),
        ("two roots",                  genuine.xml.repeat(2),                                        "xml"),
        ("an assertion as root",       genuine.signed.replacen(' ', " xmlns:ns1=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:ns2=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ", 1), "not_response"),
        ("no assertion",               genuine.with(""),                                             "no_assertion"),
        ("a response of saml 1.1",     genuine.xml.replace("ns0=\"urn:oasis:names:tc:SAML:2.0:protocol\"", "ns0=\"urn:oasis:names:tc:SAML:1.0:protocol\""), "not_response"),
    ];
    for (rule, xml, expected) in cases {
        assert_eq!(scene.outcome(&xml), expected, "{rule}");
    }
}

#[test]
fn s11_comments_do_not_cut_names_short() {
    let scene = Scene::new();
    let genuine = message("pysaml2-assertion-signed");
    assert_eq!(scene.outcome(&genuine), "accepted");
    // Canonicalisation drops comments, so the signature still holds.
    for (whole, cut) in
        [("ada-7f3a", "ada<!---->-7f3a"), (">engineering<", "><!-- x -->engineering<")]
    {
        assert!(genuine.contains(whole));
        assert_eq!(scene.outcome(&genuine.replace(whole, cut)), "xml_comment", "{cut}");
    }
    for (whole, cut) in [("ada-7f3a", "ada<?x?>-7f3a"), ("ada-7f3a", "ada<![CDATA[-7f3a]]>")] {
        assert_eq!(scene.outcome(&genuine.replace(whole, cut)), "xml", "{cut}");
    }
}

#[test]
fn s15_what_a_ledger_needs_is_exposed() {
    let scene = Scene::new();
    let genuine = message("pysaml2-assertion-signed");
    let first = scene.verify(&genuine).unwrap();
    let second = scene.verify(&genuine).unwrap();
    assert_eq!((first.issuer(), first.id()), (second.issuer(), second.id()));
    let last = first.replay_until();
    let before = last.minus(std::time::Duration::from_micros(1));
    assert_eq!(Scene { now: before, ..Scene::new() }.outcome(&genuine), "accepted");
    assert_eq!(Scene { now: last, ..Scene::new() }.outcome(&genuine), "expired");
}

#[test]
fn a_response_signed_outside_only_is_refused_where_assertions_must_be_signed() {
    let mut scene = Scene::new();
    let whole = message("pysaml2-response-signed");
    assert_eq!(scene.outcome(&whole), "accepted");
    scene.settings.want_assertions_signed = true;
    assert_eq!(scene.outcome(&whole), "assertion_unsigned");
    assert_eq!(scene.outcome(&message("pysaml2-assertion-signed")), "accepted");
    assert_eq!(scene.outcome(&message("pysaml2-both-signed")), "accepted");
}
