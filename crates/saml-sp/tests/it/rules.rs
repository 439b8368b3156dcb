//! For whom, when and why: one thing is wrong in a message that the right identity provider signed.

use std::time::Duration;

use saml_sp::Moment;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    forge::{changed, signed},
    support::{ACS, IDP, REQUEST, SP, Scene, made, message},
};

#[test]
fn s16_s17_each_rule_by_itself() {
    let scene = Scene::new();
    assert_eq!(scene.outcome(&signed(&message("pysaml2-unsigned"), "idp")), "accepted");
    let audience = format!("<ns1:Audience>{SP}</ns1:Audience>");
    let restriction = format!("<ns1:AudienceRestriction>{audience}</ns1:AudienceRestriction>");
    let recipient = format!(" Recipient=\"{ACS}\"");
    let destination = format!(" Destination=\"{ACS}\"");
    let to = format!(" InResponseTo=\"{REQUEST}\"");
    let both_to = (format!("{to} Version"), format!("{recipient}{to}"));
    let other = "https://other.example/x";
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let issuer = format!(">{IDP}</ns1:Issuer>");
    let assertion_issuer = format!("{issuer}<ns1:Subject>");
    let format = " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"";
    let name = format!("<ns1:NameID{format}>ada-7f3a</ns1:NameID>");
    let end = "</ns1:AudienceRestriction>";
    let with = |tag: &str| format!("{end}{tag}");
    #[rustfmt::skip]
    let cases = [
        // rule                            part                becomes                                                outcome
        ("another audience",               &*audience,         "<ns1:Audience>https://other.example</ns1:Audience>",  "audience"),
        ("audience with a slash more",     &audience,          &format!("<ns1:Audience>{SP}/</ns1:Audience>"),        "audience"),
        ("audience in another case",       &audience,          &audience.replace("sp.example", "SP.example"),         "audience"),
        ("no audience",                    &audience,          "",                                                    "audience"),
        ("no restriction",                 &restriction,       "",                                                    "missing"),
        ("two audiences, one ours",        &audience,          &format!("<ns1:Audience>{other}</ns1:Audience>{audience}"), "accepted"),
        ("two restrictions, one not ours", end,                &with("<ns1:AudienceRestriction><ns1:Audience>x:y</ns1:Audience></ns1:AudienceRestriction>"), "audience"),
        ("one time use",                   end,                &with("<ns1:OneTimeUse/>"),                            "accepted"),
        ("an unknown condition",           end,                &with("<ns1:Condition xsi:type=\"x\"/>"),              "condition"),
        ("a condition of others",          end,                &with("<x:OneTimeUse xmlns:x=\"urn:x\"/>"),            "condition"),
        ("another recipient",              &recipient,         &format!(" Recipient=\"{other}\""),                    "recipient"),
        ("no recipient",                   &recipient,         "",                                                    "recipient"),
        ("another destination",            &destination,       &format!(" Destination=\"{other}\""),                  "destination"),
        ("no destination",                 &destination,       "",                                                    "destination"),
        ("another issuer outside",         &issuer,            ">https://evil.example</ns1:Issuer>",                  "issuer"),
        ("another issuer inside",          &assertion_issuer,  ">https://evil.example</ns1:Issuer><ns1:Subject>",     "issuer"),
        ("issuer of another format",       "nameid-format:entity", "nameid-format:x",                                 "missing"),
        ("another request outside",        &both_to.0,         " InResponseTo=\"_other\" Version",                    "in_response_to"),
        ("no request outside",             &both_to.0,         " Version",                                            "in_response_to"),
        ("another request inside",         &both_to.1,         &format!("{recipient} InResponseTo=\"_other\""),       "in_response_to"),
        ("no request inside",              &both_to.1,         &recipient,                                            "in_response_to"),
        ("holder of key",                  bearer,             "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",        "not_bearer"),
        ("sender vouches",                 bearer,             "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",       "not_bearer"),
        ("no nameid",                      &name,              "",                                                    "missing"),
        ("an empty nameid",                "ada-7f3a",         " ",                                                   "missing"),
        ("a nameid with an element",       "ada-7f3a",         "ada<x/>-7f3a",                                        "missing"),
        ("two nameids",                    &name,              &name.repeat(2),                                       "missing"),
        ("an encrypted id",                &name,              "<ns1:EncryptedID/>",                                  "encrypted"),
        ("an attribute without a name",    " Name=\"groups\"", "",                                                    "missing"),
        ("assertion of version 1.1",       "Assertion Version=\"2.0\"", "Assertion Version=\"1.1\"",                  "missing"),
        ("not a success",                  "status:Success",   "status:Requester",                                    "status"),
        ("spaces around the audience",     &audience,          &format!("<ns1:Audience> {SP}\n</ns1:Audience>"),      "accepted"),
    ];
    for (rule, from, to, expected) in cases {
        let xml = signed(&changed(from, to), "idp");
        assert_eq!(scene.outcome(&xml), expected, "{rule}: {:?}", scene.verify(&xml));
    }
}

