//! Lists of any length, page by page.

use jsonapi_model::ListDocument;
use serde::de::DeserializeOwned;

use crate::{ApiClient, ClientError};

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// A part of a name, in any case; of users also of the e-mail address or handle. Empty finds all.
    pub filter: String,
    /// No more than so many; all if it is not said.
    pub limit: Option<usize>,
}

impl ListOptions {
    /// All whose name holds this.
    pub fn filter(text: impl Into<String>) -> Self {
        Self { filter: text.into(), limit: None }
    }
}

impl ApiClient {
    /// Reads page after page, as many as are wanted, into one document. Its `meta` is that of the first page: how many there are.
    pub(super) async fn list<A: DeserializeOwned, R: DeserializeOwned>(
        &self,
        path: &[&str],
        page_size: usize,
        options: &ListOptions,
    ) -> Result<ListDocument<A, R>, ClientError> {
        let limit = options.limit.unwrap_or(usize::MAX);
        let mut all: ListDocument<A, R> = ListDocument::new(Vec::new());
        let size = page_size.min(limit.max(1));
        for number in 0_usize.. {
            let (size_text, number_text) = (size.to_string(), number.to_string());
            let mut query =
                vec![("page[size]", size_text.as_str()), ("page[number]", &number_text)];
            if !options.filter.is_empty() {
                query.push(("filter", &options.filter));
            }
            let page: ListDocument<A, R> = self.read(path, &query).await?;
            let last = !more(&page, size, number);
            all.data.extend(page.data);
            for included in page.included {
                if !all.included.contains(&included) {
                    all.included.push(included);
                }
            }
            all.meta = all.meta.or(page.meta);
            if last || all.data.len() >= limit {
                break;
            }
        }
        all.data.truncate(limit);
        Ok(all)
    }
}

/// Whether others follow a page. A page may be short because some of its rows are not shown, so how many there are decides, if it is said.
fn more<A, R>(page: &ListDocument<A, R>, size: usize, number: usize) -> bool {
    let counts = page.meta.as_ref().and_then(|meta| meta.page.as_ref());
    match counts.and_then(|counts| counts.total_filtered_count) {
        Some(all) => {
            let seen = number.saturating_add(1).saturating_mul(size);
            u64::try_from(seen).is_ok_and(|seen| seen < all)
        }
        None => page.data.len() >= size,
    }
}
