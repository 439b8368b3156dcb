//! Signatures of another form, by the right key wherever they can be made.

use crate::{
    forge,
    support::{Scene, message},
};

const TRANSFORMS: &str =
    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>";
const ENVELOPED: &str =
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
const REFERENCE_END: &str = "</ds:Reference>";

#[test]
fn s09_s10_only_the_one_form_is_accepted() {
    let unsigned = message("pysaml2-unsigned");
    let scene = Scene::new();
    let id = forge::assertion_id(&unsigned);
    let plain = forge::template(id);
    assert_eq!(scene.outcome(&forge::with_signature(&unsigned, &plain, "idp")), "accepted");
    let transform = |uri: &str, inside: &str| {
        format!("<ds:Transform Algorithm=\"{uri}\">{inside}</ds:Transform>{TRANSFORMS}")
    };
    let xpath = transform(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "<ds:XPath>not(self::x)</ds:XPath>",
    );
    let filter = transform("http://www.w3.org/2002/06/xmldsig-filter2", "<ds:XPath>/</ds:XPath>");
    let xslt = transform("http://www.w3.org/TR/1999/REC-xslt-19991116", "");
    let base64 = transform("http://www.w3.org/2000/09/xmldsig#base64", "");
    let prefixes = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
        <ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"xs xsi\"/>\
        </ds:Transform></ds:Transforms>";
    let long = prefixes.replace("xs xsi", &"a ".repeat(17));
    let second = format!(
        "{REFERENCE_END}<ds:Reference URI=\"#{id}\"><ds:Transforms>{ENVELOPED}{TRANSFORMS}<ds:DigestMethod \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue></ds:DigestValue>{REFERENCE_END}"
    );
    let uri = format!("\"#{id}\"");
    let hmac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    let rsa = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let c14n = "Method Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#";
    let comments = "Method Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
    let inclusive = "Method Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let response = unsigned.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap();
    // SHA-256 of no bytes at all.
    let nothing = "<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=<";
    #[rustfmt::skip]
    let cases = [
        // rule                              part of the template          becomes                                         outcome
        ("prefixes named inclusively",       TRANSFORMS,                   prefixes,                                       "accepted"),
        ("too many prefixes",                TRANSFORMS,                   &*long,                                         "signature_form"),
        ("xpath",                            TRANSFORMS,                   &*xpath,                                        "signature_form"),
        ("xpath filter",                     TRANSFORMS,                   &*filter,                                       "signature_form"),
        ("xslt",                             TRANSFORMS,                   &*xslt,                                         "signature_form"),
        ("base64",                           TRANSFORMS,                   &*base64,                                       "signature_form"),
        ("enveloped only",                   TRANSFORMS,                   "</ds:Transforms>",                             "signature_form"),
        ("canonicalisation only",            ENVELOPED,                    "",                                             "signature_form"),
        ("xpath in place of enveloped",      "2000/09/xmldsig#enveloped-signature", "TR/1999/REC-xpath-19991116",          "algorithm"),
        ("transform with comments",          "xml-exc-c14n#\"/></ds:T",    "xml-exc-c14n#WithComments\"/></ds:T",          "algorithm"),
        ("method with comments",             c14n,                         comments,                                       "algorithm"),
        ("inclusive canonicalisation",       c14n,                         inclusive,                                      "algorithm"),
        ("two references",                   REFERENCE_END,                &*second,                                       "signature_form"),
        ("the whole document",               &*uri,                        "\"\"",                                         "signature_form"),
        ("the response instead",             &*format!("\"#{id}\""),       &*format!("\"#{response}\""),                   "signature_form"),
        ("an xpointer",                      &*uri,                        &*format!("\"#xpointer(id('{id}'))\""),         "signature_form"),
        ("another file",                     &*uri,                        "\"https://evil.example/a.xml\"",               "signature_form"),
        ("an attachment",                    &*uri,                        "\"cid:x\"",                                    "signature_form"),
        ("no reference",                     " URI=",                      " Id=",                                         "signature_form"),
        ("hmac under the public key",        rsa,                          hmac,                                           "algorithm"),
        ("sha-1",                            rsa,                          "http://www.w3.org/2000/09/xmldsig#rsa-sha1",   "algorithm"),
        ("sha-1 digest",                     "2001/04/xmlenc#sha256",      "2000/09/xmldsig#sha1",                         "algorithm"),
        ("an object",                        "</ds:Signature>",            "<ds:Object/></ds:Signature>",                  "signature_form"),
        ("two signed infos",                 "</ds:SignedInfo>",           "</ds:SignedInfo><ds:SignedInfo/>",             "misplaced"),
        ("a signed info of no namespace",    "</ds:SignedInfo>",           "</ds:SignedInfo><SignedInfo/>",                "misplaced"),
        ("the digest of nothing",            "<ds:DigestValue><",          nothing,                                        "signature_form"),
        ("a manifest's type",                &*uri,                        &*format!("{uri} Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\""), "signature_form"),
        ("a second algorithm by prefix",     "<ds:SignatureMethod ",       &*format!("<ds:SignatureMethod ds:Algorithm=\"{hmac}\" "), "signature_form"),
        ("a key from elsewhere",             "</ds:Signature>",            "<ds:KeyInfo><ds:RetrievalMethod URI=\"#x\"/></ds:KeyInfo></ds:Signature>", "signature_form"),
        ("text between the parts",           "<ds:SignatureValue>",        "x<ds:SignatureValue>",                         "signature_form"),
    ];
    for (rule, from, to, expected) in cases {
        assert!(plain.contains(from), "{rule}");
        let other = plain.replacen(from, to, 1);
        let xml = forge::with_signature(&unsigned, &other, "idp");
        assert_eq!(scene.outcome(&xml), expected, "{rule}: {:?}", scene.verify(&xml));
    }
}

#[test]
fn s10_values_are_text_and_nothing_else() {
    let signed = forge::signed(&message("pysaml2-unsigned"), "idp");
    let scene = Scene::new();
    assert_eq!(scene.outcome(&signed), "accepted");
    // The signer fills in what is inside, so these are put there afterwards.
    for value in ["<ds:DigestValue>", "<ds:SignatureValue>"] {
        assert!(signed.contains(value));
        let other = signed.replacen(value, &format!("{value}<x/>"), 1);
        assert_eq!(scene.outcome(&other), "signature_form", "{value}");
    }
}

#[test]
fn s09_a_signature_is_signed_by_the_right_key_or_refused() {
    let unsigned = message("pysaml2-unsigned");
    let scene = Scene::new();
    assert_eq!(scene.outcome(&forge::signed(&unsigned, "idp")), "accepted");
    for key in ["attacker", "next", "sp"] {
        assert_eq!(scene.outcome(&forge::signed(&unsigned, key)), "signature", "{key}");
    }
}
