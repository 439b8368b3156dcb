//! Hostile XML to a tree in which nothing is ambiguous, or a fault.
//!
//! There is one parser and one tree: signatures are checked on the tree that values are read from.

use std::collections::HashSet;

use uppsala::{Document, NodeId, NodeKind, Parser};

mod fault;
mod node;
mod write;

pub use fault::XmlFault;

pub(crate) use node::Node;
pub(crate) use write::escape;

/// What a document may hold beside elements and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Nothing: no comment, no processing instruction, no CDATA section.
    Strict,
    /// Comments and processing instructions, as people write into files; never inside a value that is read.
    Commented,
}

/// Parses, within limits, what is one well-formed document in UTF-8.
pub(crate) fn parse(text: &str, markup: Markup) -> Result<Document<'_>, XmlFault> {
    if markup == Markup::Strict {
        refuse_markup(text)?;
    }
    count_attributes(text)?;
    let document = Parser::new()
        .with_max_depth(MAX_DEPTH)
        .with_forbid_dtd(true)
        .with_forbid_entities(true)
        .with_max_entity_expansion(0)
        .parse(text)
        .map_err(|error| fault::of(&error))?;
    check_declaration(&document)?;
    let mut ids = HashSet::new();
    for node in document.descendants(document.root()) {
        check_element(&document, node, &mut ids)?;
    }
    Ok(document)
}

/// The bytes as text: UTF-8, with or without a byte order mark.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, XmlFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlFault::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// `<` can stand in no attribute value and no text, so in a well-formed document these are all there are.
fn refuse_markup(text: &str) -> Result<(), XmlFault> {
    let body = text.strip_prefix("<?xml ").unwrap_or(text);
    let mut elements = 0;
    for (place, _) in body.match_indices('<') {
        match body.as_bytes().get(place + 1) {
            Some(b'/') => {}
            Some(b'?') => return Err(XmlFault::ProcessingInstruction),
            Some(b'!') => {
                let rest = body.get(place..).unwrap_or_default();
                return Err(match rest {
                    rest if rest.starts_with("<!--") => XmlFault::Comment,
                    rest if rest.starts_with("<![CDATA[") => XmlFault::CData,
                    _ => XmlFault::Doctype,
                });
            }
            _ => elements += 1,
        }
    }
    if elements > MAX_ELEMENTS { Err(XmlFault::TooManyElements) } else { Ok(()) }
}

/// Parsers and canonicalisation compare the attributes of an element with each other, so their number is bounded first.
/// Where a text is not well-formed this may count too much or too little; the parser will say so.
fn count_attributes(text: &str) -> Result<(), XmlFault> {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        rest = tag;
        let mut count = 0;
        while let Some(at) = rest.find(['"', '\'', '>']) {
            let quote = rest.as_bytes().get(at).copied();
            rest = rest.get(at + 1..).unwrap_or_default();
            if quote == Some(b'>') {
                break;
            }
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(XmlFault::TooManyAttributes);
            }
            let quote = if quote == Some(b'"') { '"' } else { '\'' };
            rest = rest.split_once(quote).map_or("", |(_, after)| after);
        }
    }
    Ok(())
}

/// The bytes were read as UTF-8; a document that says otherwise means something else.
fn check_declaration(document: &Document<'_>) -> Result<(), XmlFault> {
    let encoding = document.xml_declaration.as_ref().and_then(|d| d.encoding.as_deref());
    match encoding {
        Some(name) if !name.eq_ignore_ascii_case("utf-8") => Err(XmlFault::NotUtf8),
        _ => Ok(()),
    }
}

fn check_element(
    document: &Document<'_>,
    node: NodeId,
    ids: &mut HashSet<String>,
) -> Result<(), XmlFault> {
    let Some(NodeKind::Element(element)) = document.node_kind(node) else { return Ok(()) };
    for (prefix, uri) in &element.namespace_declarations {
        let undone = prefix.is_empty() && uri.is_empty();
        if !undone && !is_absolute(uri) {
            return Err(XmlFault::RelativeNamespace);
        }
    }
    let undeclared =
        |prefix: &Option<_>, uri: &Option<_>| -> bool { prefix.is_some() && uri.is_none() };
    if undeclared(&element.name.prefix, &element.name.namespace_uri) {
        return Err(XmlFault::UndeclaredPrefix);
    }
    let mut names = HashSet::new();
    let mut identified = false;
    for attribute in &element.attributes {
        let name = &attribute.name;
        if undeclared(&name.prefix, &name.namespace_uri) {
            return Err(XmlFault::UndeclaredPrefix);
        }
        if !names.insert((name.namespace_uri.as_deref(), &*name.local_name)) {
            return Err(XmlFault::DuplicateAttribute);
        }
        if is_id(&name.local_name) {
            if identified || !ids.insert(attribute.value.to_string()) {
                return Err(XmlFault::DuplicateId);
            }
            identified = true;
        }
    }
    Ok(())
}

/// Every spelling that some library takes for an id.
fn is_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("assertionid")
}

/// Whether it has a scheme. Canonicalisation is not defined for namespaces that are relative.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && uri.chars().all(|c| c.is_ascii_graphic())
    })
}

const MAX_DEPTH: u32 = 48;
/// Of a message. Attributes with 5,000 values are fewer, and canonicalisation costs most for each element.
const MAX_ELEMENTS: usize = 8_192;
/// Of one element, declarations of namespaces included.
const MAX_ATTRIBUTES: usize = 64;
