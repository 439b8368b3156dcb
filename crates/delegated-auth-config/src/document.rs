//! The file as a tree that remembers lines. Scalars stay text: a key of digits is not a number here.

mod build;
mod syntax;

use std::{collections::BTreeMap, rc::Rc};

pub(crate) use build::parse;

/// Largest file, and largest variable, that is read.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// Most nodes of a file once every alias stands for what it names.
pub(crate) const MAX_NODES: usize = 100_000;

/// Deepest nesting, aliases followed. The settings that are read lie at most five deep.
pub(crate) const MAX_DEPTH: usize = 64;

/// A value and where it begins. No `Debug`: it may be a key.
#[derive(Clone)]
pub(crate) struct Node {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) value: Value,
    /// Nodes below and including this one, aliases followed.
    nodes: usize,
    /// Levels below and including this one, aliases followed.
    depth: usize,
}

/// What a node holds.
#[derive(Clone)]
pub(crate) enum Value {
    /// Nothing, or a plain `null` or `~`.
    Null,
    Text(String),
    List(Vec<Rc<Node>>),
    Mapping(Vec<Entry>),
}

/// A key with its value. Keys that are no text are left out: no setting has one.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Of the key, from 1.
    pub(crate) line: usize,
    pub(crate) node: Rc<Node>,
    /// Whether `<<` brought it: what the mapping says itself then comes first.
    merged: bool,
}

/// The same key twice in one mapping, on these lines.
pub(crate) struct Twice {
    pub(crate) first: usize,
    pub(crate) second: usize,
}

impl Node {
    fn new(line: usize, value: Value) -> Self {
        let (mut nodes, mut depth) = (1_usize, 0);
        let mut take = |child: &Node| {
            nodes = nodes.saturating_add(child.nodes);
            depth = depth.max(child.depth);
        };
        match &value {
            Value::Null | Value::Text(_) => {}
            Value::List(items) => items.iter().for_each(|item| take(item)),
            Value::Mapping(entries) => entries.iter().for_each(|entry| take(&entry.node)),
        }
        Self { line, value, nodes, depth: depth + 1 }
    }

    /// The entries of a mapping; none where it is null; `None` for what is no mapping.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Null => Some(&[]),
            Value::Mapping(entries) => Some(entries),
            Value::Text(_) | Value::List(_) => None,
        }
    }
}

/// The entry of `key`, in any case of its letters. A key that the mapping gives twice itself is an error.
pub(crate) fn find<'a>(entries: &'a [Entry], key: &str) -> Result<Option<&'a Entry>, Twice> {
    let mut named = entries.iter().filter(|entry| entry.key.eq_ignore_ascii_case(key));
    let Some(first) = named.next() else { return Ok(None) };
    match named.next() {
        Some(second) if !first.merged && !second.merged => {
            Err(Twice { first: first.line, second: second.line })
        }
        _ => Ok(Some(first)),
    }
}

/// The entries of a mapping whose keys are free words, without those of `<<` that it says itself.
pub(crate) fn distinct(entries: &[Entry]) -> Result<Vec<&Entry>, Twice> {
    let mut seen = BTreeMap::new();
    let mut distinct = Vec::new();
    for entry in entries {
        match seen.insert(entry.key.as_str(), entry.line) {
            None => distinct.push(entry),
            Some(_) if entry.merged => {}
            Some(first) => return Err(Twice { first, second: entry.line }),
        }
    }
    Ok(distinct)
}
