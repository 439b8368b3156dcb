//! What is refused before anything is believed: size, encoding, declarations, and whatever two parsers could read differently.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use saml_sp::{MAX_RESPONSE_BYTES, Refusal, UnverifiedResponse};

use crate::{
    forge,
    support::{Scene, message},
};

#[test]
fn s13_no_document_type_and_no_entities() {
    let scene = Scene::new();
    let genuine = message("pysaml2-assertion-signed");
    assert_eq!(scene.outcome(&genuine), "accepted");
    let body = genuine.trim_start_matches("<?xml version=\"1.0\"?>").trim_start();
    let named = body.replace("ada-7f3a", "&x;");
    let bomb: String = (1..20)
        .map(|n| format!("<!ENTITY x{n} \"{}\">", format!("&x{};", n - 1).repeat(10)))
        .collect();
    #[rustfmt::skip]
    let cases = [
        ("empty doctype",        format!("<!DOCTYPE x>{body}"),                                                       "xml_doctype"),
        ("xxe",                  format!("<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{named}"),          "xml_doctype"),
        ("external subset",      format!("<!DOCTYPE x SYSTEM \"https://evil.example/x.dtd\">{body}"),                 "xml_doctype"),
        ("parameter entity",     format!("<!DOCTYPE x [<!ENTITY % x SYSTEM \"https://evil.example/\">%x;]>{body}"),   "xml_doctype"),
        ("entity bomb",          format!("<!DOCTYPE x [<!ENTITY x0 \"ha\">{bomb}<!ENTITY x \"&x19;\">]>{named}"),     "xml_doctype"),
        ("behind a declaration", format!("<?xml version=\"1.0\"?>\n<!DOCTYPE x>{body}"),                              "xml_doctype"),
        ("unknown entity",       named.clone(),                                                                       "xml"),
        ("comment before",       format!("<!-- -->{body}"),                                                           "xml_comment"),
        ("comment behind",       format!("{body}<!-- -->"),                                                           "xml_comment"),
        ("stylesheet",           format!("<?xml-stylesheet href=\"x\"?>{body}"),                                      "xml"),
        ("second declaration",   format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{body}"),                     "xml"),
    ];
    for (rule, xml, expected) in cases {
        assert_eq!(scene.outcome(&xml), expected, "{rule}");
    }
}

#[test]
fn s04_s12_what_parsers_read_differently_is_refused() {
    let scene = Scene::new();
    let unsigned = message("pysaml2-unsigned");
    assert_eq!(scene.outcome(&forge::signed(&unsigned, "idp")), "accepted");
    let subject = "<ns1:Subject>";
    let many = format!("<ns1:Subject{}>", (0..65).map(|n| format!(" a{n}=''")).collect::<String>());
    let wide = format!("<ns1:Subject>{}", "<x/>".repeat(8_192));
    let deep = format!("<ns1:Subject>{}{}", "<x>".repeat(60), "</x>".repeat(60));
    #[rustfmt::skip]
    let cases = [
        ("relative namespace",           subject, "<ns1:Subject xmlns:x=\"x\">",                                           "xml"),
        ("relative default namespace",   subject, "<ns1:Subject xmlns=\"../x\">",                                          "xml"),
        ("namespace that only a scheme", subject, "<ns1:Subject xmlns:x=\"x:\">",                                          "xml"),
        ("undeclared prefix",            subject, "<ns1:Subject x:y=\"z\">",                                               "xml"),
        ("undeclared element prefix",    subject, "<ns1:Subject><x:y/>",                                                   "xml"),
        ("prefix taken back",            subject, "<ns1:Subject xmlns:xsi=\"\">",                                          "xml"),
        ("attribute twice",              subject, "<ns1:Subject a=\"1\" a=\"2\">",                                         "xml"),
        ("attribute twice by namespace", subject, "<ns1:Subject xmlns:a=\"u:x\" xmlns:b=\"u:x\" a:c=\"1\" b:c=\"2\">",     "xml"),
        ("two ids",                      subject, "<ns1:Subject ID=\"a\" Id=\"b\">",                                       "xml_duplicate_id"),
        ("8193 elements and more",       subject, &*wide,                                                                  "xml"),
        ("65 attributes",                subject, &*many,                                                                  "xml"),
        ("nested too deep",              subject, &*deep,                                                                  "xml"),
        ("a control character",          "ada-7f3a", "ada&#1;",                                                            "xml"),
        ("a bare ampersand",             "ada-7f3a", "ada & co",                                                           "xml"),
        ("a markup-like attribute",      subject, "<ns1:Subject a=\"<!--\">",                                              "xml_comment"),
    ];
    for (rule, from, to, expected) in cases {
        let xml = forge::signed(&forge::changed(from, to), "idp");
        assert_eq!(scene.outcome(&xml), expected, "{rule}: {:?}", scene.verify(&xml));
    }
    let id = forge::assertion_id(&unsigned).to_owned();
    for name in ["ID", "Id", "id", "xml:id", "AssertionID"] {
        let to = format!("<ns1:Subject {name}=\"{id}\">");
        let xml = forge::signed(&forge::changed(subject, &to), "idp");
        assert_eq!(scene.outcome(&xml), "xml_duplicate_id", "{name}");
    }
}

#[test]
fn only_utf_8_is_read() {
    let scene = Scene::new();
    let xml = message("samlp-both-signed");
    assert_eq!(scene.outcome(&xml), "accepted");
    assert_eq!(scene.outcome(&format!("\u{feff}{xml}")), "accepted");
    assert_eq!(
        scene.outcome(&format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{xml}")),
        "accepted"
    );
    assert_eq!(
        scene.outcome(&format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{xml}")),
        "xml"
    );
    let utf16: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&utf16[..], b"\xff\xfe<\0", b"<a>\xff</a>", b"", b" ", b"\0"] {
        assert_eq!(UnverifiedResponse::from_xml(bytes).unwrap_err().code(), "xml");
    }
}

#[test]
fn s14_size_is_looked_at_first() {
    let xml = message("samlp-both-signed");
    let filled = |bytes: usize| format!("{xml}{}", " ".repeat(bytes - xml.len()));
    assert_eq!(Scene::new().outcome(&filled(MAX_RESPONSE_BYTES)), "accepted");
    assert_eq!(Scene::new().outcome(&filled(MAX_RESPONSE_BYTES + 1)), "too_long");
    let form = |field: &str| UnverifiedResponse::from_form(field).map(|_| ());
    assert_eq!(form(&STANDARD.encode(filled(MAX_RESPONSE_BYTES))), Ok(()));
    assert_eq!(form(&"A".repeat(MAX_RESPONSE_BYTES * 2)), Err(Refusal::TooLong));
    for field in ["", "?", "PHNhbWxw=PHNh", "<samlp:Response/>", "PHhtbD4\u{fc}"] {
        assert!(form(field).is_err(), "{field}");
    }
    assert_eq!(form("a*b"), Err(Refusal::NotBase64));
}
