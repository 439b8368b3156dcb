//! Answers in XML: the form that STS gives unasked, and that stand-ins for it give always.
//!
//! Read as events along fixed paths. No document type, processing instruction, comment or CDATA section is
//! let pass: each has been used to make two parsers read one document differently.

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::{ErrorFields, Fields};

pub(super) fn identity(body: &str) -> Result<Fields, &'static str> {
    let [arn, user_id, account, _] = leaves(
        body,
        [
            "/GetCallerIdentityResponse/GetCallerIdentityResult/Arn",
            "/GetCallerIdentityResponse/GetCallerIdentityResult/UserId",
            "/GetCallerIdentityResponse/GetCallerIdentityResult/Account",
            "/GetCallerIdentityResponse/ResponseMetadata/RequestId",
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
    let [code, message, ..] = leaves(
        body,
        [
            "/ErrorResponse/Error/Code",
            "/ErrorResponse/Error/Message",
            "/ErrorResponse/Error/Type",
            "/ErrorResponse/Error/Detail",
            "/ErrorResponse/RequestId",
        ],
    )?;
    Ok(ErrorFields {
        code: code.ok_or("its xml lacks `Code`")?,
        message: message.unwrap_or_default(),
    })
}

/// The text of each of these elements. An element elsewhere, or one that comes twice, is an error.
fn leaves<const N: usize>(
    body: &str,
    paths: [&'static str; N],
) -> Result<[Option<String>; N], &'static str> {
    // Neither a byte order mark nor blanks: what is first must be the document.
    if !body.starts_with('<') {
        return Err("it does not begin as xml");
    }
    let mut reader = NsReader::from_str(body);
    let mut walk =
        Walk { paths, texts: [const { None }; N], path: String::new(), seen: Vec::new() };
    let mut events = 0;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| "it is not xml")?;
        match event {
            Event::Start(start) => walk.enter(&namespace, &start)?,
            Event::Empty(start) => {
                walk.enter(&namespace, &start)?;
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
    paths: [&'static str; N],
    texts: [Option<String>; N],
    path: String,
    seen: Vec<String>,
}

impl<const N: usize> Walk<N> {
    fn enter(
        &mut self,
        namespace: &ResolveResult<'_>,
        start: &BytesStart<'_>,
    ) -> Result<(), &'static str> {
        if !matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == NAMESPACE) {
            return Err("its xml is of another namespace");
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| "it is not xml")?;
            if attribute.key.as_namespace_binding().is_none() {
                return Err("its xml has attributes");
            }
        }
        self.path.push('/');
        self.path.push_str(start.local_name().as_ref());
        let inside = |path: &&str| {
            path.strip_prefix(self.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !self.paths.iter().any(inside) {
            return Err("its xml has an unknown element");
        }
        if self.seen.contains(&self.path) {
            return Err("its xml has an element twice");
        }
        self.seen.push(self.path.clone());
        if let Some(slot) = self.slot() {
            *slot = Some(String::new());
        }
        Ok(())
    }

    fn leave(&mut self) {
        let parent = self.path.rfind('/').unwrap_or(0);
        self.path.truncate(parent);
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        match self.slot() {
            Some(Some(slot)) => slot.push_str(text),
            _ if text.bytes().all(|b| b.is_ascii_whitespace()) => {}
            _ => return Err("its xml has text between the elements"),
        }
        Ok(())
    }

    /// The text of the element the reader is in, if it is one of those looked for.
    fn slot(&mut self) -> Option<&mut Option<String>> {
        let place = self.paths.iter().position(|path| *path == self.path)?;
        self.texts.get_mut(place)
    }

    fn finish(self) -> Result<[Option<String>; N], &'static str> {
        if self.path.is_empty() { Ok(self.texts) } else { Err("its xml ends too early") }
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