#[test]
fn a_part_under_another_name_is_missing() {
    let unsigned = message("pysaml2-unsigned");
    for part in ["AuthnStatement", "Conditions", "Subject", "Status", "StatusCode"] {
        let other = unsigned.replace(&format!(":{part}"), ":Other");
        assert_eq!(Scene::new().outcome(&signed(&other, "idp")), "missing", "{part}");
    }
}

#[test]
fn s16_each_end_of_each_time() {
    let scene = Scene::new();
    assert_eq!(scene.settings.clock_allowance, Duration::from_secs(60));
    let unsigned = message("pysaml2-unsigned");
    let at = |seconds: i64| {
        let time = OffsetDateTime::from_unix_timestamp(made().unix_seconds() + seconds).unwrap();
        time.format(&Rfc3339).unwrap()
    };
    #[rustfmt::skip]
    let cases = [
        // moment                        element                        attribute              seconds  outcome
        (Moment::ConditionsEnd,          "ns1:Conditions",              "NotOnOrAfter",           -59,  "accepted"),
        (Moment::ConditionsEnd,          "ns1:Conditions",              "NotOnOrAfter",           -60,  "expired"),
        (Moment::ConditionsStart,        "ns1:Conditions",              "NotBefore",               60,  "accepted"),
        (Moment::ConditionsStart,        "ns1:Conditions",              "NotBefore",               61,  "not_yet"),
        (Moment::ConfirmationEnd,        "ns1:SubjectConfirmationData", "NotOnOrAfter",           -59,  "accepted"),
        (Moment::ConfirmationEnd,        "ns1:SubjectConfirmationData", "NotOnOrAfter",           -60,  "expired"),
        (Moment::ConfirmationStart,      "ns1:SubjectConfirmationData", "NotBefore",               60,  "accepted"),
        (Moment::ConfirmationStart,      "ns1:SubjectConfirmationData", "NotBefore",               61,  "not_yet"),
        (Moment::SessionEnd,             "ns1:AuthnStatement",          "SessionNotOnOrAfter",    -59,  "accepted"),
        (Moment::SessionEnd,             "ns1:AuthnStatement",          "SessionNotOnOrAfter",    -60,  "expired"),
        (Moment::AssertionIssued,        "ns1:Assertion",               "IssueInstant",            60,  "accepted"),
        (Moment::AssertionIssued,        "ns1:Assertion",               "IssueInstant",            61,  "not_yet"),
        (Moment::ResponseIssued,         "ns0:Response",                "IssueInstant",            60,  "accepted"),
        (Moment::ResponseIssued,         "ns0:Response",                "IssueInstant",            61,  "not_yet"),
    ];
    for (moment, element, attribute, seconds, expected) in cases {
        let xml = signed(&set(&unsigned, element, attribute, Some(&at(seconds))), "idp");
        let rule = format!("{moment} {seconds}");
        assert_eq!(scene.outcome(&xml), expected, "{rule}");
        if let Err(refusal) = scene.verify(&xml) {
            assert!(refusal.to_string().contains(&moment.to_string()), "{rule}: {refusal}");
        }
    }
    for (element, attribute) in [
        ("ns1:Conditions", "NotOnOrAfter"),
        ("ns1:SubjectConfirmationData", "NotOnOrAfter"),
        ("ns1:AuthnStatement", "AuthnInstant"),
        ("ns1:Assertion", "IssueInstant"),
        ("ns0:Response", "IssueInstant"),
    ] {
        let xml = signed(&set(&unsigned, element, attribute, None), "idp");
        assert_eq!(scene.outcome(&xml), "missing", "no {attribute} of {element}");
        let xml = signed(&set(&unsigned, element, attribute, Some("tomorrow")), "idp");
        assert_eq!(scene.outcome(&xml), "missing", "{attribute} of {element} is no time");
    }
}

