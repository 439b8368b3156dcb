//! AuthN mappings.

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnMapping, AuthnMappingChange, AuthnMappingId, AuthnTarget, OrgId, TeamId,
};
use mapping_store::{
    AuthnMappingQuery, AuthnMappings, Listed, StoreError,
    backend::{Storable, distinct_pairs, folded, lists, stored_target, target_ids},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, one},
    lists::Shape,
    store::Values,
};

#[async_trait]
impl AuthnMappings for PostgresStore {
    async fn insert_authn_mapping(
        &self,
        mapping: &AuthnMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        mapping.storable()?;
        self.change(Some(event), async |change| {
            lock(change, mapping.org, mapping.target).await?;
            write(change, INSERT, mapping).await
        })
        .await
    }

    async fn authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), mapping)
    }

    async fn authn_mappings(
        &self,
        org: OrgId,
        query: &AuthnMappingQuery,
    ) -> Result<Listed<AuthnMapping>, StoreError> {
        self.listed(LIST, &lists::authn_mappings(org, query), mapping).await
    }

    async fn authn_mappings_of(
        &self,
        org: OrgId,
        pairs: &[(String, String)],
    ) -> Result<Vec<AuthnMapping>, StoreError> {
        let (keys, values): (Vec<&str>, Vec<&str>) = distinct_pairs(pairs).into_iter().unzip();
        all(&self.rows(BY_PAIRS, &[&org.0, &keys, &values]).await?, mapping)
    }

    async fn mapped_teams(
        &self,
        org: OrgId,
        teams: &[TeamId],
    ) -> Result<BTreeSet<TeamId>, StoreError> {
        let ids: Vec<Uuid> = teams.iter().map(|id| id.0).collect();
        let rows = self.rows(MAPPED_TEAMS, &[&org.0, &ids]).await?;
        Ok(all(&rows, |columns| columns.take().map(TeamId))?.into_iter().collect())
    }

    async fn change_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        change: &AuthnMappingChange,
        event: &AuditEvent,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        change.storable()?;
        let what = change;
        self.change(Some(event), async |change| {
            // The new target is locked before the mapping, as where the target is deleted. That it is missing matters
            // only where there is something to change.
            let there = match what.target {
                Some(target) => lock(change, org, target).await,
                None => Ok(()),
            };
            let missing = match there {
                Err(missing @ StoreError::Missing { .. }) => Some(missing),
                there => there.map(|()| None)?,
            };
            let rows = change.rows(LOCKED, &[&org.0, &id.0]).await?;
            let Some(mut row) = one(rows.first(), mapping)? else { return Ok(None) };
            missing.map_or(Ok(()), Err)?;
            what.apply(&mut row);
            write(change, UPDATE, &row).await?;
            Ok(Some(row))
        })
        .await
    }

    async fn delete_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0))
            .await
    }
}

/// Keeps a role or team from being deleted, no more. [`StoreError::Missing`] unless it is there.
async fn lock(change: &Change<'_>, org: OrgId, target: AuthnTarget) -> Result<(), StoreError> {
    let (what, sql, id) = match target {
        AuthnTarget::Role(role) => ("role", LOCK_ROLE, role.0),
        AuthnTarget::Team(team) => ("team", LOCK_TEAM, team.0),
    };
    match change.rows(sql, &[&org.0, &id]).await?.is_empty() {
        true => Err(StoreError::Missing { what }),
        false => Ok(()),
    }
}

/// Locks what is mapped to a role or team that is about to be deleted and is locked itself. Whoever holds one of these mappings may
/// wait for another that is being deleted, to take its place; for one that is only locked nobody waits.
pub(crate) async fn lock_mappings(
    change: &Change<'_>,
    org: OrgId,
    target: AuthnTarget,
) -> Result<(), StoreError> {
    let (sql, id) = match target {
        AuthnTarget::Role(role) => (LOCK_OF_ROLE, role.0),
        AuthnTarget::Team(team) => (LOCK_OF_TEAM, team.0),
    };
    change.run(sql, &[&org.0, &id]).await.map(drop)
}

/// Insert and update take the same values.
async fn write(change: &Change<'_>, sql: &str, row: &AuthnMapping) -> Result<(), StoreError> {
    let (role, team) = target_ids(row.target);
    let values: Values<'_> = &[
        &row.org.0,
        &row.id.0,
        &row.key,
        &row.value,
        &role,
        &team,
        &row.modified_at.unix_micros(),
        &folded(&[&row.key, &row.value]),
        &row.created_at.unix_micros(),
    ];
    change.run(sql, values).await.map(drop)
}

fn mapping(columns: &mut Columns<'_>) -> Result<AuthnMapping, StoreError> {
    Ok(AuthnMapping {
        org: OrgId(columns.take()?),
        id: AuthnMappingId(columns.take()?),
        key: columns.take()?,
        value: columns.take()?,
        target: stored_target(columns.take()?, columns.take()?)?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
    })
}

macro_rules! mapping_columns {
    () => {
        "m.org_id, m.id, m.key, m.value, m.role_id, m.team_id, m.created_at, m.modified_at"
    };
}

pub(crate) const LIST: Shape = Shape { columns: mapping_columns!(), page: None };

const LOCK_ROLE: &str = "SELECT 1 FROM roles WHERE org_id = $1 AND id = $2 FOR KEY SHARE";

const LOCK_TEAM: &str = "SELECT 1 FROM teams WHERE org_id = $1 AND id = $2 FOR KEY SHARE";

pub(crate) const LOCK_OF_ROLE: &str =
    "SELECT 1 FROM authn_mappings WHERE org_id = $1 AND role_id = $2 FOR UPDATE";

pub(crate) const LOCK_OF_TEAM: &str =
    "SELECT 1 FROM authn_mappings WHERE org_id = $1 AND team_id = $2 FOR UPDATE";

const INSERT: &str = "
    INSERT INTO authn_mappings (org_id, id, key, value, role_id, team_id, modified_at, folded, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Takes the values of the insert; the time of creation, `$9`, stays as it is.
const UPDATE: &str = "
    UPDATE authn_mappings SET key = $3, value = $4, role_id = $5, team_id = $6, modified_at = $7, folded = $8
    WHERE org_id = $1 AND id = $2 AND $9::bigint IS NOT NULL";

const BY_ID: &str = concat!(
    "SELECT ",
    mapping_columns!(),
    " FROM authn_mappings m WHERE m.org_id = $1 AND m.id = $2"
);

/// Wholly, because all of its unique index may change.
const LOCKED: &str = concat!(
    "SELECT ",
    mapping_columns!(),
    " FROM authn_mappings m WHERE m.org_id = $1 AND m.id = $2 FOR UPDATE"
);

/// Each pair comes once. Asked as the index has it.
pub(crate) const BY_PAIRS: &str = concat!(
    "SELECT ",
    mapping_columns!(),
    " FROM unnest($2::text[], $3::text[]) AS p (key, value)
    JOIN authn_mappings m ON m.org_id = $1 AND ARRAY[m.key, m.value] = ARRAY[p.key, p.value]"
);

pub(crate) const MAPPED_TEAMS: &str = "
    SELECT DISTINCT m.team_id FROM authn_mappings m WHERE m.org_id = $1 AND m.team_id = ANY($2)";

const DELETE: &str = "DELETE FROM authn_mappings WHERE org_id = $1 AND id = $2";
