//! Teams in memory.

use std::cmp::Ordering;

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnTarget, CountedTeam, OrgId, Team, TeamChange, TeamId, TeamMember, User, UserId,
};

use crate::{
    Listed, StoreError, TeamMemberQuery, TeamOrder, TeamQuery, Teams,
    backend::{Storable, folded, folded_user},
};

use super::{
    MemoryStore, State,
    identity::in_order,
    lists::{count, holds, listed},
    rows::of,
    unless_duplicate, unless_missing,
};

#[async_trait]
impl Teams for MemoryStore {
    async fn insert_team(&self, team: &Team, event: &AuditEvent) -> Result<(), StoreError> {
        team.storable()?;
        self.change(event, |state| {
            state.has_organization(team.org)?;
            state.team_is_new(team)?;
            unless_duplicate("a team", state.teams.contains_key(&(team.org, team.id)))?;
            state.teams.insert((team.org, team.id), team.clone());
            Ok(())
        })
    }

    async fn team(&self, org: OrgId, id: TeamId) -> Result<Option<CountedTeam>, StoreError> {
        let state = self.state();
        Ok(state.teams.get(&(org, id)).map(|team| state.counted_team(team)))
    }

    async fn teams(
        &self,
        org: OrgId,
        query: &TeamQuery,
    ) -> Result<Listed<CountedTeam>, StoreError> {
        let state = self.state();
        let all: Vec<&Team> = of(&state.teams, org)
            .filter(|team| {
                query.member.is_none_or(|user| state.members.contains_key(&(org, team.id, user)))
            })
            .collect();
        let matches = |team: &Team| holds(&folded(&[&team.name, &team.handle]), &query.text);
        let rows = all.iter().filter(|team| matches(team));
        let rows = rows.map(|team| state.counted_team(team)).collect();
        let order = |a: &CountedTeam, b: &CountedTeam| {
            let first = match query.order {
                TeamOrder::Name => a.team.name.cmp(&b.team.name),
                TeamOrder::UserCount => a.user_count.cmp(&b.user_count),
            };
            first.then(a.team.id.cmp(&b.team.id))
        };
        Ok(listed(all.len(), rows, query.direction, query.slice, order))
    }

    async fn change_team(
        &self,
        org: OrgId,
        id: TeamId,
        change: &TeamChange,
        event: &AuditEvent,
    ) -> Result<Option<CountedTeam>, StoreError> {
        change.storable()?;
        self.change(event, |state| {
            let Some(mut team) = state.teams.get(&(org, id)).cloned() else { return Ok(None) };
            change.apply(&mut team);
            state.team_is_new(&team)?;
            state.teams.insert((org, id), team.clone());
            Ok(Some(state.counted_team(&team)))
        })
    }

    async fn delete_team(
        &self,
        org: OrgId,
        id: TeamId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            state.members.retain(|(owner, team, _), _| (*owner, *team) != (org, id));
            state.forget_target(org, AuthnTarget::Team(id));
            Ok(state.teams.remove(&(org, id)).is_some())
        })
    }

    async fn insert_team_member(
        &self,
        member: &TeamMember,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        self.change(event, |state| {
            let TeamMember { org, team, user, .. } = *member;
            unless_missing("team", state.teams.contains_key(&(org, team)))?;
            state.has_user(org, user)?;
            let taken = state.members.contains_key(&(org, team, user));
            unless_duplicate("a member of the team", taken)?;
            state.members.insert((org, team, user), member.clone());
            Ok(())
        })
    }

    async fn change_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        admin: bool,
        event: &AuditEvent,
    ) -> Result<Option<TeamMember>, StoreError> {
        self.change(event, |state| {
            let member = state.members.get_mut(&(org, team, user));
            Ok(member.map(|member| {
                member.admin = admin;
                member.clone()
            }))
        })
    }

    async fn delete_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.members.remove(&(org, team, user)).is_some()))
    }

    async fn team_members(
        &self,
        org: OrgId,
        query: &TeamMemberQuery,
    ) -> Result<Listed<(TeamMember, User)>, StoreError> {
        let state = self.state();
        let all: Vec<(&TeamMember, &User)> = state
            .members
            .values()
            .filter(|member| (member.org, member.team) == (org, query.team))
            .filter_map(|member| Some((member, state.users.get(&(org, member.user))?)))
            .collect();
        let rows = all.iter().filter(|(_, user)| holds(&folded_user(user), &query.text));
        let rows = rows.map(|(member, user)| ((*member).clone(), (*user).clone())).collect();
        let order = |(_, a): &(TeamMember, User), (_, b): &(TeamMember, User)| -> Ordering {
            in_order(query.order, a, b)
        };
        Ok(listed(all.len(), rows, query.direction, query.slice, order))
    }

    async fn memberships(&self, org: OrgId, user: UserId) -> Result<Vec<TeamMember>, StoreError> {
        let state = self.state();
        let mine = |member: &&TeamMember| (member.org, member.user) == (org, user);
        let mut rows: Vec<TeamMember> = state.members.values().filter(mine).cloned().collect();
        rows.sort_by_key(|member| (member.created_at, member.team));
        Ok(rows)
    }
}

impl State {
    fn team_is_new(&self, team: &Team) -> Result<(), StoreError> {
        let taken = |other: &Team| {
            other.id != team.id && (other.name == team.name || other.handle == team.handle)
        };
        unless_duplicate("a team", of(&self.teams, team.org).any(taken))
    }

    fn counted_team(&self, team: &Team) -> CountedTeam {
        let place = (team.org, team.id);
        let members = self.members.keys().filter(|(org, team, _)| (*org, *team) == place);
        CountedTeam { team: team.clone(), user_count: count(members.count()) }
    }
}