#[test]
fn without_an_allowance_the_second_itself_decides() {
    let genuine = message("pysaml2-assertion-signed");
    let end = Scene::new().verify(&genuine).unwrap().replay_until().minus(Duration::from_secs(60));
    let start = end.minus(Duration::from_secs(300));
    let second = Duration::from_secs(1);
    for (now, expected) in [
        (start.minus(second), "not_yet"),
        (start, "accepted"),
        (end.minus(second), "accepted"),
        (end, "expired"),
        (end.plus(second), "expired"),
    ] {
        let mut scene = Scene { now, ..Scene::new() };
        scene.settings.clock_allowance = Duration::ZERO;
        assert_eq!(scene.outcome(&genuine), expected, "{now:?}");
    }
}

#[test]
fn s16_ours_is_what_is_configured() {
    let genuine = message("pysaml2-both-signed");
    assert_eq!(Scene::new().outcome(&genuine), "accepted");
    let mut scene = Scene::new();
    scene.settings.entity_id = "https://other.example/metadata".into();
    assert_eq!(scene.outcome(&genuine), "audience");
    let mut scene = Scene::new();
    scene.settings.acs_url = "https://sp.example/saml/acs/".into();
    assert_eq!(scene.outcome(&genuine), "destination");
    let scene = Scene { expected: Some("_another"), ..Scene::new() };
    assert_eq!(scene.outcome(&genuine), "in_response_to");
    let scene = Scene { expected: Some(""), ..Scene::new() };
    assert_eq!(scene.outcome(&genuine), "in_response_to");
}

#[test]
fn one_confirmation_that_holds_is_enough() {
    let scene = Scene::new();
    let unsigned = message("pysaml2-unsigned");
    let start = unsigned.find("<ns1:SubjectConfirmation ").unwrap();
    let tag = "</ns1:SubjectConfirmation>";
    let end = unsigned.find(tag).unwrap() + tag.len();
    let good = &unsigned[start..end];
    let bad = good.replace(ACS, "https://other.example/acs");
    let with = |what: &str| scene.outcome(&signed(&unsigned.replace(good, what), "idp"));
    assert_eq!(with(&format!("{bad}{good}")), "accepted");
    assert_eq!(with(&format!("{bad}{bad}")), "recipient");
}

#[test]
fn s22_attributes_of_one_name_are_merged_in_order() {
    let more = "<ns1:Attribute Name=\"groups\"><ns1:AttributeValue>ops</ns1:AttributeValue>\
                <ns1:AttributeValue><x/></ns1:AttributeValue>\
                <ns1:AttributeValue xsi:nil=\"true\"/></ns1:Attribute></ns1:AttributeStatement>\
                <ns1:AttributeStatement><ns1:Attribute Name=\"Groups\"><ns1:AttributeValue/></ns1:Attribute>\
                <ns1:Attribute Name=\"groups\"><ns1:AttributeValue>a&#10;b</ns1:AttributeValue></ns1:Attribute>\
                </ns1:AttributeStatement>";
    let xml = signed(&changed("</ns1:AttributeStatement>", more), "idp");
    let assertion = Scene::new().verify(&xml).unwrap();
    let groups: Vec<_> = assertion.attributes().iter().filter(|a| a.name == "groups").collect();
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].values[4..], ["ops", "a\nb"]);
    let other = assertion.attributes().iter().find(|a| a.name == "Groups").unwrap();
    assert_eq!(other.values, [""]);
}

#[test]
fn the_status_of_a_failure_is_told() {
    let refusal = Scene::new().verify(&message("pysaml2-failed")).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the identity provider answered with status `Responder`, `AuthnFailed`: wrong password"
    );
}

/// With an attribute of an element set, or taken away.
fn set(xml: &str, element: &str, attribute: &str, value: Option<&str>) -> String {
    let start = xml.find(&format!("<{element} ")).unwrap() + element.len() + 1;
    let end = xml[start..].find('>').unwrap() + start;
    let (mut tag, place) = (xml[start..end].to_owned(), format!(" {attribute}=\""));
    if let Some(at) = tag.find(&place) {
        let close = tag[at + place.len()..].find('"').unwrap() + at + place.len();
        tag.replace_range(at..=close, "");
    }
    let value = value.map(|value| format!("{place}{value}\"")).unwrap_or_default();
    format!("{}{value}{tag}{}", &xml[..start], &xml[end..])
}
