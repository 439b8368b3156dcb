//! The envelope.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A document about one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Document_of_{A}_{R}")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListDocument_of_{A}_{R}")]
pub struct ListDocument<A, R = NoRelationships> {
    /// The resources.
    pub data: Vec<Resource<A, R>>,
    /// Where in the whole list they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<ListMeta>,
    /// Resources that they refer to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<serde_json::Value>,
    /// Where other parts of the list are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<ListLinks>,
}

/// What may be said of a list beside its resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListMeta {
    /// How long the list is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageMeta>,
    /// How long the list is, as the list of teams says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// How many API keys the organization may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_allowed: Option<u64>,
    /// How many application keys a user may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_allowed_per_user: Option<u64>,
    /// `done`, or `timeout` where so much was looked through that the rest waits for the next page. Of audit events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// How long a list is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageMeta {
    /// All that there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
    /// Those that were looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_filtered_count: Option<u64>,
    /// `page[cursor]` of the next page; absent on the last. Of audit events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// How long a list is and where its neighbouring pages begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pagination {
    /// `offset_limit`.
    #[serde(rename = "type")]
    pub kind: String,
    /// All that were looked for.
    pub total: u64,
    /// At most so many on a page.
    pub limit: u64,
    /// Where this page begins.
    pub offset: u64,
    /// Where the first begins: 0.
    pub first_offset: u64,
    /// Where the page before begins.
    pub prev_offset: u64,
    /// Where the page after would begin.
    pub next_offset: u64,
    /// Where the last begins.
    pub last_offset: u64,
}

/// Where other parts of a list are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListLinks {
    /// This part.
    #[serde(rename = "self")]
    pub this: Option<String>,
    /// The first part.
    pub first: Option<String>,
    /// The part before.
    pub prev: Option<String>,
    /// The part after.
    pub next: Option<String>,
    /// The last part.
    pub last: Option<String>,
}

/// Something with an id, a type and attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Resource_of_{A}_{R}")]
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
    #[serde(default = "none::<R>", skip_serializing_if = "Option::is_none")]
    pub relationships: Option<R>,
}

/// Of resources that refer to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoRelationships {}

/// A reference to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Relationship {
    /// Which.
    pub data: Linkage,
}

/// A reference to one resource, or to none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToOneOrNone {
    /// Which; null for none.
    pub data: Option<Linkage>,
}

/// A reference to many resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToMany {
    /// Which.
    pub data: Vec<Linkage>,
}

/// Names a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Linkage {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// What may be said of a resource beside the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

impl<A, R> ListDocument<A, R> {
    /// Resources, and nothing beside them.
    pub fn new(data: Vec<Resource<A, R>>) -> Self {
        Self { data, meta: None, included: Vec::new(), links: None }
    }

    /// The same with how long the whole list is.
    #[must_use]
    pub fn with_counts(mut self, total: u64, filtered: u64) -> Self {
        let (total_count, total_filtered_count) = (Some(total), Some(filtered));
        let page = PageMeta { total_count, total_filtered_count, after: None };
        self.meta.get_or_insert_default().page = Some(page);
        self
    }

    /// The same with resources that they refer to.
    #[must_use]
    pub fn with_included(mut self, included: Vec<serde_json::Value>) -> Self {
        self.included = included;
        self
    }
}

impl<A, R> From<Resource<A, R>> for Document<A, R> {
    /// A document about this resource, and nothing beside it.
    fn from(data: Resource<A, R>) -> Self {
        Self { data, meta: None, included: Vec::new() }
    }
}

impl Linkage {
    /// Names a resource.
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

fn none<R>() -> Option<R> {
    None
}
