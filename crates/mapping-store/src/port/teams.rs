//! Teams and their members.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, CountedTeam, OrgId, Team, TeamChange, TeamId, TeamMember, User, UserId,
};

use crate::StoreError;

use super::{Listed, TeamMemberQuery, TeamQuery};

/// Teams.
#[async_trait]
pub trait Teams: Send + Sync {
    /// Adds one without members. [`StoreError::Duplicate`] if its name or handle is taken.
    async fn insert_team(&self, team: &Team, event: &AuditEvent) -> Result<(), StoreError>;

    /// The one of this id.
    async fn team(&self, org: OrgId, id: TeamId) -> Result<Option<CountedTeam>, StoreError>;

    /// A part of the list.
    async fn teams(&self, org: OrgId, query: &TeamQuery)
    -> Result<Listed<CountedTeam>, StoreError>;

    /// Changes one and returns what has become of it; `None` if there is none of this id. [`StoreError::Duplicate`] if the
    /// name or handle is taken.
    async fn change_team(
        &self,
        org: OrgId,
        id: TeamId,
        change: &TeamChange,
        event: &AuditEvent,
    ) -> Result<Option<CountedTeam>, StoreError>;

    /// Removes it; `false` if there is none of this id. Its members stay users.
    async fn delete_team(
        &self,
        org: OrgId,
        id: TeamId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Adds a member. [`StoreError::Duplicate`] if the user is one, [`StoreError::Missing`] if there is no such team or user.
    async fn insert_team_member(
        &self,
        member: &TeamMember,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// Makes a member an admin, or takes that back; what has become of them, `None` if the user is no member.
    async fn change_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        admin: bool,
        event: &AuditEvent,
    ) -> Result<Option<TeamMember>, StoreError>;

    /// Removes a member; `false` if the user is none.
    async fn delete_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// A part of the list of a team's members, with who they are.
    async fn team_members(
        &self,
        org: OrgId,
        query: &TeamMemberQuery,
    ) -> Result<Listed<(TeamMember, User)>, StoreError>;

    /// A user's places in teams, oldest first.
    async fn memberships(&self, org: OrgId, user: UserId) -> Result<Vec<TeamMember>, StoreError>;
}
