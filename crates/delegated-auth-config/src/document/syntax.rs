//! What the parser objects to, in our words. Its own may quote the text, and the text may be a key.

use granit_parser::{ErrorKind, ScanError};

use crate::{ConfigError, Origin, shown};

/// The cause that a reader can act upon: a tab, a template that was not rendered, or the rule broken.
pub(super) fn explain(error: &ScanError, text: &str) -> ConfigError {
    let at = error.marker().line();
    // What is wrong is often noticed one line early or late.
    let near = lines(text, &[at, at + 1, at.saturating_sub(1)]);
    if let Some((line, placeholder)) =
        near.iter().find_map(|(line, content)| Some((*line, shown::no_yaml(content)?)))
    {
        return ConfigError::Placeholder { at: Origin::Line { line }, placeholder };
    }
    if let Some((line, _)) = near.iter().find(|(_, content)| indented_by_tab(content)) {
        return ConfigError::Tab { line: *line };
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

/// These lines with their numbers, without those that are comments.
fn lines<'a>(text: &'a str, numbers: &[usize]) -> Vec<(usize, &'a str)> {
    let content = |number: &usize| text.lines().nth(number.checked_sub(1)?);
    let lines = numbers.iter().filter_map(|number| Some((*number, content(number)?)));
    lines.filter(|(_, line)| !line.trim_start().starts_with('#')).collect()
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
