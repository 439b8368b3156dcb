//! Answers in XML: the form that STS gives unasked, and that stand-ins for it give always.
//!
//! Read as events along fixed paths. No document type, processing instruction, comment or CDATA section is
//! let pass: each has been used to make two parsers read one document differently.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
    name::PrefixDeclaration,
};

use super::{ErrorFields, Fields};

pub(super) fn identity(body: &str) -> Result<Fields, &'static str> {
    let [_, _, arn, user_id, account, ..] = read(
        body,
        [
            Element { name: "GetCallerIdentityResponse", within: None },
            Element { name: "GetCallerIdentityResult", within: Some(0) },
            Element { name: "Arn", within: Some(1) },
            Element { name: "UserId", within: Some(1) },
            Element { name: "Account", within: Some(1) },
            Element { name: "ResponseMetadata", within: Some(0) },
            Element { name: "RequestId", within: Some(5) },
        ],
    )?;
    let missing = "its xml lacks `Arn`, `UserId` or `Account`";
    Ok(Fields {
        arn: arn.ok_or(missing)?,
        user_id: user_id.ok_or(missing)?,
        account: account.ok_or(missing)?,
    })
}

pub(super) fn error(body: &str) -> Result<ErrorFields, &'static str> {
    let [_, _, code, message, ..] = read(
        body,
        [
            Element { name: "ErrorResponse", within: None },
            Element { name: "Error", within: Some(0) },
            Element { name: "Code", within: Some(1) },
            Element { name: "Message", within: Some(1) },
            Element { name: "Type", within: Some(1) },
            Element { name: "Detail", within: Some(1) },
            Element { name: "RequestId", within: Some(0) },
        ],
    )?;
    Ok(ErrorFields {
        code: code.ok_or("its xml lacks `Code`")?,
        message: message.unwrap_or_default(),
    })
}

/// An element that a document may have, once.
#[derive(Clone, Copy)]
struct Element {
    name: &'static str,
    /// The place in the list of the element that it stands in; `None` for the root.
    within: Option<usize>,
}

/// The text of each of these elements, `None` for one that is not there. An element elsewhere, or one that
/// comes twice, is an error.
fn read<const N: usize>(
    body: &str,
    elements: [Element; N],
) -> Result<[Option<String>; N], &'static str> {
    // Neither a byte order mark nor blanks: what is first must be the document.
    if !body.starts_with('<') {
        return Err("it does not begin as xml");
    }
    let mut reader = Reader::from_str(body);
    let mut walk = Walk { elements, texts: [const { None }; N], at: None, prefix: None };
    let mut events = 0;
    loop {
        match reader.read_event().map_err(|_| "it is not xml")? {
            Event::Start(start) => walk.enter(&start)?,
            Event::Empty(start) => {
                walk.enter(&start)?;
                walk.leave();
            }
            Event::End(_) => walk.leave(),
            Event::Text(text) => walk.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let known = if reference.is_char_ref() {
                    reference.resolve_char_ref().ok().flatten()
                } else {
                    predefined(&reference.xml10_content())
                };
                let mut buffer = [0; 4];
                walk.text(known.ok_or("its xml has an unknown entity")?.encode_utf8(&mut buffer))?;
            }
            Event::Decl(_) if events == 0 => {}
            Event::Eof => return walk.finish(),
            Event::Decl(_)
            | Event::DocType(_)
            | Event::PI(_)
            | Event::Comment(_)
            | Event::CData(_) => {
                return Err("its xml has a document type, instruction, comment or cdata section");
            }
        }
        events += 1;
    }
}

/// Where the reader is, and what it has found.
struct Walk<const N: usize> {
    elements: [Element; N],
    /// `Some` for each element that has begun. Nothing is allocated for one without text.
    texts: [Option<String>; N],
    at: Option<usize>,
    /// The root's, bound to the namespace there; every other element must have the same.
    prefix: Option<String>,
}

impl<const N: usize> Walk<N> {
    fn enter(&mut self, start: &BytesStart<'_>) -> Result<(), &'static str> {
        if self.at.is_none() {
            self.bind(start)?;
        } else if start.attributes().next().is_some() {
            return Err("its xml has attributes");
        } else if start.name().prefix().as_ref().map(AsRef::as_ref) != self.prefix.as_deref() {
            return Err("its xml is of another namespace");
        }
        let (name, within) = (start.local_name(), self.at);
        let is_it = |element: &Element| element.within == within && element.name == name.as_ref();
        let place = self.elements.iter().position(is_it).ok_or("its xml has an unknown element")?;
        let text = self.texts.get_mut(place).ok_or("its xml has an unknown element")?;
        if text.replace(String::new()).is_some() {
            return Err("its xml has an element twice");
        }
        self.at = Some(place);
        Ok(())
    }

    /// Reads the root's attributes. Only there may a namespace be declared, so that a name means one thing
    /// in the whole document.
    fn bind(&mut self, root: &BytesStart<'_>) -> Result<(), &'static str> {
        self.prefix = root.name().prefix().map(|prefix| prefix.as_ref().to_owned());
        let mut bound = false;
        for attribute in root.attributes() {
            let attribute = attribute.map_err(|_| "it is not xml")?;
            let prefix = match attribute.key.as_namespace_binding() {
                Some(PrefixDeclaration::Default) => None,
                Some(PrefixDeclaration::Named(prefix)) => Some(prefix),
                None => return Err("its xml has attributes"),
            };
            bound |= prefix == self.prefix.as_deref() && attribute.value == NAMESPACE;
        }
        if bound { Ok(()) } else { Err("its xml is of another namespace") }
    }

    fn leave(&mut self) {
        self.at = self.at.and_then(|place| self.elements.get(place)).and_then(|own| own.within);
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        let leaf = self.at.filter(|at| self.elements.iter().all(|own| own.within != Some(*at)));
        match leaf.and_then(|place| self.texts.get_mut(place)) {
            Some(Some(own)) => own.push_str(text),
            _ if text.bytes().all(|b| b.is_ascii_whitespace()) => {}
            _ => return Err("its xml has text between the elements"),
        }
        Ok(())
    }

    fn finish(self) -> Result<[Option<String>; N], &'static str> {
        if self.at.is_none() { Ok(self.texts) } else { Err("its xml ends too early") }
    }
}

fn predefined(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// In every partition.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
