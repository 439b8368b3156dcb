//! Teams.

use auth_model::{CountedTeam, Team, TeamChange, TeamId, TeamLook};
use axum::{
    extract::{OriginalUri, State},
    http::StatusCode,
};
use jsonapi_model::{
    Document, ListDocument, ListLinks, Pagination,
    resources::{TEAM, TeamInput, TeamLookInput, TeamUpdate},
};
use mapping_store::{Slice, StoreError, TeamOrder, TeamQuery};

use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, QueryPairs, check_type},
    text, wire,
};

const ORDERS: &[(&str, TeamOrder)] =
    &[("name", TeamOrder::Name), ("user_count", TeamOrder::UserCount)];

/// `GET /api/v2/team`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: OriginalUri,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let (order, direction) = list::order(&query, ORDERS)?;
    let own = list::flag(&query, "filter[me]")?.unwrap_or(false);
    let slice = slice(&query)?;
    let wanted = TeamQuery {
        text: list::text(&query, "filter[keyword]"),
        member: own.then(|| caller.user()),
        order,
        direction,
        slice,
    };
    let listed = app.store().teams(caller.org(), &wanted).await?;
    let mut list = ListDocument::new(listed.rows.iter().map(wire::team).collect());
    let pagination = pagination(slice, listed.filtered);
    list.links = Some(links(&format!("{}{}", app.config().issuer(), uri.path()), &pagination));
    list.meta.get_or_insert_default().pagination = Some(pagination);
    Reply::ok(&list)
}

/// `POST /api/v2/team`
pub(crate) async fn create(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    JsonBody(request): JsonBody<Document<TeamInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, TEAM)?;
    let TeamInput { name, handle, look } = request.data.attributes;
    let id = TeamId::random(app.randomness())?;
    let event = change.of(&app, format!("team {id}"))?;
    let team = Team {
        id,
        org: caller.org(),
        name: team_name(&name)?,
        handle: team_handle(&handle)?,
        look: changed_look(TeamLook::default(), look)?,
        created_at: event.at,
        modified_at: event.at,
    };
    app.store().insert_team(&team, &event).await.map_err(taken)?;
    Reply::created(&Document::from(wire::team(&CountedTeam { team, user_count: 0 })))
}

/// `GET /api/v2/team/{id}`
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    Reply::ok(&Document::from(wire::team(&find(&app, &caller, &id).await?)))
}

/// `PATCH /api/v2/team/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<TeamUpdate>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, TEAM)?;
    let before = find(&app, &caller, &id).await?.team;
    let TeamUpdate { name, handle, look } = request.data.attributes;
    let event = change.of(&app, format!("team {}", before.id))?;
    let wanted = TeamChange {
        name: name.map(|name| team_name(&name)).transpose()?,
        handle: handle.map(|handle| team_handle(&handle)).transpose()?,
        look: Some(changed_look(before.look, look)?),
        modified_at: event.at,
    };
    let changed = app.store().change_team(caller.org(), before.id, &wanted, &event).await;
    let team = changed.map_err(taken)?.ok_or_else(|| absent(before.id))?;
    Reply::ok(&Document::from(wire::team(&team)))
}

/// `DELETE /api/v2/team/{id}`
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
) -> Result<StatusCode, ApiError> {
    let id = team_id(&id)?;
    let event = change.of(&app, format!("team {id}"))?;
    match app.store().delete_team(caller.org(), id, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent(id)),
    }
}

/// The team of this id, or the answer that there is none.
pub(super) async fn find(app: &App, caller: &Caller, id: &PathId) -> Result<CountedTeam, ApiError> {
    let id = team_id(id)?;
    app.store().team(caller.org(), id).await?.ok_or_else(|| absent(id))
}

fn team_id(id: &PathId) -> Result<TeamId, ApiError> {
    id.parse(|| no_uuid(id))
}

/// In the words of the public service.
pub(super) fn no_uuid(id: &PathId) -> ApiError {
    let detail = format!("{} is not a valid UUID not found", id.text());
    ApiError::new(StatusCode::NOT_FOUND, detail)
}

fn absent(id: TeamId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("Team for ID {id} not found"))
}

fn taken(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate { .. } => {
            ApiError::new(StatusCode::CONFLICT, "Team name and handle must be unique")
        }
        error => error.into(),
    }
}

fn team_name(name: &str) -> Result<String, ApiError> {
    text::name(name, "a team's name", "/data/attributes/name")
}

fn team_handle(handle: &str) -> Result<String, ApiError> {
    text::name(handle, "a team's handle", "/data/attributes/handle")
}

fn changed_look(before: TeamLook, given: TeamLookInput) -> Result<TeamLook, ApiError> {
    let short = |text: Option<String>, name: &str, before| match text {
        Some(text) => {
            let pointer = format!("/data/attributes/{name}");
            text::paragraph(&text, &format!("a team's {name}"), &pointer).map(Some)
        }
        None => Ok(before),
    };
    let modules = |given: Option<Vec<String>>, name: &str, before: Vec<String>| match given {
        Some(modules) if modules.len() > MAX_MODULES => {
            Err(ApiError::bad_request(format!("at most {MAX_MODULES} modules"))
                .at(format!("/data/attributes/{name}")))
        }
        Some(modules) => {
            let pointer = format!("/data/attributes/{name}");
            modules.iter().map(|module| text::name(module, "a module", &pointer)).collect()
        }
        None => Ok(before),
    };
    Ok(TeamLook {
        summary: short(given.summary, "summary", before.summary)?,
        description: short(given.description, "description", before.description)?,
        avatar: short(given.avatar, "avatar", before.avatar)?,
        banner: given.banner.or(before.banner),
        visible_modules: modules(given.visible_modules, "visible_modules", before.visible_modules)?,
        hidden_modules: modules(given.hidden_modules, "hidden_modules", before.hidden_modules)?,
    })
}

/// By offset and limit as well as by page: clients of the public service use both.
fn slice(query: &QueryPairs) -> Result<Slice, ApiError> {
    let number = |name: &str| match query.get(name) {
        None | Some("") => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| {
            ApiError::bad_request(format!("`{name}` is a whole number")).parameter(name)
        }),
    };
    let paged = query.get("page[size]").is_some() || query.get("page[number]").is_some();
    if paged {
        return list::slice(query);
    }
    let limit = number("page[limit]")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=jsonapi_model::Page::MAX_SIZE).contains(&limit) {
        let detail = format!("`page[limit]` is from 1 to {}", jsonapi_model::Page::MAX_SIZE);
        return Err(ApiError::bad_request(detail).parameter("page[limit]"));
    }
    Ok(Slice { offset: number("page[offset]")?.unwrap_or(0), limit })
}

fn pagination(Slice { offset, limit }: Slice, total: u64) -> Pagination {
    Pagination {
        kind: "offset_limit".to_owned(),
        total,
        limit,
        offset,
        first_offset: 0,
        prev_offset: offset.saturating_sub(limit),
        next_offset: offset.saturating_add(limit),
        last_offset: total.saturating_sub(1) / limit.max(1) * limit,
    }
}

fn links(list: &str, page: &Pagination) -> ListLinks {
    let at = |offset: u64| Some(format!("{list}?page[offset]={offset}&page[limit]={}", page.limit));
    ListLinks {
        this: at(page.offset),
        first: at(0),
        prev: if page.offset > 0 { at(page.prev_offset) } else { None },
        // Also past the end, as the public service has it.
        next: at(page.next_offset),
        last: at(page.last_offset),
    }
}

const DEFAULT_LIMIT: u64 = 100;
const MAX_MODULES: usize = 50;
