//! Where a browser goes once it is signed in: a place of ours, never another site (an open redirect).

/// A path of this server's, with a query perhaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPath(String);

/// The text is no path of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`return_to` is a path of this server: it begins with one `/` and has at most {MAX_BYTES} printable ASCII characters"
)]
pub struct ReturnPathError;

impl ReturnPath {
    /// Takes `/`, and `/x…` where `x` is no second slash: browsers read `//host` and `/\host` as another site.
    pub fn parse(text: &str) -> Result<Self, ReturnPathError> {
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let own = text.starts_with('/') && !text.starts_with("//");
        match plain && own && text.len() <= MAX_BYTES {
            true => Ok(Self(text.to_owned())),
            false => Err(ReturnPathError),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnPath {
    /// The page that shows who is signed in.
    fn default() -> Self {
        Self("/account".to_owned())
    }
}

const MAX_BYTES: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_18_only_a_path_of_ours_is_returned_to() {
        #[rustfmt::skip]
        let cases = [
            ("root",                 "/",                          true),
            ("path and query",       "/account?tab=roles#top",     true),
            ("another site",         "https://evil.example/",      false),
            ("scheme-relative",      "//evil.example",             false),
            ("backslash",            "/\\evil.example",            false),
            ("later backslash",      "/a\\..\\b",                  false),
            ("tab that is dropped",  "/\t/evil.example",           false),
            ("line break",           "/a\r\nSet-Cookie: x=y",      false),
            ("relative",             "account",                    false),
            ("script",               "javascript:alert(1)",        false),
            ("not ASCII",            "/é",                         false),
            ("empty",                "",                           false),
        ];
        for (rule, text, taken) in cases {
            assert_eq!(ReturnPath::parse(text).is_ok(), taken, "{rule}");
        }
        ReturnPath::parse(&format!("/{}", "a".repeat(MAX_BYTES))).unwrap_err();
    }
}
