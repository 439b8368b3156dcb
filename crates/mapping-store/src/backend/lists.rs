//! Lists in SQL: what is asked of which tables. It is the same in every database but for how a value is written, so each
//! list is made of parts here, and an adapter only has to render them.

use auth_model::{OrgId, Timestamp, UserStatus};
use uuid::Uuid;

use crate::{
    ApiKeyQuery, AppKeyQuery, AuditQuery, AuthnMappingOrder, AuthnMappingQuery, Direction,
    KeyOrder, RoleOrder, RoleQuery, Slice, TeamMemberQuery, TeamOrder, TeamQuery, TimeRange,
    UserOrder, UserQuery, backend::wanted,
};

/// A piece of a statement. Texts are fixed; whatever comes from outside is a value, which the adapter binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it stands.
    Sql(&'static str),
    /// An id.
    Id(Uuid),
    /// A number or a time.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// ` JOIN `, of which the left side is to be read first.
    Join,
    /// That the column holds the text somewhere; both are folded.
    Holds(&'static str, String),
    /// That the column is one of these.
    OneOf(&'static str, Vec<Uuid>),
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// `FROM … WHERE …`, for all rows that there are.
    pub base: Vec<Part>,
    /// What is looked for among them, each beginning with `AND`; empty if nothing is.
    pub narrowing: Vec<Part>,
    /// `ORDER BY …`.
    pub order: &'static str,
    /// Which part.
    pub slice: Slice,
    /// A statement with the number of all rows; it has no row where that is 0.
    pub total: Vec<Part>,
}

impl List {
    /// Limit and offset as databases take them, which may be added without overflow.
    pub fn bounds(&self) -> (i64, i64) {
        let offset = i64::try_from(self.slice.offset).unwrap_or(i64::MAX);
        let limit = i64::try_from(self.slice.limit).unwrap_or(i64::MAX);
        (limit.min(i64::MAX - offset), offset)
    }

    /// `FROM … WHERE … AND …`, for the rows that are looked for.
    pub fn wanted(&self) -> impl Iterator<Item = &Part> {
        self.base.iter().chain(&self.narrowing)
    }
}

/// A column and then the id, both in one direction.
macro_rules! by {
    ($direction:expr, $column:literal, $id:literal) => {
        directed(
            $direction,
            concat!(" ORDER BY ", $column, ", ", $id),
            concat!(" ORDER BY ", $column, " DESC, ", $id, " DESC"),
        )
    };
}

/// How the number of the rows of a kind is asked for.
macro_rules! number_of {
    ($kind:literal) => {
        concat!("SELECT n FROM row_counts WHERE kind = '", $kind, "' AND org_id = ")
    };
}

/// Users, from `users u`.
pub fn users(org: OrgId, query: &UserQuery) -> List {
    let (base, total) = match query.role {
        None => (
            vec![Part::Sql(" FROM users u WHERE u.org_id = "), Part::Id(org.0)],
            kept(number_of!("users"), org),
        ),
        Some(role) => (
            vec![
                Part::Sql(" FROM user_roles h"),
                Part::Join,
                Part::Sql("users u ON u.org_id = h.org_id AND u.id = h.user_id WHERE h.org_id = "),
                Part::Id(org.0),
                Part::Sql(" AND h.role_id = "),
                Part::Id(role.0),
            ],
            user_count("SELECT user_count FROM roles WHERE org_id = ", org, role.0),
        ),
    };
    let status = statuses(&query.statuses);
    let mut narrowing = text("u.folded", &query.text);
    narrowing.extend((!status.is_empty()).then_some(Part::Sql(status)));
    let order = user_order(query.order, query.direction);
    List { base, narrowing, order, slice: query.slice, total }
}

/// Roles, from `roles r`.
pub fn roles(org: OrgId, query: &RoleQuery) -> List {
    let mut narrowing = text("r.folded", &query.text);
    if !query.ids.is_empty() {
        let ids = query.ids.iter().map(|id| id.0).collect();
        narrowing.extend([Part::Sql(" AND "), Part::OneOf("r.id", ids)]);
    }
    let order = match query.order {
        // Unique, so that it needs no id beside it.
        RoleOrder::Name => directed(query.direction, " ORDER BY r.name", " ORDER BY r.name DESC"),
        RoleOrder::ModifiedAt => by!(query.direction, "r.modified_at", "r.id"),
        RoleOrder::UserCount => by!(query.direction, "r.user_count", "r.id"),
    };
    List {
        base: vec![Part::Sql(" FROM roles r WHERE r.org_id = "), Part::Id(org.0)],
        narrowing,
        order,
        slice: query.slice,
        total: kept(number_of!("roles"), org),
    }
}

/// Invitations, from `invitations i`.
pub fn invitations(org: OrgId, slice: Slice) -> List {
    List {
        base: vec![Part::Sql(" FROM invitations i WHERE i.org_id = "), Part::Id(org.0)],
        narrowing: Vec::new(),
        order: by!(Direction::Descending, "i.created_at", "i.id"),
        slice,
        total: kept(number_of!("invitations"), org),
    }
}

/// API keys, from `api_keys k`.
pub fn api_keys(org: OrgId, query: &ApiKeyQuery) -> List {
    let mut narrowing = text("k.folded", &query.text);
    narrowing.extend(query.managed.map(|managed| {
        Part::Sql(if managed {
            " AND k.mapping_id IS NOT NULL"
        } else {
            " AND k.mapping_id IS NULL"
        })
    }));
    within(&mut narrowing, " AND k.created_at >= ", " AND k.created_at < ", query.created);
    within(&mut narrowing, " AND k.modified_at >= ", " AND k.modified_at < ", query.modified);
    if let Some(enabled) = query.remote_config_read_enabled {
        let column = Part::Sql(" AND k.remote_config_read_enabled = ");
        narrowing.extend([column, Part::Flag(enabled)]);
    }
    List {
        base: vec![Part::Sql(" FROM api_keys k WHERE k.org_id = "), Part::Id(org.0)],
        narrowing,
        order: match query.order {
            KeyOrder::ModifiedAt => by!(query.direction, "k.modified_at", "k.id"),
            order => key_order(order, query.direction),
        },
        slice: query.slice,
        total: kept(number_of!("api_keys"), org),
    }
}

/// Application keys, from `app_keys k`.
pub fn app_keys(org: OrgId, query: &AppKeyQuery) -> List {
    let mut base = vec![Part::Sql(" FROM app_keys k WHERE k.org_id = "), Part::Id(org.0)];
    let mut total = kept(number_of!("app_keys"), org);
    if let Some(owner) = query.owner {
        base.extend([Part::Sql(" AND k.owner_id = "), Part::Id(owner.0)]);
        total = counted(&base);
    }
    let mut narrowing = text("k.folded", &query.text);
    within(&mut narrowing, " AND k.created_at >= ", " AND k.created_at < ", query.created);
    let order = key_order(query.order, query.direction);
    List { base, narrowing, order, slice: query.slice, total }
}

/// Teams, from `teams t`.
pub fn teams(org: OrgId, query: &TeamQuery) -> List {
    let (base, total) = match query.member {
        None => (
            vec![Part::Sql(" FROM teams t WHERE t.org_id = "), Part::Id(org.0)],
            kept(number_of!("teams"), org),
        ),
        Some(user) => {
            let base = vec![
                Part::Sql(" FROM team_members m"),
                Part::Join,
                Part::Sql("teams t ON t.org_id = m.org_id AND t.id = m.team_id WHERE m.org_id = "),
                Part::Id(org.0),
                Part::Sql(" AND m.user_id = "),
                Part::Id(user.0),
            ];
            let total = counted(&base);
            (base, total)
        }
    };
    let order = match query.order {
        TeamOrder::Name => directed(query.direction, " ORDER BY t.name", " ORDER BY t.name DESC"),
        TeamOrder::UserCount => by!(query.direction, "t.user_count", "t.id"),
    };
    let narrowing = text("t.folded", &query.text);
    List { base, narrowing, order, slice: query.slice, total }
}

/// Members of a team, from `team_members m` and `users u`.
pub fn team_members(org: OrgId, query: &TeamMemberQuery) -> List {
    List {
        base: vec![
            Part::Sql(" FROM team_members m"),
            Part::Join,
            Part::Sql("users u ON u.org_id = m.org_id AND u.id = m.user_id WHERE m.org_id = "),
            Part::Id(org.0),
            Part::Sql(" AND m.team_id = "),
            Part::Id(query.team.0),
        ],
        narrowing: text("u.folded", &query.text),
        order: user_order(query.order, query.direction),
        slice: query.slice,
        total: user_count("SELECT user_count FROM teams WHERE org_id = ", org, query.team.0),
    }
}

/// AuthN mappings, from `authn_mappings m`. By their targets they are sorted when they are asked for: names are elsewhere, and
/// an organization has few mappings.
pub fn authn_mappings(org: OrgId, query: &AuthnMappingQuery) -> List {
    let mut narrowing = text(AUTHN_TEXT, &query.text);
    narrowing.extend(query.teams.map(|teams| {
        Part::Sql(if teams { " AND m.team_id IS NOT NULL" } else { " AND m.role_id IS NOT NULL" })
    }));
    let order = match query.order {
        AuthnMappingOrder::CreatedAt => by!(query.direction, "m.created_at", "m.id"),
        AuthnMappingOrder::Key => by!(query.direction, "m.key", "m.id"),
        AuthnMappingOrder::Value => by!(query.direction, "m.value", "m.id"),
        AuthnMappingOrder::TargetId => {
            by!(query.direction, "coalesce(m.role_id, m.team_id)", "m.id")
        }
        AuthnMappingOrder::TargetName => by!(
            query.direction,
            "coalesce((SELECT r.name FROM roles r WHERE r.org_id = m.org_id AND r.id = m.role_id),
                (SELECT t.name FROM teams t WHERE t.org_id = m.org_id AND t.id = m.team_id))",
            "m.id"
        ),
    };
    List {
        base: vec![Part::Sql(" FROM authn_mappings m WHERE m.org_id = "), Part::Id(org.0)],
        narrowing,
        order,
        slice: query.slice,
        total: kept(number_of!("authn_mappings"), org),
    }
}

/// Kept assertions whose time has not come at `now`, from `kept_assertions k`. They are counted when they are asked for: time alone
/// makes them fewer.
pub fn kept_assertions(org: OrgId, slice: Slice, now: Timestamp) -> List {
    let base = live_assertions(org, now);
    let total = counted(&base);
    let order = by!(Direction::Descending, "k.received_at", "k.id");
    List { base, narrowing: Vec::new(), order, slice, total }
}

/// The latest of each user among them, from `kept_assertions k`.
pub fn latest_assertions(org: OrgId, slice: Slice, now: Timestamp) -> List {
    let mut base = live_assertions(org, now);
    let users = Part::Sql("SELECT count(DISTINCT k.user_id)");
    let total = [users].into_iter().chain(base.iter().cloned()).collect();
    base.extend([
        Part::Sql(
            " AND k.id = (SELECT l.id FROM kept_assertions l
            WHERE l.org_id = k.org_id AND l.user_id = k.user_id AND +l.keep_until > ",
        ),
        Part::Number(now.unix_micros()),
        Part::Sql(" ORDER BY l.received_at DESC, l.id DESC LIMIT 1)"),
    ]);
    List { base, narrowing: Vec::new(), order: " ORDER BY k.user_id", slice, total }
}

/// The `+` keeps a database from looking for them by their end: that finds almost all that there are, of whatever organization.
fn live_assertions(org: OrgId, now: Timestamp) -> Vec<Part> {
    vec![
        Part::Sql(" FROM kept_assertions k WHERE k.org_id = "),
        Part::Id(org.0),
        Part::Sql(" AND +k.keep_until > "),
        Part::Number(now.unix_micros()),
    ]
}

/// As [`folded`](super::folded) makes it of key, value and the name of the role or team: the line break in quotes stands between
/// them. A team's own `folded` holds its handle too.
const AUTHN_TEXT: &str = "m.folded || '\n' || coalesce(
    (SELECT r.folded FROM roles r WHERE r.org_id = m.org_id AND r.id = m.role_id),
    (SELECT t.folded_name FROM teams t WHERE t.org_id = m.org_id AND t.id = m.team_id))";

