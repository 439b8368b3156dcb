//! `countersign audit tail`

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use countersign_client::{ApiClient, AuditEvent};
use jsonapi_model::resources::{AuditSearch, AuditSearchFilter, AuditSearchPage};

use crate::{
    cli::{Output, Tail},
    connection,
    failure::Failure,
    lookup::id,
    output, signals,
};

pub(crate) async fn run(args: Tail, form: Output) -> Result<(), Failure> {
    let api = connection::api(&args.api).await?;
    let mut names = Names::default();
    let newest = newest(&api, &args).await?;
    if !args.follow && form != Output::Json {
        let mut rows = Vec::with_capacity(newest.len());
        for event in &newest {
            rows.push(names.columns(&api, event).await.into());
        }
        let empty =
            format!("Nothing has happened since {}; `--from` looks further back.", args.from);
        output::table(&["when", "action", "outcome", "who", "more"], rows, &empty);
        return Ok(());
    }
    show(&api, &mut names, &newest, form).await?;
    if args.follow { follow(&api, &args, names, newest, form).await } else { Ok(()) }
}

/// The newest events of all that are asked for, oldest first.
async fn newest(api: &ApiClient, args: &Tail) -> Result<Vec<AuditEvent>, Failure> {
    let wanted = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut search = search(args, &args.from, "-timestamp", PAGE.min(args.limit));
    let mut events = Vec::new();
    loop {
        let page = api.audit_events(&search).await?;
        events.extend(page.data);
        let next = page.meta.and_then(|meta| meta.page).and_then(|page| page.after);
        if events.len() >= wanted || next.is_none() {
            break;
        }
        set_cursor(&mut search, next);
    }
    events.truncate(wanted);
    events.reverse();
    Ok(events)
}

/// Asks again and again, until told to stop. Events that were written at the same time may come out of order, so each look begins a
/// little before the last event and leaves out what was shown.
async fn follow(
    api: &ApiClient,
    args: &Tail,
    mut names: Names,
    shown: Vec<AuditEvent>,
    form: Output,
) -> Result<(), Failure> {
    let mut seen: HashSet<String> = shown.iter().map(|event| id(&event.id)).collect();
    let mut newest = shown.iter().filter_map(micros).max();
    // What `--limit` has left out stays out.
    let oldest = shown.first().and_then(micros);
    let stop = signals::stop();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = &mut stop => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
        let from = newest.map_or_else(|| args.from.clone(), overlapping);
        let events = match since(api, args, &from).await {
            Ok(events) => events,
            Err(failure) if failure.may_pass() => {
                output::note(&format!("{}; trying again", failure.sentence()));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let is_new = |event: &&AuditEvent| {
            !seen.contains(&id(&event.id))
                && oldest.is_none_or(|oldest| micros(event) >= Some(oldest))
        };
        let new: Vec<AuditEvent> = events.iter().filter(is_new).cloned().collect();
        show(api, &mut names, &new, form).await?;
        newest = newest.max(events.iter().filter_map(micros).max());
        // Of what comes before the overlap nothing is asked for any more.
        seen = events.iter().map(|event| id(&event.id)).collect();
    }
}

/// All events since then, oldest first.
async fn since(api: &ApiClient, args: &Tail, from: &str) -> Result<Vec<AuditEvent>, Failure> {
    let mut search = search(args, from, "timestamp", PAGE);
    let mut events = Vec::new();
    loop {
        let page = api.audit_events(&search).await?;
        events.extend(page.data);
        let next = page.meta.and_then(|meta| meta.page).and_then(|page| page.after);
        if next.is_none() {
            return Ok(events);
        }
        set_cursor(&mut search, next);
    }
}

fn search(args: &Tail, from: &str, sort: &str, limit: u64) -> AuditSearch {
    AuditSearch {
        filter: Some(AuditSearchFilter {
            query: args.query.clone(),
            from: Some(from.to_owned()),
            to: None,
        }),
        sort: Some(sort.to_owned()),
        page: Some(AuditSearchPage { cursor: None, limit: Some(limit) }),
    }
}

fn set_cursor(search: &mut AuditSearch, cursor: Option<String>) {
    search.page.get_or_insert_default().cursor = cursor;
}

/// Line by line, as they come.
async fn show(
    api: &ApiClient,
    names: &mut Names,
    events: &[AuditEvent],
    form: Output,
) -> Result<(), Failure> {
    for event in events {
        if form == Output::Json {
            output::json_line(event)?;
        } else {
            let [when, action, outcome, who, more] = names.columns(api, event).await;
            output::line(format!("{when}  {action:<24} {outcome:<8} {who:<36} {more}").trim_end());
        }
    }
    output::flush();
    Ok(())
}

/// What users are called, as far as one may know.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    async fn columns(&mut self, api: &ApiClient, event: &AuditEvent) -> [String; 5] {
        let outer = &event.attributes;
        let a = &outer.attributes;
        let who = match (&a.caller_arn, &a.user_id) {
            (Some(arn), _) => arn.clone(),
            (None, Some(user)) => self.name(api, user).await,
            (None, None) => a.source_ip.clone().unwrap_or_else(|| "the installation".to_owned()),
        };
        let parts = [a.reason.as_str(), a.detail.as_str()];
        let more: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let when = output::moment(&outer.timestamp);
        [when, a.action.clone(), a.outcome.clone(), who, more.join(": ")]
    }

    /// The user's e-mail address; the id for whoever may not read it, and after so many that asking would take long.
    async fn name(&mut self, api: &ApiClient, user: &str) -> String {
        if let Some(known) = self.0.get(user) {
            return known.clone();
        }
        let asked = if self.0.len() < MAX_NAMES { api.user(user).await.ok() } else { None };
        let name = asked.map_or_else(|| user.to_owned(), |found| found.data.attributes.email);
        self.0.insert(user.to_owned(), name.clone());
        name
    }
}

fn micros(event: &AuditEvent) -> Option<i64> {
    jsonapi_model::time::parse_micros(&event.attributes.timestamp)
}

fn overlapping(newest: i64) -> String {
    jsonapi_model::time::zulu_micros(newest.saturating_sub(OVERLAP_MICROS))
}

const EVERY: Duration = Duration::from_secs(2);
const OVERLAP_MICROS: i64 = 5_000_000;
/// An event takes some 2 KiB at most, and an answer 1 MiB.
const PAGE: u64 = 250;
const MAX_NAMES: usize = 50;
