//! Teams: groups of users that carry no permissions.

use crate::{OrgId, TeamId, Timestamp, UserId, user::set};

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Never reused.
    pub id: TeamId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Unique in the organization.
    pub name: String,
    /// A short name for programs, unique in the organization.
    pub handle: String,
    /// What people see of it, none of which is interpreted here.
    pub look: TeamLook,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// What people see of a team: kept and given back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamLook {
    /// A sentence.
    pub summary: Option<String>,
    /// More of it.
    pub description: Option<String>,
    /// A symbol.
    pub avatar: Option<String>,
    /// The number of a picture.
    pub banner: Option<i64>,
    /// Parts of a page that are shown.
    pub visible_modules: Vec<String>,
    /// Parts of a page that are not.
    pub hidden_modules: Vec<String>,
}

/// A team, and how many members it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedTeam {
    /// The team.
    pub team: Team,
    /// Disabled ones too.
    pub user_count: u64,
}

/// What is to become of a team; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamChange {
    /// Unique in the organization.
    pub name: Option<String>,
    /// Unique in the organization.
    pub handle: Option<String>,
    /// In place of the whole.
    pub look: Option<TeamLook>,
    /// When.
    pub modified_at: Timestamp,
}

impl TeamChange {
    /// Changes the team.
    pub fn apply(&self, team: &mut Team) {
        set(&mut team.name, &self.name);
        set(&mut team.handle, &self.handle);
        set(&mut team.look, &self.look);
        team.modified_at = self.modified_at;
    }
}

/// A user's place in a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamMember {
    /// The organization of both.
    pub org: OrgId,
    /// The team.
    pub team: TeamId,
    /// The user; once in each team.
    pub user: UserId,
    /// Shown to people; gives no permission.
    pub admin: bool,
    /// Who added them; `None` for the installation itself.
    pub added_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}
