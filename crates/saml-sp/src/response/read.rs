//! Reading what was verified, from the tree that it was verified on.

use std::collections::{HashMap, hash_map::Entry};

use super::{
    conditions::Checked,
    signature::Signatures,
    structure::{self, Parts},
};
use crate::{Attribute, NameId, Refusal, VerifiedAssertion, names, xml::Node};

pub(super) fn assertion(
    parts: Parts<'_>,
    checked: &Checked<'_>,
    signatures: Signatures,
) -> Result<VerifiedAssertion, Refusal> {
    let Parts { response, assertion, .. } = parts;
    let missing = |what| Refusal::Missing { what };
    let id = assertion.attribute("ID").filter(|id| !id.is_empty());
    let issuer = structure::issuer(assertion).and_then(Node::token);
    let context = checked
        .statement
        .only(names::SAML, "AuthnContext")
        .and_then(|context| context.only(names::SAML, "AuthnContextClassRef"));
    Ok(VerifiedAssertion {
        id: id.ok_or(missing("id of the assertion"))?.to_owned(),
        issuer: issuer.ok_or(missing("issuer"))?,
        // `conditions` found it to be the one in the signed confirmation too.
        in_response_to: response.attribute("InResponseTo").map(str::to_owned),
        replay_until: checked.replay_until,
        name_id: name_id(assertion)?,
        session_index: checked.statement.attribute("SessionIndex").map(str::to_owned),
        authn_instant: checked.authn_instant,
        session_not_on_or_after: checked.session_end,
        authn_context: context.and_then(Node::token),
        attributes: attributes(assertion)?,
        signed: signatures.signed,
        signed_by: signatures.by,
    })
}

fn name_id(assertion: Node<'_>) -> Result<NameId, Refusal> {
    let node = assertion
        .only(names::SAML, "Subject")
        .and_then(|subject| subject.only(names::SAML, "NameID"));
    let value = node.and_then(Node::text).filter(|text| !text.trim().is_empty());
    let (Some(node), Some(value)) = (node, value) else {
        return Err(Refusal::Missing { what: "nameid" });
    };
    let qualifier = |name| node.attribute(name).map(str::to_owned);
    Ok(NameId {
        value,
        format: qualifier("Format").unwrap_or_else(|| names::UNSPECIFIED.to_owned()),
        name_qualifier: qualifier("NameQualifier"),
        sp_name_qualifier: qualifier("SPNameQualifier"),
    })
}

/// Those of one name are one attribute, whichever statement they stand in.
pub(super) fn attributes(assertion: Node<'_>) -> Result<Vec<Attribute>, Refusal> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let statements = assertion.all(names::SAML, "AttributeStatement");
    for node in statements.flat_map(|statement| statement.all(names::SAML, "Attribute")) {
        let name = node.attribute("Name").filter(|name| !name.is_empty());
        let name = name.ok_or(Refusal::Missing { what: "name of an attribute" })?;
        let values = node.all(names::SAML, "AttributeValue").filter(|value| !value.is_nil());
        let values = values.filter_map(Node::text);
        match places.entry(name) {
            Entry::Occupied(place) => {
                if let Some(attribute) = attributes.get_mut(*place.get()) {
                    attribute.values.extend(values);
                }
            }
            Entry::Vacant(place) => {
                place.insert(attributes.len());
                attributes.push(Attribute {
                    name: name.to_owned(),
                    friendly_name: node.attribute("FriendlyName").map(str::to_owned),
                    values: values.collect(),
                });
            }
        }
    }
    Ok(attributes)
}
