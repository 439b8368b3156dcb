//! Who is in a team.

use auth_model::{TeamMember, UserId};
use axum::{extract::State, http::StatusCode};
use jsonapi_model::{
    Document, ListDocument,
    resources::{MembershipInput, MembershipInputRelationships, TEAM_MEMBERSHIPS, USERS},
};
use mapping_store::{StoreError, TeamMemberQuery};

use super::{
    teams::{find, no_uuid},
    users,
};
use crate::{
    App,
    caller::Caller,
    change::Change,
    error::ApiError,
    list,
    reply::Reply,
    request::{JsonBody, PathId, PathIds, QueryPairs, check_type},
    wire,
};

/// `GET /api/v2/team/{id}/memberships`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
    query: QueryPairs,
) -> Result<Reply, ApiError> {
    let team = find(&app, &caller, &id).await?.team;
    let (order, direction) = list::order(&query, users::ORDERS)?;
    let wanted = TeamMemberQuery {
        team: team.id,
        text: list::text(&query, "filter[keyword]"),
        order,
        direction,
        slice: list::slice(&query)?,
    };
    let listed = app.store().team_members(team.org, &wanted).await?;
    let rows = listed.rows.iter().map(|(member, _)| wire::membership(member)).collect();
    let mut included = Vec::with_capacity(listed.rows.len());
    for (_, user) in &listed.rows {
        included.push(wire::included(&wire::member(user))?);
    }
    let list = ListDocument::new(rows).with_counts(listed.total, listed.filtered);
    Reply::ok(&list.with_included(included))
}

/// `GET /api/v2/users/{id}/memberships`
pub(crate) async fn list_of_user(
    State(app): State<App>,
    caller: Caller,
    id: PathId,
) -> Result<Reply, ApiError> {
    let user = users::find(&app, &caller, &id).await?;
    let memberships = app.store().memberships(user.org, user.id).await?;
    Reply::ok(&ListDocument::new(memberships.iter().map(wire::membership).collect()))
}

/// `POST /api/v2/team/{id}/memberships`
pub(crate) async fn add(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    id: PathId,
    JsonBody(request): JsonBody<Document<MembershipInput, MembershipInputRelationships>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, TEAM_MEMBERSHIPS)?;
    let team = find(&app, &caller, &id).await?.team;
    let admin = is_admin(&request.data.attributes)?;
    let link = request.data.relationships.map(|given| given.user.data);
    let link = link.filter(|link| link.kind == USERS).ok_or_else(|| {
        ApiError::bad_request("say which user: `{\"data\":{\"type\":\"users\",\"id\":\"…\"}}`")
            .at("/data/relationships/user")
    })?;
    let absent = || ApiError::new(StatusCode::NOT_FOUND, format!("user {} not found", link.id));
    let user: UserId = link.id.parse().map_err(|_| absent())?;
    let user = app.store().user(team.org, user).await?.ok_or_else(absent)?;
    let event = change.of(&app, format!("user {} in team {}", user.id, team.id))?;
    let member = TeamMember {
        org: team.org,
        team: team.id,
        user: user.id,
        admin,
        added_by: Some(caller.user()),
        created_at: event.at,
    };
    app.store().insert_team_member(&member, &event).await.map_err(|error| match error {
        StoreError::Duplicate { .. } => ApiError::new(
            StatusCode::CONFLICT,
            format!("users already present on the team [{}]", user.id),
        ),
        error => error.into(),
    })?;
    let included = vec![wire::included(&wire::member(&user))?];
    Reply::ok(&Document { data: wire::membership(&member), meta: None, included })
}

/// `PATCH /api/v2/team/{id}/memberships/{user}`
pub(crate) async fn update(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    PathIds(team, user): PathIds,
    JsonBody(request): JsonBody<Document<MembershipInput>>,
) -> Result<Reply, ApiError> {
    check_type(&request.data.kind, TEAM_MEMBERSHIPS)?;
    let team = find(&app, &caller, &team).await?.team;
    let member: UserId = user.parse(|| no_uuid(&user))?;
    let admin = is_admin(&request.data.attributes)?;
    let event = change.of(&app, format!("user {member} in team {}", team.id))?;
    let changed = app.store().change_team_member(team.org, team.id, member, admin, &event).await?;
    let member = changed.ok_or_else(|| absent(&user))?;
    Reply::ok(&Document::from(wire::membership(&member)))
}

/// `DELETE /api/v2/team/{id}/memberships/{user}`
pub(crate) async fn remove(
    State(app): State<App>,
    change: Change,
    caller: Caller,
    PathIds(team, user): PathIds,
) -> Result<StatusCode, ApiError> {
    let team = find(&app, &caller, &team).await?.team;
    let member: UserId = user.parse(|| no_uuid(&user))?;
    let event = change.of(&app, format!("user {member} of team {}", team.id))?;
    match app.store().delete_team_member(team.org, team.id, member, &event).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent(&user)),
    }
}

fn absent(user: &PathId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("user {} is not in the team", user.text()))
}

fn is_admin(given: &MembershipInput) -> Result<bool, ApiError> {
    match given.role.as_deref() {
        None => Ok(false),
        Some("admin") => Ok(true),
        Some(_) => Err(ApiError::bad_request("a role in a team is `admin` or null")
            .at("/data/attributes/role")),
    }
}
