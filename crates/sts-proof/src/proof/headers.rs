//! The header map: a JSON object whose values are arrays of one string.
//!
//! Read by hand-written visitors, because a map type would keep the last of two equal keys and say nothing.
//! Borrows from the decoded text; allocates only for a string with escapes.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{ProofError, error::shown};

/// The headers that a proof may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Authorization,
    ContentLength,
    ContentType,
    Host,
    UserAgent,
    Date,
    SecurityToken,
    OrgId,
}

impl Name {
    pub(crate) const ALL: [Self; 8] = [
        Self::Authorization,
        Self::ContentLength,
        Self::ContentType,
        Self::Host,
        Self::UserAgent,
        Self::Date,
        Self::SecurityToken,
        Self::OrgId,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::ContentLength => "content-length",
            Self::ContentType => "content-type",
            Self::Host => "host",
            Self::UserAgent => "user-agent",
            Self::Date => "x-amz-date",
            Self::SecurityToken => "x-amz-security-token",
            Self::OrgId => "x-ddog-org-id",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str().eq_ignore_ascii_case(text))
    }
}

/// At most one value for each name; printable ASCII all of it.
#[derive(Default)]
pub(super) struct HeaderMap<'a> {
    authorization: Option<Cow<'a, str>>,
    content_length: Option<Cow<'a, str>>,
    content_type: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
    user_agent: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    security_token: Option<Cow<'a, str>>,
    org_id: Option<Cow<'a, str>>,
}

impl<'a> HeaderMap<'a> {
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, ProofError> {
        let mut reader = Reader { map: HeaderMap::default(), fault: None };
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let outcome = deserializer.deserialize_map(&mut reader).and_then(|()| deserializer.end());
        match outcome {
            Ok(()) => Ok(reader.map),
            Err(_) => Err(reader.fault.unwrap_or(ProofError::Headers)),
        }
    }

    pub(super) fn get(&self, name: Name) -> Option<&str> {
        match name {
            Name::Authorization => &self.authorization,
            Name::ContentLength => &self.content_length,
            Name::ContentType => &self.content_type,
            Name::Host => &self.host,
            Name::UserAgent => &self.user_agent,
            Name::Date => &self.date,
            Name::SecurityToken => &self.security_token,
            Name::OrgId => &self.org_id,
        }
        .as_deref()
    }

    pub(super) fn required(&self, name: Name) -> Result<&str, ProofError> {
        self.get(name).ok_or(ProofError::MissingHeader { name: name.as_str() })
    }

    fn slot(&mut self, name: Name) -> &mut Option<Cow<'a, str>> {
        match name {
            Name::Authorization => &mut self.authorization,
            Name::ContentLength => &mut self.content_length,
            Name::ContentType => &mut self.content_type,
            Name::Host => &mut self.host,
            Name::UserAgent => &mut self.user_agent,
            Name::Date => &mut self.date,
            Name::SecurityToken => &mut self.security_token,
            Name::OrgId => &mut self.org_id,
        }
    }
}

/// Fills the map. What is wrong is kept beside it, since a serde error carries text only.
struct Reader<'a> {
    map: HeaderMap<'a>,
    fault: Option<ProofError>,
}

impl Reader<'_> {
    fn fail<E: serde::de::Error>(&mut self, fault: ProofError) -> E {
        self.fault = Some(fault);
        E::custom("see fault")
    }
}

impl<'de> Visitor<'de> for &mut Reader<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            let Some(name) = Name::parse(&key) else {
                return Err(self.fail(ProofError::UnknownHeader { name: shown(&key) }));
            };
            if self.map.get(name).is_some() {
                return Err(self.fail(ProofError::RepeatedHeader { name: name.as_str() }));
            }
            let Ok(value) = map.next_value_seed(OneText) else {
                return Err(self.fail(ProofError::NotOneValue { name: name.as_str() }));
            };
            if !is_printable(&value) {
                return Err(self.fail(ProofError::HeaderBytes { name: name.as_str() }));
            }
            *self.map.slot(name) = Some(value);
        }
        Ok(())
    }
}

/// Looks at every byte, whatever the first ones are: so the compiler takes many at a time.
fn is_printable(text: &str) -> bool {
    text.bytes().fold(true, |so_far, b| so_far & (b.wrapping_sub(0x20) < 0x5f))
}

/// A string, borrowed where it has no escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// An array of exactly one string.
struct OneText;

impl<'de> DeserializeSeed<'de> for OneText {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneText {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of one string")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let value = array.next_element_seed(Text)?.ok_or_else(|| A::Error::custom("empty"))?;
        match array.next_element_seed(Text)? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("more than one")),
        }
    }
}
