//! The question of an exchange: one statement, by indexes alone.

use async_trait::async_trait;
use auth_model::{MappingId, MappingKind, Organization, UserId};
use mapping_store::{
    Candidate, Resolution, Resolve, Resolver, StoreError, Target,
    backend::{broken, stored_pattern},
};
use rusqlite::params;

use crate::{
    SqliteStore,
    columns::{Columns, all},
    fault::Fault,
    organizations,
};

#[async_trait]
impl Resolver for SqliteStore {
    async fn resolve(&self, question: Resolve<'_>) -> Result<Resolution, StoreError> {
        let sql = match question.kind {
            MappingKind::Persona => PERSONA,
            MappingKind::Intake => INTAKE,
        };
        let patterns = serde_json::to_string(question.patterns)
            .map_err(|error| broken("writing patterns as JSON", error))?;
        let (org, account, partition) = (question.org, question.account, question.partition);
        let rows = self.read(move |connection| {
            let values = params![org.0, account.as_str(), partition.as_str(), patterns];
            all(connection, sql, values, row)
        });
        let mut resolution = Resolution::default();
        for (organization, account_integrated, candidate) in rows.await? {
            resolution.organization = Some(organization);
            resolution.account_integrated = account_integrated;
            resolution.candidates.extend(candidate);
        }
        Ok(resolution)
    }
}

type Row = (Organization, bool, Option<Candidate>);

fn row(columns: &mut Columns<'_, '_>) -> Result<Row, Fault> {
    Ok((organizations::organization(columns)?, columns.take()?, candidate(columns)?))
}

fn candidate(columns: &mut Columns<'_, '_>) -> Result<Option<Candidate>, Fault> {
    let Some(mapping) = columns.id(MappingId)? else { return Ok(None) };
    let pattern = stored_pattern(&columns.take::<String>()?)?;
    let created_at = columns.time()?;
    let target = match columns.id(UserId)? {
        Some(user) => Some(Target { user, disabled: columns.take()? }),
        None => None,
    };
    Ok(Some(Candidate { mapping, pattern, created_at, target }))
}

/// The organization's row comes even if no mapping does.
macro_rules! question {
    ($mappings:literal, $target:literal, $users:literal) => {
        concat!(
            "SELECT o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at,
                EXISTS (SELECT 1 FROM aws_accounts a
                    WHERE a.org_id = o.id AND a.account = ?2 AND a.partition = ?3),
                m.id, m.pattern, m.created_at, ",
            $target,
            " FROM organizations o LEFT JOIN ",
            $mappings,
            " m ON m.org_id = o.id AND m.pattern IN (SELECT value FROM json_each(?4)) ",
            $users,
            " WHERE o.id = ?1"
        )
    };
}

pub(crate) const PERSONA: &str = question!(
    "persona_mappings",
    "u.id, u.disabled",
    "LEFT JOIN users u ON u.org_id = m.org_id AND u.id = m.target_id"
);

pub(crate) const INTAKE: &str = question!("intake_mappings", "NULL, NULL", "");
