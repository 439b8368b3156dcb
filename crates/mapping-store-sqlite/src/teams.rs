//! Teams and their members.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, CountedTeam, OrgId, Team, TeamChange, TeamId, TeamLook, TeamMember, User, UserId,
};
use mapping_store::{
    Listed, SignIn, StoreError, TeamMemberQuery, TeamQuery, Teams,
    backend::{Storable, broken, folded, lists},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, must_exist, one, run},
    fault::{Fault, duplicate},
    lists::listed,
    organizations,
    users::{self, user, user_columns},
};

#[async_trait]
impl Teams for SqliteStore {
    async fn insert_team(&self, team: &Team, event: &AuditEvent) -> Result<(), StoreError> {
        team.storable()?;
        let row = team.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            write(connection, INSERT, &row)
        })
        .await
    }

    async fn team(&self, org: OrgId, id: TeamId) -> Result<Option<CountedTeam>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], team)).await
    }

    async fn teams(
        &self,
        org: OrgId,
        query: &TeamQuery,
    ) -> Result<Listed<CountedTeam>, StoreError> {
        let list = lists::teams(org, query);
        self.read(move |connection| listed(connection, COLUMNS, &list, team)).await
    }

    async fn change_team(
        &self,
        org: OrgId,
        id: TeamId,
        change: &TeamChange,
        event: &AuditEvent,
    ) -> Result<Option<CountedTeam>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = one(connection, BY_ID, [org.0, id.0], team)? else {
                return Ok(None);
            };
            change.apply(&mut row.team);
            write(connection, UPDATE, &row.team)?;
            Ok(Some(row))
        })
        .await
    }

    async fn delete_team(
        &self,
        org: OrgId,
        id: TeamId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }

    async fn insert_team_member(
        &self,
        member: &TeamMember,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let row = member.clone();
        self.change(event, move |connection| {
            must_have(connection, row.org, row.team)?;
            users::must_have(connection, row.org, row.user)?;
            let values = params![
                row.org.0,
                row.team.0,
                row.user.0,
                row.admin,
                row.added_by.map(|user| user.0),
                row.created_at.unix_micros()
            ];
            run(connection, INSERT_MEMBER, values).map_err(duplicate("a member of the team"))?;
            Ok(())
        })
        .await
    }

    async fn change_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        admin: bool,
        event: &AuditEvent,
    ) -> Result<Option<TeamMember>, StoreError> {
        self.change(event, move |connection| {
            one(connection, UPDATE_MEMBER, params![org.0, team.0, user.0, admin], member)
        })
        .await
    }

    async fn delete_team_member(
        &self,
        org: OrgId,
        team: TeamId,
        user: UserId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| {
            Ok(run(connection, DELETE_MEMBER, [org.0, team.0, user.0])? > 0)
        })
        .await
    }

    async fn team_members(
        &self,
        org: OrgId,
        query: &TeamMemberQuery,
    ) -> Result<Listed<(TeamMember, User)>, StoreError> {
        let list = lists::team_members(org, query);
        self.read(move |connection| {
            listed(connection, MEMBER_COLUMNS, &list, |columns| {
                Ok((member(columns)?, user(columns)?))
            })
        })
        .await
    }

    async fn memberships(&self, org: OrgId, user: UserId) -> Result<Vec<TeamMember>, StoreError> {
        self.read(move |connection| all(connection, MEMBERSHIPS, [org.0, user.0], member)).await
    }
}

/// [`StoreError::Missing`] unless there is such a team.
pub(crate) fn must_have(connection: &Connection, org: OrgId, id: TeamId) -> Result<(), Fault> {
    must_exist(connection, "team", EXISTS, [org.0, id.0])
}

/// Sets the teams that a sign-in decides on. Who is a member already stays as they are.
pub(crate) fn sign_in(connection: &Connection, sign_in: &SignIn) -> Result<(), Fault> {
    let (org, user) = (sign_in.user.org, sign_in.user.id);
    let created_at = sign_in.session.created_at.unix_micros();
    for team in &sign_in.left {
        run(connection, DELETE_MEMBER, [org.0, team.0, user.0])?;
    }
    for team in &sign_in.joined {
        must_have(connection, org, *team)?;
        run(connection, JOIN, params![org.0, team.0, user.0, created_at])?;
    }
    Ok(())
}

