//! One setting at a time: the environment first, then the file.

use std::rc::Rc;

use crate::{
    ConfigError, Origin,
    document::{self, Node, Twice, Value},
    shown,
};

/// Both places that settings come from.
pub(crate) struct Source<'a> {
    root: Rc<Node>,
    text: &'a str,
    environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A text that is set, trimmed and not empty. No `Debug`: it may be a key.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) at: Origin,
}

impl Found {
    /// The text without blanks around it, unless nothing is left.
    pub(crate) fn new(text: &str, at: Origin) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self { text: text.to_owned(), at })
    }

    /// Refuses what stands for a value that is still to be filled in.
    pub(crate) fn filled_in(self) -> Result<Self, ConfigError> {
        if let Some(placeholder) = shown::placeholder(&self.text) {
            return Err(ConfigError::Placeholder { at: self.at, placeholder });
        }
        if is_handle(&self.text) {
            return Err(ConfigError::SecretHandle { at: self.at });
        }
        Ok(self)
    }
}

/// Whether a secret backend of the Agent's would put the value there.
pub(crate) fn is_handle(text: &str) -> bool {
    text.starts_with("ENC[") && text.ends_with(']')
}

impl<'a> Source<'a> {
    pub(crate) fn new(
        yaml: &'a str,
        environment: &'a dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let root = document::parse(yaml)?;
        if root.entries().is_none() {
            return Err(ConfigError::NotMapping { line: root.line });
        }
        Ok(Self { root, text: yaml, environment })
    }

    /// A scalar by its path. Empty and null are as if it were not there.
    pub(crate) fn scalar(&self, setting: &str) -> Result<Option<Found>, ConfigError> {
        match self.variable(&variable_of(setting)) {
            Some(found) => Ok(Some(found)),
            None => self.scalar_in_file(setting),
        }
    }

    /// A scalar of the file, whatever the environment says.
    pub(crate) fn scalar_in_file(&self, setting: &str) -> Result<Option<Found>, ConfigError> {
        match self.node(setting)? {
            None => Ok(None),
            Some(node) => self.text_of(&node, setting),
        }
    }

    /// A scalar that says yes or no, in any of the words that YAML and Go have for it.
    pub(crate) fn switch(&self, setting: &str) -> Result<bool, ConfigError> {
        let Some(Found { text, at }) = self.scalar(setting)? else { return Ok(false) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
            _ => Err(ConfigError::Value { at, wanted: "`true` or `false`" }),
        }
    }

    /// The text of a scalar that stands somewhere in `setting`.
    pub(crate) fn text_of(&self, node: &Node, setting: &str) -> Result<Option<Found>, ConfigError> {
        let at = Origin::File { setting: setting.to_owned(), line: node.line };
        match &node.value {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Found::new(text, at)),
            // `{{ .Name }}` without quotes is a mapping to YAML.
            Value::List(_) | Value::Mapping(_) => Err(self.misshapen(node.line, at, "one value")),
        }
    }

    /// A variable that is there and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<Found> {
        let text = (self.environment)(name)?;
        Found::new(&text, Origin::Environment { variable: name.to_owned() })
    }

    /// A variable as it is, also where it is there and empty.
    pub(crate) fn present(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// A node of the file by its path; mappings lead to it.
    pub(crate) fn node(&self, setting: &str) -> Result<Option<Rc<Node>>, ConfigError> {
        let mut node = Rc::clone(&self.root);
        let mut path = String::new();
        for key in setting.split('.') {
            let entries = node.entries().ok_or_else(|| {
                let at = Origin::File { setting: path.clone(), line: node.line };
                self.misshapen(node.line, at, "a mapping of settings")
            })?;
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
            let entry = document::find(entries, key).map_err(|twice| duplicate(&path, &twice))?;
            let Some(entry) = entry else { return Ok(None) };
            let below = Rc::clone(&entry.node);
            node = below;
        }
        Ok(Some(node))
    }

    /// The error of a value of the wrong shape: more often than not a template is the cause.
    pub(crate) fn misshapen(&self, line: usize, at: Origin, wanted: &'static str) -> ConfigError {
        let content = line.checked_sub(1).and_then(|skip| self.text.lines().nth(skip));
        match content.and_then(shown::placeholder) {
            Some(placeholder) => ConfigError::Placeholder { at, placeholder },
            None => ConfigError::Value { at, wanted },
        }
    }
}

pub(crate) fn duplicate(setting: &str, twice: &Twice) -> ConfigError {
    ConfigError::Duplicate { setting: setting.to_owned(), first: twice.first, second: twice.second }
}

/// `logs_config.api_key` is `DD_LOGS_CONFIG_API_KEY`.
fn variable_of(setting: &str) -> String {
    format!("DD_{}", setting.replace('.', "_").to_ascii_uppercase())
}