/// Audit events, from `audit_events e`, in order and no more than asked for.
pub fn events(org: OrgId, query: &AuditQuery) -> Vec<Part> {
    let mut parts = vec![Part::Sql(" FROM audit_events e WHERE e.org_id = "), Part::Id(org.0)];
    within(&mut parts, " AND e.at >= ", " AND e.at < ", query.range);
    if let Some((at, id)) = query.after {
        let after = directed(query.direction, " AND (e.at, e.id) > (", " AND (e.at, e.id) < (");
        let (at, id) = (Part::Number(at.unix_micros()), Part::Id(id.0));
        parts.extend([Part::Sql(after), at, Part::Sql(", "), id, Part::Sql(")")]);
    }
    parts.push(Part::Sql(by!(query.direction, "e.at", "e.id")));
    parts.extend([Part::Sql(" LIMIT "), Part::Number(i64::from(query.limit))]);
    parts
}

fn user_order(order: UserOrder, direction: Direction) -> &'static str {
    match order {
        UserOrder::Name => by!(direction, "u.name", "u.id"),
        UserOrder::Email => by!(direction, "u.email", "u.id"),
        UserOrder::CreatedAt => by!(direction, "u.created_at", "u.id"),
        UserOrder::ModifiedAt => by!(direction, "u.modified_at", "u.id"),
    }
}

