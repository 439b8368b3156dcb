//! What lists can be asked for: which rows, in which order, which part.
//!
//! * Orders are total: rows that are equal in the name asked for are ordered by id. Texts are ordered by their bytes.
//! * A text to look for is a part of a name, whatever its case; empty finds all.
//! * **Cost**: a page near the front of an unfiltered list costs the same however long the list is; a page further back costs a
//!   walk along an index, and a text to look for a walk along the organization's rows.

use auth_model::{AuditEvent, AuditEventId, RoleId, TeamId, Timestamp, UserId, UserStatus};

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// So many rows are left out before it.
    pub offset: u64,
    /// At most so many rows.
    pub limit: u64,
}

impl Slice {
    /// The whole list, of whatever length.
    pub const ALL: Self = Self { offset: 0, limit: i64::MAX as u64 };
}

impl Default for Slice {
    fn default() -> Self {
        Self::ALL
    }
}

/// A part of a list, and how long the whole is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<R> {
    /// The part that was asked for.
    pub rows: Vec<R>,
    /// All rows that there are, whatever was looked for.
    pub total: u64,
    /// Those that were looked for.
    pub filtered: u64,
}

/// Which way a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the smallest up.
    #[default]
    Ascending,
    /// From the largest down, ids too.
    Descending,
}

/// From one time to another; the second is not in it. Unset, it does not bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// Whether it is in it.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Both ends in microseconds, those that do not bound as far away as can be.
    pub fn micros(&self) -> (i64, i64) {
        let micros = |end: Option<Timestamp>, otherwise| end.map_or(otherwise, |t| t.unix_micros());
        (micros(self.from, i64::MIN), micros(self.to, i64::MAX))
    }
}

/// Users of an organization.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// Looked for in name, e-mail address and handle.
    pub text: String,
    /// Only these; empty: all.
    pub statuses: Vec<UserStatus>,
    /// Only its holders; then the total is theirs as well.
    pub role: Option<RoleId>,
    /// Ordered by this.
    pub order: UserOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// What users can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UserOrder {
    /// Their names.
    #[default]
    Name,
    /// Their e-mail addresses.
    Email,
    /// Their age.
    CreatedAt,
    /// Their last change.
    ModifiedAt,
}

/// Roles of an organization.
#[derive(Clone, Debug, Default)]
pub struct RoleQuery {
    /// Looked for in the name.
    pub text: String,
    /// Only these; empty: all.
    pub ids: Vec<RoleId>,
    /// Ordered by this.
    pub order: RoleOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// What roles can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RoleOrder {
    /// Their names.
    #[default]
    Name,
    /// Their last change.
    ModifiedAt,
    /// How many users hold them.
    UserCount,
}

/// API keys of an organization, managed ones among them.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyQuery {
    /// Looked for in the name.
    pub text: String,
    /// Only keys that people made (`Some(false)`), or only managed ones.
    pub managed: Option<bool>,
    /// Only keys made then.
    pub created: TimeRange,
    /// Only keys changed then.
    pub modified: TimeRange,
    /// Only keys for which it is so.
    pub remote_config_read_enabled: Option<bool>,
    /// Ordered by this.
    pub order: KeyOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// Application keys of an organization.
#[derive(Clone, Debug, Default)]
pub struct AppKeyQuery {
    /// Only this user's; then the total is theirs as well.
    pub owner: Option<UserId>,
    /// Looked for in the name.
    pub text: String,
    /// Only keys made then.
    pub created: TimeRange,
    /// Ordered by this; application keys that are asked for by their last change come by age.
    pub order: KeyOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// What keys can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyOrder {
    /// Their names.
    #[default]
    Name,
    /// Their age.
    CreatedAt,
    /// Their last change.
    ModifiedAt,
    /// Their last four digits.
    Last4,
}

/// Teams of an organization.
#[derive(Clone, Debug, Default)]
pub struct TeamQuery {
    /// Looked for in name and handle.
    pub text: String,
    /// Only this user's; then the total is theirs as well.
    pub member: Option<UserId>,
    /// Ordered by this.
    pub order: TeamOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// What teams can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TeamOrder {
    /// Their names.
    #[default]
    Name,
    /// How many members they have.
    UserCount,
}

/// Members of a team.
#[derive(Clone, Debug)]
pub struct TeamMemberQuery {
    /// The team.
    pub team: TeamId,
    /// Looked for in the user's name, e-mail address and handle.
    pub text: String,
    /// Ordered by this of the user.
    pub order: UserOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

impl TeamMemberQuery {
    /// All members of a team, by name.
    pub fn of(team: TeamId) -> Self {
        Self {
            team,
            text: String::new(),
            order: UserOrder::default(),
            direction: Direction::default(),
            slice: Slice::ALL,
        }
    }
}

/// AuthN mappings of an organization.
#[derive(Clone, Debug, Default)]
pub struct AuthnMappingQuery {
    /// Looked for in key, value, and the name of the role or team.
    pub text: String,
    /// Only those that give roles (`Some(false)`), or only those that give teams.
    pub teams: Option<bool>,
    /// Ordered by this.
    pub order: AuthnMappingOrder,
    /// Which way.
    pub direction: Direction,
    /// Which part.
    pub slice: Slice,
}

/// What authN mappings can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AuthnMappingOrder {
    /// Their age.
    #[default]
    CreatedAt,
    /// The attribute's name.
    Key,
    /// The attribute's value.
    Value,
    /// The id of the role or team.
    TargetId,
    /// The name of the role or team.
    TargetName,
}

/// Audit events of an organization, ordered by time and then id.
#[derive(Clone, Copy, Debug)]
pub struct AuditQuery {
    /// When.
    pub range: TimeRange,
    /// Only what comes after this one, in the direction of the list.
    pub after: Option<(Timestamp, AuditEventId)>,
    /// Which way.
    pub direction: Direction,
    /// At most so many.
    pub limit: u32,
}

impl AuditQuery {
    /// So many of the newest, from the newest back.
    pub fn newest(limit: u32) -> Self {
        Self { range: TimeRange::default(), after: None, direction: Direction::Descending, limit }
    }
}

/// A place in a chain of the audit log. Chains have several lanes, so that writers need not wait for one another; in each the
/// events are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainPlace {
    /// Which lane.
    pub lane: i32,
    /// Which event of the lane.
    pub sequence: i64,
}

/// An event in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedEvent {
    /// Where it stands.
    pub place: ChainPlace,
    /// [`chain_hash`](crate::backend::chain_hash) of the hash of the event before it and this one.
    pub hash: [u8; 32],
    /// The event.
    pub event: AuditEvent,
}

/// The last place of a lane, as it is noted beside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainHead {
    /// Where the last event stands.
    pub place: ChainPlace,
    /// Its hash.
    pub hash: [u8; 32],
}
