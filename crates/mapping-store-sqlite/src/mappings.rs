//! Persona and intake mappings.

use async_trait::async_trait;
use auth_model::{AuditEvent, IntakeMapping, MappingId, OrgId, PersonaMapping, UserId};
use mapping_store::{IntakeMappings, PersonaMappings, StoreError, backend::stored_pattern};
use rusqlite::params;

use crate::{
    SqliteStore, aws_accounts,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
    users,
};

#[async_trait]
impl PersonaMappings for SqliteStore {
    async fn insert_persona_mapping(
        &self,
        mapping: &PersonaMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let row = mapping.clone();
        self.change(event, move |connection| {
            aws_accounts::must_own(connection, row.org, &row.pattern)?;
            users::must_have(connection, row.org, row.target)?;
            let account = row.pattern.account();
            let values = params![
                row.org.0,
                row.id.0,
                row.pattern.as_str(),
                account.as_str(),
                row.pattern.partition().as_str(),
                row.target.0,
                row.created_by.map(|user| user.0),
                row.created_at.unix_micros()
            ];
            run(connection, INSERT_PERSONA, values).map_err(duplicate("a persona mapping"))?;
            Ok(())
        })
        .await
    }

    async fn persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<PersonaMapping>, StoreError> {
        self.read(move |connection| one(connection, PERSONA, [org.0, id.0], persona)).await
    }

    async fn persona_mappings(&self, org: OrgId) -> Result<Vec<PersonaMapping>, StoreError> {
        self.read(move |connection| all(connection, PERSONAS, [org.0], persona)).await
    }

    async fn delete_persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(
            event,
            move |connection| Ok(run(connection, DELETE_PERSONA, [org.0, id.0])? > 0),
        )
        .await
    }
}

#[async_trait]
impl IntakeMappings for SqliteStore {
    async fn insert_intake_mapping(
        &self,
        mapping: &IntakeMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let row = mapping.clone();
        self.change(event, move |connection| {
            aws_accounts::must_own(connection, row.org, &row.pattern)?;
            let account = row.pattern.account();
            let values = params![
                row.org.0,
                row.id.0,
                row.pattern.as_str(),
                account.as_str(),
                row.pattern.partition().as_str(),
                row.created_by.map(|user| user.0),
                row.created_at.unix_micros()
            ];
            run(connection, INSERT_INTAKE, values).map_err(duplicate("an intake mapping"))?;
            Ok(())
        })
        .await
    }

    async fn intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<IntakeMapping>, StoreError> {
        self.read(move |connection| one(connection, INTAKE, [org.0, id.0], intake)).await
    }

    async fn intake_mappings(&self, org: OrgId) -> Result<Vec<IntakeMapping>, StoreError> {
        self.read(move |connection| all(connection, INTAKES, [org.0], intake)).await
    }

    async fn delete_intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE_INTAKE, [org.0, id.0])? > 0))
            .await
    }
}

fn persona(columns: &mut Columns<'_, '_>) -> Result<PersonaMapping, Fault> {
    Ok(PersonaMapping {
        org: OrgId(columns.take()?),
        id: MappingId(columns.take()?),
        pattern: stored_pattern(&columns.take::<String>()?)?,
        target: UserId(columns.take()?),
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
    })
}

fn intake(columns: &mut Columns<'_, '_>) -> Result<IntakeMapping, Fault> {
    Ok(IntakeMapping {
        org: OrgId(columns.take()?),
        id: MappingId(columns.take()?),
        pattern: stored_pattern(&columns.take::<String>()?)?,
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
    })
}

const INSERT_PERSONA: &str = "
    INSERT INTO persona_mappings (org_id, id, pattern, account, partition, target_id, created_by, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const PERSONA: &str = "
    SELECT org_id, id, pattern, target_id, created_by, created_at FROM persona_mappings
    WHERE org_id = ?1 AND id = ?2";

const PERSONAS: &str = "
    SELECT org_id, id, pattern, target_id, created_by, created_at FROM persona_mappings
    WHERE org_id = ?1 ORDER BY created_at, id";

const DELETE_PERSONA: &str = "DELETE FROM persona_mappings WHERE org_id = ?1 AND id = ?2";

const INSERT_INTAKE: &str = "
    INSERT INTO intake_mappings (org_id, id, pattern, account, partition, created_by, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const INTAKE: &str = "
    SELECT org_id, id, pattern, created_by, created_at FROM intake_mappings
    WHERE org_id = ?1 AND id = ?2";

const INTAKES: &str = "
    SELECT org_id, id, pattern, created_by, created_at FROM intake_mappings
    WHERE org_id = ?1 ORDER BY created_at, id";

/// The managed keys go with it, by their reference.
const DELETE_INTAKE: &str = "DELETE FROM intake_mappings WHERE org_id = ?1 AND id = ?2";
