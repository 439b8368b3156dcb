//! AuthN mappings.

use std::collections::BTreeSet;

use async_trait::async_trait;
use auth_model::{
    AuditEvent, AuthnMapping, AuthnMappingChange, AuthnMappingId, AuthnTarget, OrgId, TeamId,
};
use mapping_store::{
    AuthnMappingQuery, AuthnMappings, Listed, StoreError,
    backend::{Storable, broken, distinct_pairs, folded, lists, stored_target, target_ids},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
    lists::{id_list, listed},
    roles, teams,
};

#[async_trait]
impl AuthnMappings for SqliteStore {
    async fn insert_authn_mapping(
        &self,
        mapping: &AuthnMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        mapping.storable()?;
        let row = mapping.clone();
        self.change(event, move |connection| write(connection, INSERT, &row)).await
    }

    async fn authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], mapping)).await
    }

    async fn authn_mappings(
        &self,
        org: OrgId,
        query: &AuthnMappingQuery,
    ) -> Result<Listed<AuthnMapping>, StoreError> {
        let list = lists::authn_mappings(org, query);
        self.read(move |connection| listed(connection, COLUMNS, &list, mapping)).await
    }

    async fn authn_mappings_of(
        &self,
        org: OrgId,
        pairs: &[(String, String)],
    ) -> Result<Vec<AuthnMapping>, StoreError> {
        let pairs = serde_json::to_string(&distinct_pairs(pairs))
            .map_err(|error| broken("writing attributes as JSON", error))?;
        self.read(move |connection| all(connection, BY_PAIRS, params![org.0, pairs], mapping)).await
    }

    async fn mapped_teams(
        &self,
        org: OrgId,
        teams: &[TeamId],
    ) -> Result<BTreeSet<TeamId>, StoreError> {
        let ids: Vec<_> = teams.iter().map(|id| id.0).collect();
        self.read(move |connection| {
            let values = params![org.0, id_list(&ids)?];
            let teams = all(connection, MAPPED_TEAMS, values, |columns| columns.take().map(TeamId));
            Ok(teams?.into_iter().collect())
        })
        .await
    }

    async fn change_authn_mapping(
        &self,
        org: OrgId,
        id: AuthnMappingId,
        change: &AuthnMappingChange,
        event: &AuditEvent,
    ) -> Result<Option<AuthnMapping>, StoreError> {
        change.storable()?;
        let change = change.clone();
        self.change(event, move |connection| {
            let Some(mut row) = one(connection, BY_ID, [org.0, id.0], mapping)? else {
                return Ok(None);
            };
            change.apply(&mut row);
            write(connection, UPDATE, &row)?;
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
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }
}

/// Insert and update take the same values.
fn write(connection: &Connection, sql: &str, row: &AuthnMapping) -> Result<(), Fault> {
    match row.target {
        AuthnTarget::Role(role) => roles::must_have(connection, row.org, role)?,
        AuthnTarget::Team(team) => teams::must_have(connection, row.org, team)?,
    }
    let (role, team) = target_ids(row.target);
    let values = params![
        row.org.0,
        row.id.0,
        row.key,
        row.value,
        role,
        team,
        row.modified_at.unix_micros(),
        folded(&[&row.key, &row.value]),
        row.created_at.unix_micros()
    ];
    run(connection, sql, values).map_err(duplicate("an authN mapping"))?;
    Ok(())
}

fn mapping(columns: &mut Columns<'_, '_>) -> Result<AuthnMapping, Fault> {
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

pub(crate) const COLUMNS: &str = mapping_columns!();

const INSERT: &str = "
    INSERT INTO authn_mappings (org_id, id, key, value, role_id, team_id, modified_at, folded, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Takes the values of the insert; the time of creation, `?9`, stays as it is.
const UPDATE: &str = "
    UPDATE authn_mappings SET key = ?3, value = ?4, role_id = ?5, team_id = ?6, modified_at = ?7, folded = ?8
    WHERE org_id = ?1 AND id = ?2 AND ?9 IS NOT NULL";

const BY_ID: &str = concat!(
    "SELECT ",
    mapping_columns!(),
    " FROM authn_mappings m WHERE m.org_id = ?1 AND m.id = ?2"
);

/// From each pair to its mappings, as the join says.
pub(crate) const BY_PAIRS: &str = concat!(
    "SELECT ",
    mapping_columns!(),
    " FROM json_each(?2)
    CROSS JOIN authn_mappings m
        ON m.org_id = ?1 AND m.key = json_each.value ->> 0 AND m.value = json_each.value ->> 1"
);

pub(crate) const MAPPED_TEAMS: &str = "
    SELECT DISTINCT m.team_id FROM authn_mappings m
    WHERE m.org_id = ?1 AND m.team_id IN (SELECT unhex(value) FROM json_each(?2))";

const DELETE: &str = "DELETE FROM authn_mappings WHERE org_id = ?1 AND id = ?2";
