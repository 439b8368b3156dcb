//! `DELA(…)` in the settings that ship to further endpoints.

use std::rc::Rc;

use crate::{
    ConfigError, Directive, Note, Origin, ServerError,
    address::{Address, read_port},
    directive,
    document::{self, Entry, Node, Value},
    shown,
    source::{Found, Source, duplicate},
};

/// Most directives that are read: each other one is a further organization or server.
pub(crate) const MAX_DIRECTIVES: usize = 256;

/// How a setting lists its endpoints.
#[derive(Clone, Copy)]
enum Shape {
    /// Address to list of keys.
    Map,
    /// Mappings with `api_key`, `host` and `port`.
    List,
}

/// The settings that are searched, with the variable that replaces each.
const SETTINGS: [(&str, &str, Shape); 4] = [
    ("additional_endpoints", "DD_ADDITIONAL_ENDPOINTS", Shape::Map),
    ("apm_config.additional_endpoints", "DD_APM_ADDITIONAL_ENDPOINTS", Shape::Map),
    (
        "apm_config.profiling_additional_endpoints",
        "DD_APM_PROFILING_ADDITIONAL_ENDPOINTS",
        Shape::Map,
    ),
    ("logs_config.additional_endpoints", "DD_LOGS_CONFIG_ADDITIONAL_ENDPOINTS", Shape::List),
];

/// A directive and the endpoint whose key it is.
pub(crate) struct Endpoint {
    pub(crate) setting: &'static str,
    /// As the setting gives it.
    pub(crate) url: String,
    pub(crate) address: Address,
    pub(crate) directive: Directive,
    pub(crate) at: Origin,
}

/// All of them, in the order of the settings and of the file.
pub(crate) fn read(
    source: &Source<'_>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Endpoint>, ConfigError> {
    let mut endpoints = Vec::new();
    for (setting, variable, shape) in SETTINGS {
        let Some((node, place)) = find(source, setting, variable)? else { continue };
        let mut reader = Reader { source, place, setting, endpoints: &mut endpoints };
        match shape {
            Shape::Map => reader.map(&node)?,
            Shape::List => reader.list(&node)?,
        }
    }
    for endpoint in &endpoints {
        if endpoint.address.keeps_path() {
            notes.push(Note::PathInServer { at: endpoint.at.clone() });
        }
    }
    Ok(endpoints)
}

/// Where the nodes come from: lines of a variable tell nobody anything.
enum PlaceOf {
    File,
    Variable(String),
}

/// The setting's node. A variable holds JSON, which is YAML.
fn find(
    source: &Source<'_>,
    setting: &str,
    variable: &str,
) -> Result<Option<(Rc<Node>, PlaceOf)>, ConfigError> {
    let Some(found) = source.variable(variable) else {
        return Ok(source.node(setting)?.map(|node| (node, PlaceOf::File)));
    };
    let node = document::parse(&found.text)
        .map_err(|_| ConfigError::Value { at: found.at, wanted: "JSON that can be read" })?;
    Ok(Some((node, PlaceOf::Variable(variable.to_owned()))))
}

struct Reader<'a, 'b> {
    source: &'a Source<'b>,
    place: PlaceOf,
    setting: &'static str,
    endpoints: &'a mut Vec<Endpoint>,
}

impl Reader<'_, '_> {
    /// `{address: [key, …]}`; a single key may stand without its list.
    fn map(&mut self, node: &Node) -> Result<(), ConfigError> {
        let Some(entries) = node.entries() else {
            return Err(self.misshapen(node, "a mapping from addresses to lists of keys"));
        };
        for Entry { key, line, node, .. } in
            document::distinct(entries).map_err(|twice| duplicate(self.setting, &twice))?
        {
            let keys = match &node.value {
                Value::List(keys) => keys.as_slice(),
                _ => std::slice::from_ref(node),
            };
            for node in keys {
                let Some(directive) = self.directive(node)? else { continue };
                let at = self.at(*line);
                let address = Address::parse(key.trim());
                self.push(key.trim().to_owned(), at, address, directive)?;
            }
        }
        Ok(())
    }

