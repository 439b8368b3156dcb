//! What is wrong with a document as XML.

use uppsala::XmlError;

/// Why a text is not a document that is read here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlFault {
    /// Other bytes than UTF-8, or a declaration of another encoding.
    #[error("it is not in utf-8")]
    NotUtf8,
    /// Broken, nested too deep, or with entities that are not defined.
    #[error("it is not well-formed xml ({at})")]
    NotWellFormed {
        /// Line and column where known.
        at: String,
    },
    /// A document type definition, or another declaration.
    #[error("it has a document type definition")]
    Doctype,
    /// A comment.
    #[error("it has a comment")]
    Comment,
    /// A processing instruction.
    #[error("it has a processing instruction")]
    ProcessingInstruction,
    /// A CDATA section.
    #[error("it has a cdata section")]
    CData,
    /// A prefix without a namespace.
    #[error("it uses a prefix that is not declared")]
    UndeclaredPrefix,
    /// A namespace without a scheme.
    #[error("it declares a relative namespace")]
    RelativeNamespace,
    /// The same attribute twice on one element.
    #[error("it has an attribute twice on one element")]
    DuplicateAttribute,
    /// More than 8192 elements in a message.
    #[error("it has more than 8192 elements")]
    TooManyElements,
    /// More than 64 attributes on one element.
    #[error("it has an element with more than 64 attributes")]
    TooManyAttributes,
    /// The same id twice, or two ids on one element.
    #[error("it has an id twice, or an element with two ids")]
    DuplicateId,
}

/// Ours of the parser's; its words are left out, since they may repeat the document's.
pub(super) fn of(error: &XmlError) -> XmlFault {
    let at = |line: usize, column: usize| XmlFault::NotWellFormed {
        at: format!("line {line}, column {column}"),
    };
    match error {
        XmlError::WellFormedness(error) => at(error.line, error.column),
        XmlError::Namespace(error) => at(error.line, error.column),
        XmlError::Parse(error) => at(error.line, error.column),
        _ => XmlFault::NotWellFormed { at: "at its end".into() },
    }
}
