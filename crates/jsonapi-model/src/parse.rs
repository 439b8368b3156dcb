//! Reading a body, with errors that say where.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::objects::ObjectsOnly;

/// What is wrong with a body, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BodyError {
    pointer: String,
    message: String,
}

impl BodyError {
    /// A JSON pointer to the place; empty where the body is no JSON at all.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}

/// Reads one JSON value; white space may follow it, nothing else.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyError> {
    if bytes.trim_ascii().is_empty() {
        return Err(BodyError { pointer: String::new(), message: "the body is empty".to_owned() });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let objects_only = ObjectsOnly(&mut reader);
    let value = serde_path_to_error::deserialize(objects_only).map_err(|error| {
        let pointer = pointer(error.path());
        let cause = error.into_inner();
        let message = if cause.is_data() {
            plain(&cause.to_string())
        } else {
            return not_json(&cause);
        };
        BodyError { pointer, message }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> BodyError {
    let message = format!("the body is not JSON: {error}");
    BodyError { pointer: String::new(), message }
}

fn pointer(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                text.push('/');
                text.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

/// Serde's words without the position, which the pointer says better, and without the names of Rust's types.
fn plain(message: &str) -> String {
    let text = message.split(" at line ").next().unwrap_or(message);
    let text = text.strip_prefix("invalid type: ").unwrap_or(text);
    text.split(", expected struct ")
        .next()
        .map(|head| {
            if head.len() < text.len() {
                format!("{head}, expected an object")
            } else {
                head.to_owned()
            }
        })
        .unwrap_or_default()
}