/// Insert and update take the same values.
fn write(connection: &Connection, sql: &str, row: &Team) -> Result<(), Fault> {
    let TeamLook { summary, description, avatar, banner, .. } = &row.look;
    let values = params![
        row.org.0,
        row.id.0,
        row.name,
        row.handle,
        summary,
        description,
        avatar,
        banner,
        modules_to_text(&row.look.visible_modules)?,
        modules_to_text(&row.look.hidden_modules)?,
        row.modified_at.unix_micros(),
        folded(&[&row.name, &row.handle]),
        row.created_at.unix_micros(),
        folded(&[&row.name])
    ];
    run(connection, sql, values).map_err(duplicate("a team"))?;
    Ok(())
}

fn modules_to_text(modules: &[String]) -> Result<String, Fault> {
    let text = serde_json::to_string(modules);
    text.map_err(|error| broken("writing the modules of a team as JSON", error).into())
}

fn modules(columns: &mut Columns<'_, '_>) -> Result<Vec<String>, Fault> {
    let modules = serde_json::from_str(&columns.take::<String>()?);
    modules.map_err(|error| broken("reading the modules of a team", error).into())
}

fn team(columns: &mut Columns<'_, '_>) -> Result<CountedTeam, Fault> {
    let team = Team {
        org: OrgId(columns.take()?),
        id: TeamId(columns.take()?),
        name: columns.take()?,
        handle: columns.take()?,
        look: TeamLook {
            summary: columns.take()?,
            description: columns.take()?,
            avatar: columns.take()?,
            banner: columns.take()?,
            visible_modules: modules(columns)?,
            hidden_modules: modules(columns)?,
        },
        created_at: columns.time()?,
        modified_at: columns.time()?,
    };
    Ok(CountedTeam { team, user_count: columns.count()? })
}

fn member(columns: &mut Columns<'_, '_>) -> Result<TeamMember, Fault> {
    Ok(TeamMember {
        org: OrgId(columns.take()?),
        team: TeamId(columns.take()?),
        user: UserId(columns.take()?),
        admin: columns.take()?,
        added_by: columns.id(UserId)?,
        created_at: columns.time()?,
    })
}

macro_rules! team_columns {
    () => {
        "t.org_id, t.id, t.name, t.handle, t.summary, t.description, t.avatar, t.banner, t.visible_modules,
        t.hidden_modules, t.created_at, t.modified_at, t.user_count"
    };
}

macro_rules! member_columns {
    () => {
        "m.org_id, m.team_id, m.user_id, m.admin, m.added_by, m.created_at"
    };
}

pub(crate) const COLUMNS: &str = team_columns!();

pub(crate) const MEMBER_COLUMNS: &str = concat!(member_columns!(), ", ", user_columns!());

const INSERT: &str = "
    INSERT INTO teams (org_id, id, name, handle, summary, description, avatar, banner, visible_modules,
        hidden_modules, modified_at, folded, created_at, folded_name, user_count)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0)";

/// Takes the values of the insert; the time of creation, `?13`, stays as it is.
const UPDATE: &str = "
    UPDATE teams SET name = ?3, handle = ?4, summary = ?5, description = ?6, avatar = ?7, banner = ?8,
        visible_modules = ?9, hidden_modules = ?10, modified_at = ?11, folded = ?12, folded_name = ?14
    WHERE org_id = ?1 AND id = ?2 AND ?13 IS NOT NULL";

const BY_ID: &str =
    concat!("SELECT ", team_columns!(), " FROM teams t WHERE t.org_id = ?1 AND t.id = ?2");

const EXISTS: &str = "SELECT 1 FROM teams WHERE org_id = ?1 AND id = ?2";

/// The members go with it, and what is mapped to it, by their references.
const DELETE: &str = "DELETE FROM teams WHERE org_id = ?1 AND id = ?2";

const INSERT_MEMBER: &str = "
    INSERT INTO team_members (org_id, team_id, user_id, admin, added_by, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const JOIN: &str = "
    INSERT INTO team_members (org_id, team_id, user_id, admin, added_by, created_at)
    VALUES (?1, ?2, ?3, FALSE, NULL, ?4)
    ON CONFLICT (org_id, team_id, user_id) DO NOTHING";

const UPDATE_MEMBER: &str = "
    UPDATE team_members SET admin = ?4 WHERE org_id = ?1 AND team_id = ?2 AND user_id = ?3
    RETURNING org_id, team_id, user_id, admin, added_by, created_at";

const DELETE_MEMBER: &str = "
    DELETE FROM team_members WHERE org_id = ?1 AND team_id = ?2 AND user_id = ?3";

pub(crate) const MEMBERSHIPS: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM team_members m INDEXED BY team_members_by_user WHERE m.org_id = ?1 AND m.user_id = ?2
    ORDER BY m.created_at, m.team_id"
);
