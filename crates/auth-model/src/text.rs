//! Texts that name people: what can't be told apart, seen or printed is no part of one.

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Longer than [`MAX_EMAIL_CHARACTERS`].
    #[error("an e-mail address is at most {MAX_EMAIL_CHARACTERS} characters long")]
    TooLong,
    /// Not of the form.
    #[error("an e-mail address has one `@` with something before and after it")]
    Form,
    /// It has a character that can't be seen.
    #[error(
        "an e-mail address may not hold U+{:04X}: control characters and characters that turn the direction of writing can make one name look like another",
        u32::from(*character)
    )]
    Hidden {
        /// Which.
        character: char,
    },
}

/// An e-mail address, in lower case: something before and after one `@`, without white space. Whether it exists only a message
/// would tell.
pub fn email_address(text: &str) -> Result<String, EmailError> {
    let text = text.trim();
    if text.chars().count() > MAX_EMAIL_CHARACTERS {
        return Err(EmailError::TooLong);
    }
    if let Some(character) = text.chars().find(|c| is_hidden(*c)) {
        return Err(EmailError::Hidden { character });
    }
    let is_one = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !is_one || text.contains(char::is_whitespace) {
        return Err(EmailError::Form);
    }
    Ok(text.to_lowercase())
}

/// Control characters, and those of Unicode Standard Annex 9 that turn the direction of what follows.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// RFC 5321 §4.5.3.1: 64 octets, `@`, 255 octets; less in practice.
pub const MAX_EMAIL_CHARACTERS: usize = 254;
