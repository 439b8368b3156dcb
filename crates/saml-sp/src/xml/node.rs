//! An element of a parsed document, and the few questions that are asked of one.

use uppsala::{Document, Element, NodeId, NodeKind};

/// An element. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Node<'d> {
    document: &'d Document<'d>,
    id: NodeId,
    element: &'d Element<'d>,
}

impl<'d> Node<'d> {
    fn new(document: &'d Document<'d>, id: NodeId) -> Option<Self> {
        document.element(id).map(|element| Self { document, id, element })
    }

    /// The outermost element.
    pub(crate) fn root(document: &'d Document<'d>) -> Option<Self> {
        Self::new(document, document.document_element()?)
    }

    pub(crate) fn id(self) -> NodeId {
        self.id
    }

    pub(crate) fn is(self, namespace: &str, name: &str) -> bool {
        self.element.name.namespace_uri.as_deref() == Some(namespace) && self.name() == name
    }

    /// Its name without prefix.
    pub(crate) fn name(self) -> &'d str {
        &self.element.name.local_name
    }

    /// The elements directly inside.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        self.document.children_iter(self.id).filter_map(move |id| Self::new(self.document, id))
    }

    /// The children of this name.
    pub(crate) fn all(self, namespace: &str, name: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// The only child of this name; none if there are several.
    pub(crate) fn only(self, namespace: &str, name: &str) -> Option<Self> {
        let mut all = self.all(namespace, name);
        all.next().filter(|_| all.next().is_none())
    }

    /// All elements inside, at any depth, this one first.
    pub(crate) fn everything(self) -> impl Iterator<Item = Self> {
        let inside = self.document.descendants(self.id).into_iter();
        std::iter::once(self.id)
            .chain(inside.filter(move |id| *id != self.id))
            .filter_map(move |id| Self::new(self.document, id))
    }

    /// The value of an attribute that has no prefix.
    pub(crate) fn attribute(self, name: &str) -> Option<&'d str> {
        let mut all = self.element.attributes.iter();
        let found = all.find(|a| a.name.namespace_uri.is_none() && a.name.local_name == name)?;
        Some(&found.value)
    }

    /// Whether it says that it has no value, which is not an empty one.
    pub(crate) fn is_nil(self) -> bool {
        let mut all = self.element.attributes.iter();
        let nil = all
            .find(|a| a.name.namespace_uri.as_deref() == Some(XSI) && a.name.local_name == "nil");
        nil.is_some_and(|nil| matches!(nil.value.trim_ascii(), "true" | "1"))
    }

    /// Whether every attribute is one of these and has no prefix.
    pub(crate) fn has_only_attributes(self, names: &[&str]) -> bool {
        self.element
            .attributes
            .iter()
            .all(|a| a.name.namespace_uri.is_none() && names.contains(&&*a.name.local_name))
    }

    /// The whole text, byte for byte; none if there is anything else inside.
    pub(crate) fn text(self) -> Option<String> {
        let mut text = String::new();
        for child in self.document.children_iter(self.id) {
            match self.document.node_kind(child) {
                Some(NodeKind::Text(part)) => text.push_str(part),
                _ => return None,
            }
        }
        Some(text)
    }

    /// The text of something that is compared and in which outer white space means nothing, such as a URI.
    pub(crate) fn token(self) -> Option<String> {
        self.text().map(|text| text.trim_ascii().to_owned()).filter(|text| !text.is_empty())
    }

    /// Whether there is nothing but elements and white space directly inside.
    pub(crate) fn has_no_text(self) -> bool {
        self.document.children_iter(self.id).all(|child| match self.document.node_kind(child) {
            Some(NodeKind::Text(text)) => text.trim_ascii().is_empty(),
            Some(NodeKind::Element(_)) => true,
            _ => false,
        })
    }
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
