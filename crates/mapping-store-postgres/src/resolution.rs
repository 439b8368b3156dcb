//! The question of an exchange: one statement, by indexes alone.

use async_trait::async_trait;
use auth_model::{MappingId, MappingKind, Organization, UserId};
use mapping_store::{
    Candidate, Resolution, Resolve, Resolver, StoreError, Target, backend::stored_pattern,
};

use crate::{
    PostgresStore,
    columns::{Columns, all},
    organizations,
};

#[async_trait]
impl Resolver for PostgresStore {
    async fn resolve(&self, question: Resolve<'_>) -> Result<Resolution, StoreError> {
        let sql = match question.kind {
            MappingKind::Persona => PERSONA,
            MappingKind::Intake => INTAKE,
        };
        // The server refuses to read a text with NUL, and no pattern has one.
        let patterns: Vec<&str> =
            question.patterns.iter().map(String::as_str).filter(|p| !p.contains('\0')).collect();
        let (account, partition) = (question.account.as_str(), question.partition.as_str());
        let rows = self.rows(sql, &[&question.org.0, &account, &partition, &patterns]).await?;
        let mut resolution = Resolution::default();
        for (organization, account_integrated, candidate) in all(&rows, row)? {
            resolution.organization = Some(organization);
            resolution.account_integrated = account_integrated;
            resolution.candidates.extend(candidate);
        }
        Ok(resolution)
    }
}

type Answer = (Organization, bool, Option<Candidate>);

fn row(columns: &mut Columns<'_>) -> Result<Answer, StoreError> {
    Ok((organizations::organization(columns)?, columns.take()?, candidate(columns)?))
}

fn candidate(columns: &mut Columns<'_>) -> Result<Option<Candidate>, StoreError> {
    let Some(mapping) = columns.id(MappingId)? else { return Ok(None) };
    let pattern = stored_pattern(columns.take()?)?;
    let created_at = columns.time()?;
    let target = match columns.id(UserId)? {
        Some(user) => Some(Target { user, disabled: columns.take()? }),
        None => None,
    };
    Ok(Some(Candidate { mapping, pattern, created_at, target }))
}

/// The organization's row comes even if no mapping does. The index knows patterns by the front of their hash;
/// the text itself decides.
macro_rules! question {
    ($mappings:literal, $target:literal, $users:literal) => {
        concat!(
            "SELECT o.id, o.number, o.name, o.disabled, o.created_at, o.modified_at,
                EXISTS (SELECT 1 FROM aws_accounts a
                    WHERE a.org_id = o.id AND a.account = $2 AND a.partition = $3),
                m.id, m.pattern, m.created_at, ",
            $target,
            r" FROM organizations o LEFT JOIN ",
            $mappings,
            r" m ON m.org_id = o.id
                AND substr(sha256(replace(m.pattern, '\', '\\')::bytea), 1, 15) = ANY (ARRAY(
                    SELECT substr(sha256(replace(asked, '\', '\\')::bytea), 1, 15)
                    FROM unnest($4::text[]) AS asked))
                AND m.pattern = ANY ($4::text[]) ",
            $users,
            " WHERE o.id = $1"
        )
    };
}

pub(crate) const PERSONA: &str = question!(
    "persona_mappings",
    "u.id, u.disabled",
    "LEFT JOIN users u ON u.org_id = m.org_id AND u.id = m.target_id"
);

pub(crate) const INTAKE: &str = question!("intake_mappings", "NULL::uuid, NULL::boolean", "");
