//! The keys that a file still holds, for as long as no exchange has succeeded.

use auth_model::SecretString;

use crate::{
    ConfigError, Note, shown,
    source::{Found, Source, is_handle},
};

/// The key of `setting`, and whether anything stands there at all.
pub(crate) fn read(
    source: &Source<'_>,
    setting: &str,
    notes: &mut Vec<Note>,
) -> Result<Option<Option<SecretString>>, ConfigError> {
    Ok(source.scalar(setting)?.map(|found| usable(found, notes)))
}

/// The key, if it is one. A handle of a secret backend is not, nor is a placeholder.
pub(crate) fn usable(found: Found, notes: &mut Vec<Note>) -> Option<SecretString> {
    let Found { text, at } = found;
    if is_handle(&text) {
        notes.push(Note::SecretHandle { at });
        return None;
    }
    let key = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !key || shown::placeholder(&text).is_some() || crate::directive::is_meant(&text) {
        notes.push(Note::UnusableFallback { at });
        return None;
    }
    Some(SecretString::from(text))
}
