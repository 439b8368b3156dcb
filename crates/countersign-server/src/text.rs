//! Texts that people give: names, titles, addresses. What can't be told apart, seen or printed is refused.

use auth_model::{email_address, is_hidden};

use crate::error::ApiError;

/// Longest name, in characters.
pub(crate) const MAX_NAME: usize = 255;
/// Longest description, in characters.
pub(crate) const MAX_TEXT: usize = 4_096;

/// A name that must say something.
pub(crate) fn name(text: &str, what: &str, pointer: &str) -> Result<String, ApiError> {
    name_up_to(MAX_NAME, text, what, pointer)
}

/// The same, as long as another system allows.
pub(crate) fn name_up_to(
    max: usize,
    text: &str,
    what: &str,
    pointer: &str,
) -> Result<String, ApiError> {
    if text.trim().is_empty() {
        return Err(wrong(format!("{what} cannot be empty or only whitespace"), pointer));
    }
    printable(text, what, max, pointer)
}

/// A line that may be empty.
pub(crate) fn line(text: &str, what: &str, pointer: &str) -> Result<String, ApiError> {
    printable(text, what, MAX_NAME, pointer)
}

/// A longer text; line breaks are kept.
pub(crate) fn paragraph(text: &str, what: &str, pointer: &str) -> Result<String, ApiError> {
    printable(&text.replace(['\n', '\r', '\t'], " "), what, MAX_TEXT, pointer)?;
    Ok(text.to_owned())
}

/// An e-mail address, in lower case.
pub(crate) fn email(text: &str, pointer: &str) -> Result<String, ApiError> {
    email_address(text).map_err(|error| wrong(error.to_string(), pointer))
}

fn printable(text: &str, what: &str, max: usize, pointer: &str) -> Result<String, ApiError> {
    if text.chars().count() > max {
        return Err(wrong(format!("{what} is at most {max} characters long"), pointer));
    }
    match text.chars().find(|c| is_hidden(*c)) {
        None => Ok(text.to_owned()),
        Some(found) => Err(wrong(
            format!(
                "{what} may not hold U+{:04X}: control characters and characters that turn the direction of writing can make one name look like another",
                u32::from(found)
            ),
            pointer,
        )),
    }
}

fn wrong(detail: String, pointer: &str) -> ApiError {
    ApiError::bad_request(detail).at(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_seen() {
        #[rustfmt::skip]
        let cases = [
            ("plain",              "Terraform",                 true),
            ("other scripts",      "Ключи και 鍵",              true),
            ("a long one",         &"x".repeat(MAX_NAME),       true),
            ("too long",           &"x".repeat(MAX_NAME + 1),   false),
            ("empty",              "",                          false),
            ("white space",        " \u{3000}\t",               false),
            ("NUL",                "a\0b",                      false),
            ("a line break",       "a\nb",                      false),
            ("right-to-left",      "a\u{202E}b",                false),
            ("an isolate",         "a\u{2066}b",                false),
        ];
        for (rule, text, expected) in cases {
            assert_eq!(name(text, "a name", "/x").is_ok(), expected, "{rule}");
        }
    }

    #[test]
    fn addresses_are_folded() {
        assert_eq!(email("Ann@Example.COM", "/x").unwrap(), "ann@example.com");
        for text in ["", "ann", "@b", "a@", "a@b@c", "a b@c", "a\u{202E}@b"] {
            assert!(email(text, "/x").is_err(), "{text}");
        }
    }
}
