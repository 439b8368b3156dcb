//! Signatures: first that each has the one accepted form, then that it is right.
//!
//! The form leaves the library that verifies nothing to choose: one reference, to the signature's own parent; two fixed
//! transforms; algorithms from a list; keys from the configuration.

use bergshamra_dsig::{DsigContext, VerifyResult, verify};
use bergshamra_keys::KeysManager;
use uppsala::Document;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::structure::Parts;
use crate::{
    Element, Fingerprint, IdentityProvider, Refusal, ServiceProvider, Signed, names, shown::shown,
    xml::Node,
};

/// What was signed, and by which certificate.
#[derive(Clone, Copy)]
pub(super) struct Signatures {
    pub(super) signed: Signed,
    pub(super) by: Fingerprint,
}

pub(super) fn verify(
    document: &Document<'_>,
    xml: &str,
    parts: Parts<'_>,
    sp: &ServiceProvider,
    idp: &IdentityProvider,
) -> Result<Signatures, Refusal> {
    let signed = match (parts.response_signature, parts.assertion_signature) {
        (None, None) => return Err(Refusal::Unsigned),
        (Some(_), None) if sp.settings.want_assertions_signed => {
            return Err(Refusal::AssertionUnsigned);
        }
        (Some(_), None) => Signed::Response,
        (None, Some(_)) => Signed::Assertion,
        (Some(_), Some(_)) => Signed::Both,
    };
    let all = [
        (Element::Response, parts.response, parts.response_signature),
        (Element::Assertion, parts.assertion, parts.assertion_signature),
    ];
    let all: Vec<Claim<'_>> = all
        .into_iter()
        .filter_map(|(element, parent, signature)| {
            Some(Claim { element, parent, signature: signature? })
        })
        .collect();
    for claim in &all {
        claim.check_form()?;
    }
    let results = verify::verify_all_document_with_source(&context(idp), document, Some(xml));
    let results = results.unwrap_or_default();
    let mut by = None;
    for claim in &all {
        by = Some(claim.judge(&results)?);
    }
    let by = by.filter(|_| results.len() == all.len()).ok_or(Refusal::Unsigned)?;
    Ok(Signatures { signed, by })
}

/// Only the configured keys, and nothing of a chain: a certificate only carries its key here.
fn context(idp: &IdentityProvider) -> DsigContext {
    let mut keys = KeysManager::new();
    keys.add_keys(idp.certificates().iter().map(|certificate| certificate.key().clone()));
    DsigContext::new(keys)
        .with_trusted_keys_only(true)
        .with_strict_verification(true)
        .with_require_reference_digests(true)
}

/// A signature, and the element that it is inside of and must be about.
struct Claim<'d> {
    element: Element,
    parent: Node<'d>,
    signature: Node<'d>,
}

