#![doc = include_str!("../README.md")]

mod document;
mod error;
mod objects;
mod parse;
mod query;
pub mod resources;
pub mod time;

pub use document::{
    Document, Linkage, ListDocument, ListLinks, ListMeta, Meta, NoRelationships, PageMeta,
    Pagination, Relationship, Resource, ToMany, ToOneOrNone,
};
pub use error::{ErrorObject, ErrorObjects, ErrorSource, ErrorStrings, OauthError, WireErrors};
pub use parse::{BodyError, from_slice};
pub use query::{Page, QueryError, SortOrder, page, sort};

/// The content type of the older half of the API, and of both exchanges.
pub const JSON: &str = "application/json";

/// The content type of JSON:API itself, which the newer half answers with.
pub const VND_API_JSON: &str = "application/vnd.api+json";

/// Whether a request's `Content-Type` says JSON, in either spelling, with or without parameters.
pub fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case(JSON) || media_type.eq_ignore_ascii_case(VND_API_JSON)
}

/// The id in a path without the JSON quotes that one client puts around it.
pub fn path_id(segment: &str) -> &str {
    segment.strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(segment)
}
