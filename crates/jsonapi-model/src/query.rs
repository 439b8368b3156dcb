//! The parameters that lists take: `page[size]`, `page[number]`, `sort`.

/// What is wrong with a query parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Which parameter.
    pub parameter: String,
    message: String,
}

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many: 1 to [`Page::MAX_SIZE`], 10 unless told.
    pub size: u64,
    /// Which page, from 0.
    pub number: u64,
}

impl Page {
    /// The largest page.
    pub const MAX_SIZE: u64 = 5_000;

    /// How many rows come before it; saturates.
    pub fn offset(self) -> u64 {
        self.size.saturating_mul(self.number)
    }
}

/// Which way a list is sorted, and by which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortOrder<'a> {
    /// One of the names that the list allows.
    pub name: &'a str,
    /// `-name`: from the largest down.
    pub descending: bool,
}

/// Reads `page[size]` and `page[number]` out of the decoded pairs of a query.
pub fn page<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Page, QueryError> {
    let mut page = Page { size: 10, number: 0 };
    for (name, value) in pairs {
        let read = || {
            value.parse::<u64>().map_err(|_| QueryError {
                parameter: name.to_owned(),
                message: format!("`{name}` is a whole number"),
            })
        };
        match name {
            "page[size]" => page.size = read()?,
            "page[number]" => page.number = read()?,
            _ => {}
        }
    }
    if (1..=Page::MAX_SIZE).contains(&page.size) {
        return Ok(page);
    }
    let message = format!("`page[size]` is from 1 to {}", Page::MAX_SIZE);
    Err(QueryError { parameter: "page[size]".to_owned(), message })
}

/// Reads `sort`, if it is there: one of `names`, with a `-` in front to turn the order round.
pub fn sort<'a>(value: &'a str, names: &[&str]) -> Result<SortOrder<'a>, QueryError> {
    let (name, descending) = match value.strip_prefix('-') {
        Some(name) => (name, true),
        None => (value, false),
    };
    if names.contains(&name) {
        return Ok(SortOrder { name, descending });
    }
    let message =
        format!("`sort` is one of `{}`, with `-` in front to turn it round", names.join("`, `"));
    Err(QueryError { parameter: "sort".to_owned(), message })
}
