//! What the parser objects to, in our words. Its own may quote the text, and the text may be a key.

use granit_parser::{ErrorKind, ScanError};

use crate::{ConfigError, Origin, shown};

/// The cause that a reader can act upon: a tab, a template that was not rendered, or the rule broken.
pub(super) fn explain(error: &ScanError, text: &str) -> ConfigError {
    let at = error.marker().line();
    let near = || lines_to(text, at).rev().take(2);
    if let Some((line, placeholder)) =
        near().find_map(|(line, content)| Some((line, shown::placeholder(content)?)))
    {
        return ConfigError::Placeholder { at: Origin::Line { line }, placeholder };
    }
    if let Some((line, _)) = near().find(|(_, content)| indented_by_tab(content)) {
        return ConfigError::Tab { line };
    }
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => ConfigError::Tab { line: at },
        ErrorKind::RecursionLimitExceeded => ConfigError::TooDeep { line: at },
        kind => ConfigError::Syntax { line: at, problem: problem(kind) },
    }
}

/// The numbered lines up to and including `last`, without those that are comments.
fn lines_to(text: &str, last: usize) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    let lines = (1..=last).zip(text.lines());
    let lines: Vec<_> = lines.filter(|(_, line)| !line.trim_start().starts_with('#')).collect();
    lines.into_iter()
}

fn indented_by_tab(line: &str) -> bool {
    line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t')
}

fn problem(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnknownAnchor => "an alias names an anchor that does not stand before it",
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent => "a quoted text is not closed",
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => "something follows a quoted text",
        ErrorKind::UnknownQuotedScalarEscape => {
            "a text in double quotes holds an unknown escape: write `\\\\` for a backslash"
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "a `[` or `{` is not closed",
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            "a `]` or `}` closes nothing"
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            "a comma or the end of the list is missing"
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "a key is not followed by a colon and a space"
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::MappingKeyNotAllowed => {
            "a key stands where none can: quote a text that holds a colon, or check the indentation"
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed => {
            "the indentation does not line up with the lines above"
        }
        _ => "the text is no YAML: check quotes and indentation here",
    }
}
