//! The envelope.

use serde::{Deserialize, Serialize};

/// A document about one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document<A, R = NoRelationships> {
    /// The resource.
    pub data: Resource<A, R>,
    /// What else may be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Resources that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<serde_json::Value>,
}

/// A document about many resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListDocument<A, R = NoRelationships> {
    /// The resources.
    pub data: Vec<Resource<A, R>>,
}

/// Something with an id, a type and attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource<A, R = NoRelationships> {
    /// Absent in a request that creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Names the shape of the attributes.
    #[serde(rename = "type")]
    pub kind: String,
    /// The resource itself.
    pub attributes: A,
    /// What it refers to.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub relationships: Option<R>,
}

/// Of resources that refer to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoRelationships {}

/// A reference to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    /// Which.
    pub data: Linkage,
}

/// A reference to many resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToMany {
    /// Which.
    pub data: Vec<Linkage>,
}

/// Names a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linkage {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// What may be said of a resource beside the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// What was accepted but may not mean what its author meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl<A, R> Document<A, R> {
    /// A document about a resource that refers to nothing.
    pub fn new(kind: &str, id: Option<String>, attributes: A) -> Self {
        let data = Resource { id, kind: kind.to_owned(), attributes, relationships: None };
        Self { data, meta: None, included: Vec::new() }
    }

    /// The same with warnings, if there are any.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<String>) -> Self {
        self.meta = (!warnings.is_empty()).then_some(Meta { warnings });
        self
    }
}

fn none<R>() -> Option<R> {
    None
}
