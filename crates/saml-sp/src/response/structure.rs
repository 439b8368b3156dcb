//! Where everything stands. Whatever could be mistaken for a response, an assertion or a signature is in its one place.

use uppsala::Document;

use crate::{Refusal, names, shown::shown, xml::Node};

/// The parts of a response that has the accepted shape. The signatures are not verified yet.
#[derive(Clone, Copy)]
pub(super) struct Parts<'d> {
    pub(super) response: Node<'d>,
    pub(super) assertion: Node<'d>,
    pub(super) response_signature: Option<Node<'d>>,
    pub(super) assertion_signature: Option<Node<'d>>,
}

pub(super) fn response<'d>(document: &'d Document<'d>) -> Result<Node<'d>, Refusal> {
    Node::root(document)
        .filter(|root| {
            root.is(names::SAMLP, "Response") && root.attribute("Version") == Some("2.0")
        })
        .ok_or(Refusal::NotResponse)
}

/// The issuer directly inside.
pub(super) fn issuer(node: Node<'_>) -> Option<Node<'_>> {
    node.only(names::SAML, "Issuer")
}

pub(super) fn parts<'d>(document: &'d Document<'d>) -> Result<Parts<'d>, Refusal> {
    let response = response(document)?;
    check_status(response)?;
    if let Some(node) = response.everything().find(|node| node.name().starts_with("Encrypted")) {
        return Err(Refusal::Encrypted { element: shown(node.name()) });
    }
    let found = response.everything().filter(|node| node.name() == "Assertion").count();
    let assertion = match (response.only(names::SAML, "Assertion"), found) {
        (Some(assertion), 1) => assertion,
        (_, 0) => return Err(Refusal::NoAssertion),
        (_, 1) => return Err(Refusal::Misplaced { element: "Assertion".into() }),
        (_, found) => return Err(Refusal::SeveralAssertions { found }),
    };
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Refusal::Missing { what: "version 2.0 of the assertion" });
    }
    let parts = Parts {
        response,
        assertion,
        response_signature: response.only(names::DS, "Signature"),
        assertion_signature: assertion.only(names::DS, "Signature"),
    };
    let places = [
        ("Response", [Some(response), None]),
        ("Signature", [parts.response_signature, parts.assertion_signature]),
        ("SignedInfo", [parts.response_signature, parts.assertion_signature].map(signed_info)),
    ];
    for node in response.everything() {
        let place = places.iter().find(|(name, _)| *name == node.name());
        if place
            .is_some_and(|(_, known)| !known.iter().flatten().any(|known| known.id() == node.id()))
        {
            return Err(Refusal::Misplaced { element: shown(node.name()) });
        }
    }
    Ok(parts)
}

fn signed_info(signature: Option<Node<'_>>) -> Option<Node<'_>> {
    signature?.only(names::DS, "SignedInfo")
}

fn check_status(response: Node<'_>) -> Result<(), Refusal> {
    let missing = Refusal::Missing { what: "status of the response" };
    let status = response.only(names::SAMLP, "Status").ok_or(missing.clone())?;
    let code = status.only(names::SAMLP, "StatusCode").ok_or(missing.clone())?;
    let value = code.attribute("Value").ok_or(missing)?;
    if value == names::SUCCESS {
        return Ok(());
    }
    let word = |value: &str| shown(value.rsplit(':').next().unwrap_or_default());
    let inner = code.only(names::SAMLP, "StatusCode").and_then(|code| code.attribute("Value"));
    let message = status.only(names::SAMLP, "StatusMessage").and_then(Node::token);
    Err(Refusal::Status {
        code: word(value),
        detail: inner.map(word).unwrap_or_default(),
        message: message.as_deref().map(shown).unwrap_or_default(),
    })
}
