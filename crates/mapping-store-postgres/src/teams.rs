//! Teams and their members.

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnTarget, CountedTeam, OrgId, Team, TeamChange, TeamId, TeamLook, TeamMember,
    User, UserId,
};
use mapping_store::{
    Listed, SignIn, StoreError, TeamMemberQuery, TeamQuery, Teams,
    backend::{Storable, folded, lists},
};
use uuid::Uuid;

use crate::{
    PostgresStore, authn,
    change::Change,
    columns::{Columns, all, one},
    lists::Shape,
    store::Values,
    users::{user, user_columns},
};

#[async_trait]
impl Teams for PostgresStore {
    async fn insert_team(&self, team: &Team, event: &AuditEvent) -> Result<(), StoreError> {
        team.storable()?;
        self.change(Some(event), async |change| write(change, INSERT, team).await).await
    }

    async fn team(&self, org: OrgId, id: TeamId) -> Result<Option<CountedTeam>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), team)
    }

    async fn teams(
        &self,
        org: OrgId,
        query: &TeamQuery,
    ) -> Result<Listed<CountedTeam>, StoreError> {
        self.listed(LIST, &lists::teams(org, query), team).await
    }

    async fn change_team(
        &self,
        org: OrgId,
        id: TeamId,
        change: &TeamChange,
        event: &AuditEvent,
    ) -> Result<Option<CountedTeam>, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            let rows = change.rows(LOCKED, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), team)? else { return Ok(None) };
            what.apply(&mut row.team);
            write(change, UPDATE, &row.team).await?;
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
        self.change(Some(event), async |change| {
            // Whoever is about to refer to it does so before or not at all.
            change.rows(LOCK_WHOLE, &[&org.0, &id.0]).await?;
            authn::lock_mappings(change, org, AuthnTarget::Team(id)).await?;
            Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0)
        })
        .await
    }

    async fn insert_team_member(
        &self,
        member: &TeamMember,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let added_by = member.added_by.map(|user| user.0);
        let created_at = member.created_at.unix_micros();
        self.change(Some(event), async |change| {
            let TeamMember { org, team, user, admin, .. } = member;
            if change.rows(LOCK, &[&org.0, &team.0]).await?.is_empty() {
                return Err(StoreError::Missing { what: "team" });
            }
            let values: Values<'_> = &[&org.0, &team.0, &user.0, admin, &added_by, &created_at];
            change.run(INSERT_MEMBER, values).await.map(drop)
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
        self.change(Some(event), async |change| {
            let values: Values<'_> = &[&org.0, &team.0, &user.0, &admin];
            one(change.rows(UPDATE_MEMBER, values).await?.first(), member)
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
        self.change(Some(event), async |change| {
            // The team is locked before its member, as where it is deleted.
            change.rows(LOCK, &[&org.0, &team.0]).await?;
            Ok(change.run(DELETE_MEMBER, &[&org.0, &team.0, &user.0]).await? > 0)
        })
        .await
    }

    async fn team_members(
        &self,
        org: OrgId,
        query: &TeamMemberQuery,
    ) -> Result<Listed<(TeamMember, User)>, StoreError> {
        self.listed(MEMBERS, &lists::team_members(org, query), |columns| {
            Ok((member(columns)?, user(columns)?))
        })
        .await
    }

    async fn memberships(&self, org: OrgId, user: UserId) -> Result<Vec<TeamMember>, StoreError> {
        all(&self.rows(MEMBERSHIPS, &[&org.0, &user.0]).await?, member)
    }
}

/// Sets the teams that a sign-in decides on. Who is a member already stays as they are.
pub(crate) async fn sign_in(change: &Change<'_>, sign_in: &SignIn) -> Result<(), StoreError> {
    let (org, user) = (sign_in.user.org, sign_in.user.id);
    let ids = |teams: &[TeamId]| teams.iter().map(|team| team.0).collect::<Vec<Uuid>>();
    let (joined, left) = (ids(&sign_in.joined), ids(&sign_in.left));
    if !joined.is_empty() || !left.is_empty() {
        let teams = [&*joined, &left].concat();
        change.rows(LOCK_SOME, &[&org.0, &teams]).await?;
    }
    if !left.is_empty() {
        change.run(LEAVE, &[&org.0, &user.0, &left]).await?;
    }
    if !joined.is_empty() {
        let created_at = sign_in.session.created_at.unix_micros();
        change.run(JOIN, &[&org.0, &user.0, &joined, &created_at]).await?;
    }
    Ok(())
}

/// Insert and update take the same values.
async fn write(change: &Change<'_>, sql: &str, row: &Team) -> Result<(), StoreError> {
    let Team { org, id, name, handle, look, .. } = row;
    let TeamLook { summary, description, avatar, banner, visible_modules, hidden_modules } = look;
    let values: Values<'_> = &[
        &org.0,
        &id.0,
        name,
        handle,
        summary,
        description,
        avatar,
        banner,
        visible_modules,
        hidden_modules,
        &row.modified_at.unix_micros(),
        &folded(&[name, handle]),
        &row.created_at.unix_micros(),
        &folded(&[name]),
    ];
    change.run(sql, values).await.map(drop)
}

fn team(columns: &mut Columns<'_>) -> Result<CountedTeam, StoreError> {
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
            visible_modules: columns.take()?,
            hidden_modules: columns.take()?,
        },
        created_at: columns.time()?,
        modified_at: columns.time()?,
    };
    Ok(CountedTeam { team, user_count: columns.count()? })
}

