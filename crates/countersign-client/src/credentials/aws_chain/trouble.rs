//! What is wrong with a source, and what the SDK's errors say about it.

use std::{error::Error, io, iter::successors};

use super::SdkError;

/// What is wrong, and what to check, for whoever has to mend it. Without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Trouble {
    pub(super) problem: String,
    pub(super) check: String,
}

impl Trouble {
    pub(super) fn new(problem: impl Into<String>, check: impl Into<String>) -> Self {
        Self { problem: problem.into(), check: check.into() }
    }

    /// The source is set up, so that the search ends with it.
    pub(super) fn failure(self) -> SdkError {
        SdkError::invalid_configuration(self)
    }

    /// The source is not set up: the search goes on, and remembers this.
    pub(super) fn absence(self) -> SdkError {
        SdkError::not_loaded(self)
    }
}

/// An error of the SDK with all its causes. Most of their types are private, so that their texts are what is left to go by; the
/// tests of the table of messages see a change of them.
pub(super) struct Causes<'a> {
    error: &'a SdkError,
    text: String,
}

impl<'a> Causes<'a> {
    pub(super) fn of(error: &'a SdkError) -> Self {
        let texts: Vec<_> = chain(error).map(ToString::to_string).collect();
        Self { error, text: texts.join("\n") }
    }

    /// The cause of this type.
    pub(super) fn find<T: Error + 'static>(&self) -> Option<&'a T> {
        chain(self.error).find_map(|cause| cause.downcast_ref::<T>())
    }

    /// A file that the source itself wanted to read, and not a connection.
    pub(super) fn unread_file(&self) -> Option<&'a io::Error> {
        self.error.source()?.downcast_ref::<io::Error>()
    }

    /// Whether any of the causes says this.
    pub(super) fn say(&self, words: &str) -> bool {
        self.text.contains(words)
    }

    /// The letters and digits that follow these words: a status, or a code.
    pub(super) fn word_after(&self, words: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(words)?;
        let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).take(64).collect();
        (!word.is_empty()).then_some(word)
    }

    /// Whether the other side was never spoken to.
    pub(super) fn unreachable(&self) -> bool {
        self.say("dispatch failure") || self.say("request has timed out")
    }

    /// The innermost cause on one line.
    pub(super) fn innermost(&self) -> String {
        let text = chain(self.error).last().map_or_else(String::new, ToString::to_string);
        let text: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        text.trim().trim_end_matches('.').to_owned()
    }
}

fn chain(error: &SdkError) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(Some(error as &(dyn Error + 'static)), |cause| (*cause).source())
}
