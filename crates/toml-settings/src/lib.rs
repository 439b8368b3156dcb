//! Settings in TOML, and what is wrong with them in words that show no value.
//!
//! The parser's own errors quote the line, and serde's the value: passwords and keys among them, in a log or on somebody's
//! screen. It is a crate of its own because the server and the agent both read settings, and neither may know the other.
//!
//! * **Errors**: the line from 1 where there is one, the names of keys, and what is expected there.
//!
//! ```
//! let text = "listen = '127.0.0.1:1'\nkey = 'secret'";
//! #[derive(serde::Deserialize, Debug)]
//! #[serde(deny_unknown_fields)]
//! struct Settings { listen: String }
//!
//! let error = toml_settings::read::<Settings>(text).unwrap_err();
//! assert_eq!(error.to_string(), "line 2: unknown field `key`, expected `listen`");
//! ```

use serde::de::DeserializeOwned;
use toml::{Deserializer, Table, Value, de::Error};

/// What is wrong with settings. Holds none of their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct SettingsError {
    line: Option<usize>,
    message: String,
}

/// The settings of a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, SettingsError> {
    let whole = Deserializer::parse(text).map_err(|error| SettingsError::of("", &error, text))?;
    serde_path_to_error::deserialize(whole)
        .map_err(|error| SettingsError::of(&error.path().to_string(), error.inner(), text))
}

/// The settings of a table that was read and changed.
pub fn of_table<T: DeserializeOwned>(table: Table) -> Result<T, SettingsError> {
    serde_path_to_error::deserialize(Value::Table(table))
        .map_err(|error| SettingsError::of(&error.path().to_string(), error.inner(), ""))
}

impl SettingsError {
    fn of(key: &str, error: &Error, text: &str) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        let message = without_value(error.message());
        // "." is the whole.
        let message = match key.rsplit('.').next() {
            Some(last) if !last.is_empty() && !message.contains(&format!("`{last}`")) => {
                format!("`{key}`: {message}")
            }
            _ => message,
        };
        Self { line, message }
    }
}

/// The messages of serde that quote what they found ([`serde::de::Unexpected`]), with the kind of it alone.
fn without_value(message: &str) -> String {
    let quotes = ["invalid type: ", "invalid value: ", "unknown variant "];
    let Some(what) = quotes.into_iter().find(|what| message.starts_with(what)) else {
        return message.to_owned();
    };
    let found = message.strip_prefix(what).unwrap_or_default();
    // The value may hold these words too: the last are serde's.
    let expected = found.rsplit_once(", expected ").map_or("something else", |(_, last)| last);
    let kind = found.split(['"', '`']).next().unwrap_or_default().trim();
    let kind = kind.split_once(", expected ").map_or(kind, |(kind, _)| kind);
    format!("{}, expected {expected}", format!("{what}{kind}").trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Settings {
        name: Option<String>,
        count: Option<u8>,
        list: Option<Vec<String>>,
        form: Option<Form>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Form {
        Text,
        Json,
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_key_and_never_by_value() {
        #[rustfmt::skip]
        let cases = [
            ("unknown key",        "\nkey = 'hush'",                      "line 2: unknown field `key`, expected one of"),
            ("another kind",       "count = 'hush'",                      "line 1: `count`: invalid type: string, expected u8"),
            ("a list it is",       "list = 'run --token hush'",           "line 1: `list`: invalid type: string, expected a sequence"),
            ("a quote in it",      "count = 'hush\", expected hush'",     "line 1: `count`: invalid type: string, expected u8"),
            ("a number",           "name = 4711",                         "line 1: `name`: invalid type: integer, expected a string"),
            ("a number too large", "count = 4711",                        "line 1: `count`: invalid value: integer, expected u8"),
            ("a list",             "name = ['hush']",                     "line 1: `name`: invalid type: sequence, expected a string"),
            ("another word",       "form = 'hush'",                       "line 1: `form`: unknown variant, expected `text` or `json`"),
            ("no end",             "name = 'hush",                        "line 1: "),
            ("no value",           "name = hush",                         "line 1: "),
            ("twice",              "name = 'hush'\nname = 'hush'",        "line 2: duplicate key"),
        ];
        for (rule, text, expected) in cases {
            let error = read::<Settings>(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{rule}: {error}");
            assert!(!error.contains("hush") && !error.contains("4711"), "{rule}: {error}");
            assert!(!error.contains('\n'), "{rule}: {error}");
        }
        let table = toml::from_str("count = 'hush'").unwrap();
        let error = of_table::<Settings>(table).unwrap_err().to_string();
        assert!(error == "`count`: invalid type: string, expected u8", "{error}");
    }

    proptest! {
        #[test]
        fn no_text_is_quoted(secret in "[a-z\"',` =]{0,20}", key in "name|count|list|form|other") {
            let text = format!("{key} = \"\"\"hush{secret}hush\n");
            let error = read::<Settings>(&text).unwrap_err();
            prop_assert!(!error.to_string().contains("hush"), "{error}");
            let text = format!("{key} = {:?}", format!("hush{secret}hush"));
            if let Err(error) = read::<Settings>(&text) {
                prop_assert!(!error.to_string().contains("hush"), "{error}");
            }
        }
    }
}
