//! From the parser's events to the tree.

use std::{collections::HashMap, rc::Rc};

use granit_parser::{Event, Options, Parser, ScalarStyle};

use super::{Entry, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node, Value, syntax};
use crate::ConfigError;

/// Reads a text of one document. A text without any is null.
pub(crate) fn parse(text: &str) -> Result<Rc<Node>, ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge { bytes: text.len() });
    }
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, span) = next.map_err(|error| syntax::explain(&error, text))?;
        builder.take(event, span.start.line())?;
    }
    Ok(builder.root.unwrap_or_else(|| Rc::new(Node::new(1, Value::Null))))
}

fn options() -> Options {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options
}

/// A list or mapping that has not ended.
struct Open {
    line: usize,
    anchor: usize,
    shape: Shape,
}

enum Shape {
    List(Vec<Rc<Node>>),
    Mapping { entries: Vec<Entry>, key: Option<Rc<Node>> },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    documents: usize,
    /// Entries that `<<` has copied so far.
    merged: usize,
    root: Option<Rc<Node>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), ConfigError> {
        match event {
            Event::DocumentStart(..) => self.document(line),
            Event::Scalar(text, style, anchor, _) => {
                let value = scalar(&text, style);
                self.close(anchor, Node::new(line, value))
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let problem = "an alias stands inside the value that it names";
                    return Err(ConfigError::Syntax { line, problem });
                };
                self.place(Rc::clone(node), line)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(line, anchor, Shape::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.begin(line, anchor, Shape::Mapping { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn document(&mut self, line: usize) -> Result<(), ConfigError> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(ConfigError::SeveralDocuments { line });
        }
        Ok(())
    }

    fn begin(&mut self, line: usize, anchor: usize, shape: Shape) -> Result<(), ConfigError> {
        self.open.push(Open { line, anchor, shape });
        if self.open.len() > MAX_DEPTH {
            return Err(ConfigError::TooDeep { line });
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ConfigError> {
        let Some(Open { line, anchor, shape }) = self.open.pop() else { return Ok(()) };
        let value = match shape {
            Shape::List(items) => Value::List(items),
            Shape::Mapping { entries, .. } => Value::Mapping(self.merge(entries)?),
        };
        self.close(anchor, Node::new(line, value))
    }

    /// A node is complete: an alias may name it from here on.
    fn close(&mut self, anchor: usize, node: Node) -> Result<(), ConfigError> {
        let line = node.line;
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place(node, line)
    }

    /// Puts a node where it stands. Aliases are shared, never copied, but counted as if they were.
    fn place(&mut self, node: Rc<Node>, line: usize) -> Result<(), ConfigError> {
        if node.nodes > MAX_NODES {
            return Err(ConfigError::TooManyNodes { line });
        }
        if node.depth + self.open.len() > MAX_DEPTH {
            return Err(ConfigError::TooDeep { line });
        }
        match self.open.last_mut().map(|open| &mut open.shape) {
            None => self.root = Some(node),
            Some(Shape::List(items)) => items.push(node),
            Some(Shape::Mapping { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(name) => entries.extend(entry(&name, node)),
            },
        }
        Ok(())
    }

    /// Puts what `<<` names behind what the mapping says itself, so that the nearer word is found first.
    fn merge(&mut self, entries: Vec<Entry>) -> Result<Vec<Entry>, ConfigError> {
        let (merges, mut own): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.key == "<<");
        for Entry { line, node, .. } in merges {
            let several = match &node.value {
                Value::List(items) => items.as_slice(),
                _ => std::slice::from_ref(&node),
            };
            for one in several {
                let Some(entries) = one.entries() else {
                    let problem = "`<<` takes a mapping or a list of mappings";
                    return Err(ConfigError::Syntax { line, problem });
                };
                self.merged += entries.len();
                if self.merged > MAX_NODES {
                    return Err(ConfigError::TooManyNodes { line });
                }
                own.extend(entries.iter().map(|entry| Entry { merged: true, ..entry.clone() }));
            }
        }
        Ok(own)
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let null = style == ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if null { Value::Null } else { Value::Text(text.to_owned()) }
}

fn entry(key: &Node, node: Rc<Node>) -> Option<Entry> {
    let Value::Text(text) = &key.value else { return None };
    Some(Entry { key: text.clone(), line: key.line, node, merged: false })
}