    /// `[{api_key, host, port}, …]`.
    fn list(&mut self, node: &Node) -> Result<(), ConfigError> {
        let items = match &node.value {
            Value::Null => return Ok(()),
            Value::List(items) => items,
            Value::Text(_) | Value::Mapping(_) => {
                return Err(self.misshapen(node, "a list of endpoints"));
            }
        };
        for item in items {
            let Some(entries) = item.entries() else {
                return Err(self.misshapen(item, "a list of mappings with `api_key` and `host`"));
            };
            let Some(key) = self.field(entries, "api_key")? else { continue };
            let Some(directive) = self.directive(key)? else { continue };
            self.listed(item, entries, directive)?;
        }
        Ok(())
    }

    fn listed(
        &mut self,
        item: &Node,
        entries: &[Entry],
        directive: Directive,
    ) -> Result<(), ConfigError> {
        let host = match self.field(entries, "host")? {
            Some(node) => self.text(node)?,
            None => None,
        };
        let Some(Found { text: host, at }) = host else {
            let wanted = "given a `host` beside its `DELA(…)`";
            return Err(ConfigError::Value { at: self.at(item.line), wanted });
        };
        let port = match self.field(entries, "port")? {
            Some(node) => self.text(node)?,
            None => None,
        };
        let port = match port {
            Some(Found { text, at }) => {
                let wanted = "given a `port` from 1 to 65535";
                Some(read_port(&text).ok_or(ConfigError::Value { at, wanted })?)
            }
            None => None,
        };
        let url = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        self.push(url, at, Address::of_host(&host, port), directive)
    }

    fn push(
        &mut self,
        url: String,
        at: Origin,
        address: Result<Address, ServerError>,
        directive: Directive,
    ) -> Result<(), ConfigError> {
        if let Some(placeholder) = shown::placeholder(&url) {
            return Err(ConfigError::Placeholder { at, placeholder });
        }
        if self.endpoints.len() >= MAX_DIRECTIVES {
            return Err(ConfigError::TooManyDirectives { at });
        }
        let address = address.map_err(|source| ConfigError::Server { at: at.clone(), source })?;
        let setting = self.setting;
        self.endpoints.push(Endpoint { setting, url, address, directive, at });
        Ok(())
    }

    /// The directive of a node, if it is meant as one; any other key is none of our business.
    fn directive(&self, node: &Node) -> Result<Option<Directive>, ConfigError> {
        let Value::Text(text) = &node.value else { return Ok(None) };
        if !directive::is_meant(text) {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|source| {
            let at = self.at(node.line);
            let before_key = text.split("fallback").next().unwrap_or_default();
            match shown::placeholder(before_key) {
                Some(placeholder) => ConfigError::Placeholder { at, placeholder },
                None => ConfigError::Directive { at, source },
            }
        })
    }

    fn field<'e>(&self, entries: &'e [Entry], key: &str) -> Result<Option<&'e Node>, ConfigError> {
        let entry = document::find(entries, key)
            .map_err(|twice| duplicate(&format!("{}.{key}", self.setting), &twice))?;
        Ok(entry.map(|entry| &*entry.node))
    }

    fn text(&self, node: &Node) -> Result<Option<Found>, ConfigError> {
        match &node.value {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Found::new(text, self.at(node.line))),
            Value::List(_) | Value::Mapping(_) => Err(self.misshapen(node, "one value")),
        }
    }

    fn at(&self, line: usize) -> Origin {
        match &self.place {
            PlaceOf::File => Origin::File { setting: self.setting.to_owned(), line },
            PlaceOf::Variable(variable) => Origin::Environment { variable: variable.clone() },
        }
    }

    fn misshapen(&self, node: &Node, wanted: &'static str) -> ConfigError {
        match self.place {
            PlaceOf::File => self.source.misshapen(node.line, self.at(node.line), wanted),
            PlaceOf::Variable(_) => ConfigError::Value { at: self.at(node.line), wanted },
        }
    }
}
