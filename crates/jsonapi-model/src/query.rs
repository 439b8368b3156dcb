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
        let read = |least: u64, most: u64| {
            let number = value.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| QueryError {
                parameter: name.to_owned(),
                message: format!("`{name}` is a whole number from {least} to {most}"),
            })
        };
        match name {
            "page[size]" => page.size = read(1, Page::MAX_SIZE)?,
            "page[number]" => page.number = read(0, u64::MAX)?,
            _ => {}
        }
    }
    Ok(page)
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
