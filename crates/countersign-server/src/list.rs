//! The parameters of lists: `page[…]`, `sort`, `filter[…]`, turned into what the store is asked.

use auth_model::Timestamp;
use jsonapi_model::{Page, SortOrder};
use mapping_store::{Direction, Slice, TimeRange};

use crate::{error::ApiError, request::QueryPairs};

/// The part that `page[size]` and `page[number]` ask for.
pub(crate) fn slice(query: &QueryPairs) -> Result<Slice, ApiError> {
    let page: Page = jsonapi_model::page(query.iter())?;
    Ok(Slice { offset: page.offset(), limit: page.size })
}

/// What `sort` asks for: one of the names, and which way. Absent, it is the first.
pub(crate) fn order<O: Copy>(
    query: &QueryPairs,
    names: &[(&str, O)],
) -> Result<(O, Direction), ApiError> {
    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let first = known.first().copied().unwrap_or_default();
    let SortOrder { name, descending } =
        jsonapi_model::sort(query.get("sort").unwrap_or(first), &known)?;
    let found = names.iter().find(|(known, _)| *known == name).or(names.first());
    let Some((_, order)) = found else { return Err(ApiError::not_found()) };
    Ok((*order, if descending { Direction::Descending } else { Direction::Ascending }))
}

/// What a filter asks for; empty if it is absent.
pub(crate) fn text(query: &QueryPairs, name: &str) -> String {
    query.get(name).unwrap_or_default().to_owned()
}

/// The ids of a filter, separated by commas. What is no id names nothing: `None` says that nothing can be found.
pub(crate) fn ids<I: std::str::FromStr>(query: &QueryPairs, name: &str) -> Option<Vec<I>> {
    let given = query.get(name).unwrap_or_default();
    let parts: Vec<&str> = given.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    let ids: Vec<I> = parts.iter().filter_map(|id| id.parse().ok()).collect();
    (parts.is_empty() || !ids.is_empty()).then_some(ids)
}

/// `true` or `false`.
pub(crate) fn flag(query: &QueryPairs, name: &str) -> Result<Option<bool>, ApiError> {
    match query.get(name) {
        None | Some("") => Ok(None),
        Some("true" | "True") => Ok(Some(true)),
        Some("false" | "False") => Ok(Some(false)),
        Some(_) => {
            Err(ApiError::bad_request(format!("`{name}` is `true` or `false`")).parameter(name))
        }
    }
}

/// The range between `NAME[start]` and `NAME[end]`, RFC 3339.
pub(crate) fn range(query: &QueryPairs, name: &str) -> Result<TimeRange, ApiError> {
    let end = |which: &str| {
        let name = format!("{name}[{which}]");
        match query.get(&name) {
            None | Some("") => Ok(None),
            Some(text) => moment(text).map(Some).ok_or_else(|| {
                ApiError::bad_request(format!("`{name}` is a time such as `2026-11-24T18:46:21Z`"))
                    .parameter(name)
            }),
        }
    };
    Ok(TimeRange { from: end("start")?, to: end("end")? })
}

/// A time in the form of RFC 3339.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    jsonapi_model::time::parse_micros(text).map(Timestamp::from_unix_micros)
}