impl Claim<'_> {
    fn form(&self, holds: bool, what: &'static str) -> Result<(), Refusal> {
        if holds { Ok(()) } else { Err(Refusal::SignatureForm { element: self.element, what }) }
    }

    fn algorithm(&self, node: Node<'_>, accepted: &[&str]) -> Result<(), Refusal> {
        let algorithm = node.attribute("Algorithm").unwrap_or_default();
        if accepted.contains(&algorithm) {
            return Ok(());
        }
        Err(Refusal::Algorithm { element: self.element, algorithm: shown(algorithm) })
    }

    /// The children, which must be these and no others.
    fn children<'n, const N: usize>(
        &self,
        node: Node<'n>,
        names: [&str; N],
        what: &'static str,
    ) -> Result<[Node<'n>; N], Refusal> {
        let children: Vec<Node<'n>> = node.children().take(N + 1).collect();
        let named = children.iter().zip(names).all(|(child, name)| child.is(names::DS, name));
        self.form(named && node.has_no_text(), what)?;
        children.try_into().map_err(|_| Refusal::SignatureForm { element: self.element, what })
    }

    fn check_form(&self) -> Result<(), Refusal> {
        let known = ["Id", "URI", "Algorithm", "PrefixList"];
        let plain = self.signature.everything().all(|node| node.has_only_attributes(&known));
        self.form(plain, "an attribute that does not belong")?;

        let parts = "not one SignedInfo, one SignatureValue and at most one KeyInfo";
        let [info, value] = match self.signature.children().count() {
            3 => {
                let [info, value, keys] = self.children(
                    self.signature,
                    ["SignedInfo", "SignatureValue", "KeyInfo"],
                    parts,
                )?;
                let hints = ["X509Data", "KeyValue", "KeyName"];
                let known = |node: Node<'_>| hints.iter().any(|name| node.is(names::DS, name));
                self.form(keys.children().all(known), "a KeyInfo that refers to elsewhere")?;
                [info, value]
            }
            _ => self.children(self.signature, ["SignedInfo", "SignatureValue"], parts)?,
        };
        self.form(value.token().is_some(), "a SignatureValue that is not text")?;

        let parts = "not one canonicalisation, one method and one reference";
        let [c14n, method, reference] =
            self.children(info, ["CanonicalizationMethod", "SignatureMethod", "Reference"], parts)?;
        self.algorithm(c14n, &[names::EXC_C14N])?;
        self.prefixes(c14n)?;
        self.algorithm(method, names::SIGNATURES)?;
        self.form(method.children().next().is_none(), "a parameter of the method")?;
        self.check_reference(reference)
    }

    fn check_reference(&self, reference: Node<'_>) -> Result<(), Refusal> {
        let own = self.parent.attribute("ID").filter(|id| !id.is_empty());
        let uri = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
        self.form(own.is_some() && own == uri, "a reference to something else than its parent")?;

        let parts = "not transforms, one digest method and one digest";
        let [transforms, method, value] =
            self.children(reference, ["Transforms", "DigestMethod", "DigestValue"], parts)?;
        let parts = "not exactly two transforms";
        let [enveloped, c14n] = self.children(transforms, ["Transform", "Transform"], parts)?;
        self.algorithm(enveloped, &[names::ENVELOPED])?;
        self.form(enveloped.children().next().is_none(), "a parameter of a transform")?;
        self.algorithm(c14n, &[names::EXC_C14N])?;
        self.prefixes(c14n)?;
        self.algorithm(method, names::DIGESTS)?;
        self.form(method.children().next().is_none(), "a parameter of the digest method")?;

        let bare = |text: String| text.replace(|c: char| c.is_ascii_whitespace(), "");
        let digest = value.token().and_then(|text| STANDARD.decode(bare(text)).ok());
        let digest = digest.ok_or(Refusal::SignatureForm {
            element: self.element,
            what: "a DigestValue that is not base64",
        })?;
        self.form(!is_of_nothing(&digest), "the digest of nothing")
    }

    /// Exclusive canonicalisation may name prefixes to treat inclusively, and nothing else.
    fn prefixes(&self, method: Node<'_>) -> Result<(), Refusal> {
        let mut children = method.children();
        let list = |node: Node<'_>| {
            // Each prefix is looked up for each element: a long list would take long.
            let prefixes = node.attribute("PrefixList").unwrap_or_default();
            node.is(names::EXC_C14N, "InclusiveNamespaces")
                && node.children().next().is_none()
                && prefixes.split_ascii_whitespace().count() <= MAX_PREFIXES
        };
        let fits = children.next().is_none_or(list) && children.next().is_none();
        self.form(fits, "a parameter of the canonicalisation")
    }

    /// What the library found about this signature: that it covers the parent, and which certificate verified it.
    fn judge(&self, results: &[VerifyResult]) -> Result<Fingerprint, Refusal> {
        let element = self.element;
        let mut wrong = Refusal::Signature { element };
        for result in results {
            match result {
                VerifyResult::Valid { signature_node, references, key_info }
                    if *signature_node == self.signature.id() =>
                {
                    let [reference] = references.as_slice() else { break };
                    let covers = reference.digest_verified
                        && reference.resolved_node == Some(self.parent.id());
                    self.form(covers, "a reference to something else than its parent")?;
                    let certificate = key_info.x509_chain.first();
                    return certificate.map(|der| Fingerprint::of(der)).ok_or(wrong);
                }
                VerifyResult::Valid { .. } => {}
                VerifyResult::Invalid { reason } if reason.starts_with("Reference digest") => {
                    wrong = Refusal::Digest { element };
                }
                VerifyResult::Invalid { .. } => {}
            }
        }
        Err(wrong)
    }
}

/// Canonicalisation that yields no bytes would let one signature stand for anything.
fn is_of_nothing(value: &[u8]) -> bool {
    [&SHA256, &SHA384, &SHA512]
        .into_iter()
        .any(|algorithm| digest(algorithm, b"").as_ref() == value)
}

const MAX_PREFIXES: usize = 16;
