//! The organization's audit log.

use jsonapi_model::{
    ListDocument, Resource,
    resources::{AuditAttributes, AuditSearch},
};

use crate::{ApiClient, ClientError};

/// An audit event.
pub type AuditEvent = Resource<AuditAttributes>;

impl ApiClient {
    /// One page of the audit log. If `meta.page.after` is there, it is the cursor of the next one.
    pub async fn audit_events(
        &self,
        search: &AuditSearch,
    ) -> Result<ListDocument<AuditAttributes>, ClientError> {
        let (filter, page) = (search.filter.as_ref(), search.page.as_ref());
        let limit = page.and_then(|page| page.limit).map(|limit| limit.to_string());
        let all = [
            ("filter[query]", filter.and_then(|filter| filter.query.as_deref())),
            ("filter[from]", filter.and_then(|filter| filter.from.as_deref())),
            ("filter[to]", filter.and_then(|filter| filter.to.as_deref())),
            ("sort", search.sort.as_deref()),
            ("page[cursor]", page.and_then(|page| page.cursor.as_deref())),
            ("page[limit]", limit.as_deref()),
        ];
        let query: Vec<_> =
            all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        self.read(&["api", "v2", "audit", "events"], &query).await
    }
}
