//! Messages with one thing changed and then signed by whom we like: what an identity provider with a fault, or one that
//! is not ours, could send.

use bergshamra_dsig::{DsigContext, sign};
use bergshamra_keys::{KeysManager, loader};

use crate::support::{file, message};

/// Just after the issuer of the assertion, where a signature belongs.
pub(crate) fn place_of_signature(xml: &str) -> usize {
    let assertion = xml.find(":Assertion ").unwrap();
    let issuer = xml[assertion..].find(":Issuer>").unwrap() + assertion;
    issuer + ":Issuer>".len()
}

/// The id of the assertion.
pub(crate) fn assertion_id(xml: &str) -> &str {
    let tag = &xml[xml.find(":Assertion ").unwrap()..];
    tag.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// The accepted form of a signature, not signed yet.
pub(crate) fn template(id: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
         <ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>\
         </ds:Signature>"
    )
}

/// Fills a template in; a form that cannot be signed gets values that are wrong.
pub(crate) fn fill(xml: &str, key: &str) -> String {
    let mut keys = KeysManager::new();
    let pem = file(&format!("{key}.key.pem"));
    keys.add_key(loader::load_pem_auto(pem.as_bytes(), None).unwrap());
    sign::sign(&DsigContext::new_permissive(keys), xml).unwrap_or_else(|_| {
        xml.replace("<ds:DigestValue></", "<ds:DigestValue>AAAA</")
            .replace("<ds:SignatureValue></", "<ds:SignatureValue>AAAA</")
    })
}

/// The unsigned message with one part replaced; the part must be there.
pub(crate) fn changed(from: &str, to: &str) -> String {
    let xml = message("pysaml2-unsigned");
    assert!(xml.contains(from), "`{from}` is not in the message");
    xml.replacen(from, to, 1)
}

/// Signed as it is by this key.
pub(crate) fn signed(xml: &str, key: &str) -> String {
    with_signature(xml, &template(assertion_id(xml)), key)
}

/// With this signature put in its place and filled in.
pub(crate) fn with_signature(xml: &str, signature: &str, key: &str) -> String {
    let place = place_of_signature(xml);
    fill(&format!("{}{signature}{}", &xml[..place], &xml[place..]), key)
}
