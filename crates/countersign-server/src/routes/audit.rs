//! The organization's audit log.

use auth_model::{AuditEvent, AuditEventId, Timestamp};
use axum::extract::State;
use jsonapi_model::{
    ListDocument, ListLinks, PageMeta,
    resources::{AuditAttributes, AuditSearch, AuditSearchFilter, AuditSearchPage},
};
use mapping_store::{AuditQuery, Direction, TimeRange};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    App,
    audit_query::{AuditTerms, moment},
    caller::Caller,
    error::ApiError,
    reply::Reply,
    request::{JsonBody, QueryPairs},
    wire,
};

/// `GET /api/v2/audit/events`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    let limit = match query.get("page[limit]") {
        None | Some("") => None,
        Some(text) => Some(text.parse().map_err(|_| {
            ApiError::bad_request("`page[limit]` is a whole number").parameter("page[limit]")
        })?),
    };
    let search = AuditSearch {
        filter: Some(AuditSearchFilter {
            query: text("filter[query]"),
            from: text("filter[from]"),
            to: text("filter[to]"),
        }),
        sort: text("sort"),
        page: Some(AuditSearchPage { cursor: text("page[cursor]"), limit }),
    };
    let (mut list, next) = answer(&app, &caller, search).await?;
    list.links = next.map(|cursor| next_page(&app, &query, &cursor));
    Reply::ok(&list)
}

/// The same list from a cursor on.
fn next_page(app: &App, query: &QueryPairs, cursor: &str) -> ListLinks {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let kept = query.iter().filter(|(name, _)| *name != "page[cursor]");
    let pairs = kept.chain([("page[cursor]", cursor)]);
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let next = format!("{}/api/v2/audit/events?{}", app.config().issuer(), pairs.join("&"));
    ListLinks { next: Some(next), ..ListLinks::default() }
}

/// `POST /api/v2/audit/events/search`
pub(crate) async fn search(
    State(app): State<App>,
    caller: Caller,
    JsonBody(search): JsonBody<AuditSearch>,
) -> Result<Reply, ApiError> {
    Reply::ok(&answer(&app, &caller, search).await?.0)
}

/// A page, and the cursor of the next one.
async fn answer(
    app: &App,
    caller: &Caller,
    search: AuditSearch,
) -> Result<(ListDocument<AuditAttributes>, Option<String>), ApiError> {
    let now = app.clock().now();
    let wanted = Wanted::read(search, now)?;
    let found = find(app, caller, &wanted).await?;
    let mut list = ListDocument::<_>::new(found.events.iter().map(wire::audit_event).collect());
    let meta = list.meta.get_or_insert_default();
    meta.status = Some(if found.complete { "done" } else { "timeout" }.to_owned());
    meta.page = Some(PageMeta { after: found.next.clone(), ..PageMeta::default() });
    Ok((list, found.next))
}

/// What is searched for.
struct Wanted {
    terms: AuditTerms,
    range: TimeRange,
    direction: Direction,
    after: Option<(Timestamp, AuditEventId)>,
    limit: usize,
}

impl Wanted {
    fn read(search: AuditSearch, now: Timestamp) -> Result<Self, ApiError> {
        let wrong = |detail: String, what: &str| ApiError::bad_request(detail).parameter(what);
        let filter = search.filter.unwrap_or_default();
        let page = search.page.unwrap_or_default();
        let terms = AuditTerms::parse(filter.query.as_deref().unwrap_or_default())
            .map_err(|error| wrong(error.to_string(), "filter[query]"))?;
        let end = |text: Option<String>, otherwise: &str, what: &str| {
            let text = text.filter(|text| !text.is_empty());
            moment(text.as_deref().unwrap_or(otherwise), now).ok_or_else(|| {
                wrong(
                    "a time is RFC 3339, milliseconds since 1970, or such as `now-15m`".to_owned(),
                    what,
                )
            })
        };
        let from = end(filter.from, "now-15m", "filter[from]")?;
        let to = match filter.to {
            // What happens in this very microsecond too.
            None => now.plus(std::time::Duration::from_micros(1)),
            text => end(text, "now", "filter[to]")?,
        };
        let direction = match search.sort.as_deref() {
            None | Some("" | "-timestamp") => Direction::Descending,
            Some("timestamp") => Direction::Ascending,
            Some(_) => {
                let detail = "`sort` is `timestamp` or `-timestamp`".to_owned();
                return Err(wrong(detail, "sort"));
            }
        };
        let after =
            match page.cursor.as_deref() {
                None | Some("") => None,
                Some(text) => Some(read_cursor(text).ok_or_else(|| {
                    wrong("the cursor is none of ours".to_owned(), "page[cursor]")
                })?),
            };
        let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(wrong(format!("`page[limit]` is from 1 to {MAX_LIMIT}"), "page[limit]"));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let range = TimeRange { from: Some(from), to: Some(to) };
        Ok(Self { terms, range, direction, after, limit })
    }
}

struct Found {
    events: Vec<AuditEvent>,
    next: Option<String>,
    /// Everything up to the last event was looked at; otherwise the rest waits for the next page.
    complete: bool,
}

/// Reads batch after batch until the page is full, so that a search costs no more than it must, and never more than a bound.
async fn find(app: &App, caller: &Caller, wanted: &Wanted) -> Result<Found, ApiError> {
    let mut after = wanted.after;
    let mut events = Vec::new();
    let batch = if wanted.terms.is_empty() { wanted.limit + 1 } else { BATCH };
    let limit = u32::try_from(batch).unwrap_or(u32::MAX);
    for _ in 0..MAX_BATCHES {
        let query = AuditQuery { range: wanted.range, after, direction: wanted.direction, limit };
        let read = app.store().events(caller.org(), query).await?;
        let last_batch = read.len() < batch;
        for event in read {
            if events.len() == wanted.limit {
                return Ok(Found { events, next: after.map(cursor), complete: true });
            }
            after = Some((event.at, event.id));
            if wanted.terms.meet(&event) {
                events.push(event);
            }
        }
        if last_batch {
            return Ok(Found { events, next: None, complete: true });
        }
    }
    Ok(Found { events, next: after.map(cursor), complete: false })
}

fn cursor((at, id): (Timestamp, AuditEventId)) -> String {
    format!("{}_{id}", at.unix_micros())
}

fn read_cursor(text: &str) -> Option<(Timestamp, AuditEventId)> {
    let (at, id) = text.split_once('_')?;
    Some((Timestamp::from_unix_micros(at.parse().ok()?), id.parse().ok()?))
}

const DEFAULT_LIMIT: u64 = 10;
const MAX_LIMIT: u64 = 1_000;
const BATCH: usize = 500;
const MAX_BATCHES: usize = 40;