fn member(columns: &mut Columns<'_>) -> Result<TeamMember, StoreError> {
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

pub(crate) const LIST: Shape = Shape { columns: team_columns!(), page: None };

pub(crate) const MEMBERS: Shape =
    Shape { columns: concat!(member_columns!(), ", ", user_columns!()), page: None };

const INSERT: &str = "
    INSERT INTO teams (org_id, id, name, handle, summary, description, avatar, banner, visible_modules,
        hidden_modules, modified_at, folded, created_at, folded_name)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// Takes the values of the insert; the time of creation, `$13`, stays as it is.
const UPDATE: &str = "
    UPDATE teams SET name = $3, handle = $4, summary = $5, description = $6, avatar = $7, banner = $8,
        visible_modules = $9, hidden_modules = $10, modified_at = $11, folded = $12, folded_name = $14
    WHERE org_id = $1 AND id = $2 AND $13::bigint IS NOT NULL";

const BY_ID: &str =
    concat!("SELECT ", team_columns!(), " FROM teams t WHERE t.org_id = $1 AND t.id = $2");

/// Wholly, because its name and handle may change.
const LOCKED: &str = concat!(
    "SELECT ",
    team_columns!(),
    " FROM teams t WHERE t.org_id = $1 AND t.id = $2 FOR UPDATE"
);

const LOCK: &str = "SELECT 1 FROM teams WHERE org_id = $1 AND id = $2 FOR NO KEY UPDATE";

/// Teams whose members will be counted, in one order for everybody.
const LOCK_SOME: &str = "
    SELECT 1 FROM teams WHERE org_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE";

const LOCK_WHOLE: &str = "SELECT 1 FROM teams WHERE org_id = $1 AND id = $2 FOR UPDATE";

/// The members go with it, and what is mapped to it, by their references.
const DELETE: &str = "DELETE FROM teams WHERE org_id = $1 AND id = $2";

const INSERT_MEMBER: &str = "
    INSERT INTO team_members (org_id, team_id, user_id, admin, added_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

const JOIN: &str = "
    INSERT INTO team_members (org_id, team_id, user_id, admin, added_by, created_at)
    SELECT $1, team_id, $2, false, NULL, $4 FROM unnest($3::uuid[]) AS t (team_id)
    ON CONFLICT (org_id, team_id, user_id) DO NOTHING";

const LEAVE: &str = "
    DELETE FROM team_members WHERE org_id = $1 AND user_id = $2 AND team_id = ANY($3)";

const UPDATE_MEMBER: &str = "
    UPDATE team_members SET admin = $4 WHERE org_id = $1 AND team_id = $2 AND user_id = $3
    RETURNING org_id, team_id, user_id, admin, added_by, created_at";

const DELETE_MEMBER: &str = "
    DELETE FROM team_members WHERE org_id = $1 AND team_id = $2 AND user_id = $3";

const MEMBERSHIPS: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM team_members m WHERE m.org_id = $1 AND m.user_id = $2 ORDER BY m.created_at, m.team_id"
);
