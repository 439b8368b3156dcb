//! Makes text of others fit for an error: short, on one line, without our secrets.

/// The longest text of others that is shown, in characters.
const MAX_CHARS: usize = 500;

/// What `text` says, without any of `secrets`, should somebody echo them.
pub(crate) fn scrub(text: &str, secrets: &[&str]) -> String {
    let hidden = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, "<hidden>"));
    let mut line: String =
        hidden.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS).collect();
    if hidden.chars().nth(MAX_CHARS).is_some() {
        line.push('…');
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_short_and_holds_no_secret_of_ours() {
        assert_eq!(scrub("no `s3cr3t`\nhere\u{1b}[0m", &["s3cr3t", ""]), "no `<hidden>` here [0m");
        assert_eq!(scrub(&"x".repeat(501), &[]).chars().count(), 501);
        assert!(scrub(&"x".repeat(501), &[]).ends_with('…'));
    }
}
