//! Outside text that is safe to show in a log.

/// At most 120 characters, only printable ASCII: nothing that hides, reorders or breaks a line.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(MAX)
        .map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' })
        .collect();
    if text.chars().nth(MAX).is_some() {
        shown.push_str("...");
    }
    shown
}

const MAX: usize = 120;

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_is_shown_is_short_and_printable() {
        assert_eq!(shown("a\r\nb\u{202e}c"), "a??b?c");
        assert_eq!(shown(&"x".repeat(500)).len(), 123);
    }
}