/// Application keys have no time of change; they come by age.
fn key_order(order: KeyOrder, direction: Direction) -> &'static str {
    match order {
        KeyOrder::Name => by!(direction, "k.name", "k.id"),
        KeyOrder::CreatedAt | KeyOrder::ModifiedAt => by!(direction, "k.created_at", "k.id"),
        KeyOrder::Last4 => by!(direction, "k.last4", "k.id"),
    }
}

fn directed(direction: Direction, up: &'static str, down: &'static str) -> &'static str {
    match direction {
        Direction::Ascending => up,
        Direction::Descending => down,
    }
}

/// Of all three, none is left out.
fn statuses(wanted: &[UserStatus]) -> &'static str {
    let [active, pending, disabled] = UserStatus::ALL.map(|status| wanted.contains(&status));
    match (active, pending, disabled) {
        (false, false, false) | (true, true, true) => "",
        (true, false, false) => " AND NOT u.disabled AND u.verified",
        (false, true, false) => " AND NOT u.disabled AND NOT u.verified",
        (false, false, true) => " AND u.disabled",
        (true, true, false) => " AND NOT u.disabled",
        (true, false, true) => " AND (u.disabled OR u.verified)",
        (false, true, true) => " AND (u.disabled OR NOT u.verified)",
    }
}

fn text(column: &'static str, text: &str) -> Vec<Part> {
    if text.is_empty() {
        return Vec::new();
    }
    vec![Part::Sql(" AND "), Part::Holds(column, wanted(text))]
}

fn within(parts: &mut Vec<Part>, from: &'static str, to: &'static str, range: TimeRange) {
    for (sql, end) in [(from, range.from), (to, range.to)] {
        if let Some(end) = end {
            parts.extend([Part::Sql(sql), Part::Number(end.unix_micros())]);
        }
    }
}

/// The number that is kept beside the rows of a kind.
fn kept(from: &'static str, org: OrgId) -> Vec<Part> {
    vec![Part::Sql(from), Part::Id(org.0)]
}

/// The number that is kept beside a role or a team.
fn user_count(from: &'static str, org: OrgId, id: Uuid) -> Vec<Part> {
    vec![Part::Sql(from), Part::Id(org.0), Part::Sql(" AND id = "), Part::Id(id)]
}

fn counted(base: &[Part]) -> Vec<Part> {
    [Part::Sql("SELECT count(*)")].into_iter().chain(base.iter().cloned()).collect()
}
