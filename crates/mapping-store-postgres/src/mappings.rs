//! Persona and intake mappings.

use async_trait::async_trait;
use auth_model::{AuditEvent, IntakeMapping, MappingId, OrgId, PersonaMapping, UserId};
use mapping_store::{IntakeMappings, PersonaMappings, StoreError, backend::stored_pattern};

use crate::{
    PostgresStore,
    columns::{Columns, all, one},
    store::Values,
};

#[async_trait]
impl PersonaMappings for PostgresStore {
    async fn insert_persona_mapping(
        &self,
        mapping: &PersonaMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let (account, partition) = (mapping.pattern.account(), mapping.pattern.partition());
        let (created_by, created_at) =
            (mapping.created_by.map(|user| user.0), mapping.created_at.unix_micros());
        let pattern = mapping.pattern.as_str();
        self.change(Some(event), async |change| {
            let PersonaMapping { org, id, target, .. } = mapping;
            let (account, partition) = (account.as_str(), partition.as_str());
            let values: Values<'_> = &[
                &org.0,
                &id.0,
                &pattern,
                &created_by,
                &created_at,
                &account,
                &partition,
                &target.0,
            ];
            integrated(change.run(INSERT_PERSONA, values).await?)
        })
        .await
    }

    async fn persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<PersonaMapping>, StoreError> {
        one(self.row(PERSONA, &[&org.0, &id.0]).await?.as_ref(), persona)
    }

    async fn persona_mappings(&self, org: OrgId) -> Result<Vec<PersonaMapping>, StoreError> {
        all(&self.rows(PERSONAS, &[&org.0]).await?, persona)
    }

    async fn delete_persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| {
            Ok(change.run(DELETE_PERSONA, &[&org.0, &id.0]).await? > 0)
        })
        .await
    }
}

#[async_trait]
impl IntakeMappings for PostgresStore {
    async fn insert_intake_mapping(
        &self,
        mapping: &IntakeMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let (account, partition) = (mapping.pattern.account(), mapping.pattern.partition());
        let (created_by, created_at) =
            (mapping.created_by.map(|user| user.0), mapping.created_at.unix_micros());
        let pattern = mapping.pattern.as_str();
        self.change(Some(event), async |change| {
            let IntakeMapping { org, id, .. } = mapping;
            let (account, partition) = (account.as_str(), partition.as_str());
            let values: Values<'_> =
                &[&org.0, &id.0, &pattern, &created_by, &created_at, &account, &partition];
            integrated(change.run(INSERT_INTAKE, values).await?)
        })
        .await
    }

    async fn intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<IntakeMapping>, StoreError> {
        one(self.row(INTAKE, &[&org.0, &id.0]).await?.as_ref(), intake)
    }

    async fn intake_mappings(&self, org: OrgId) -> Result<Vec<IntakeMapping>, StoreError> {
        all(&self.rows(INTAKES, &[&org.0]).await?, intake)
    }

    async fn delete_intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| {
            // The keys that go with it are locked in the order in which everybody locks keys.
            change.rows(LOCK_INTAKE, &[&org.0, &id.0]).await?;
            change.rows(LOCK_KEYS, &[&org.0, &id.0]).await?;
            Ok(change.run(DELETE_INTAKE, &[&org.0, &id.0]).await? > 0)
        })
        .await
    }
}

/// The insert takes its row from the account's, so that there is none without it.
fn integrated(written: u64) -> Result<(), StoreError> {
    if written > 0 { Ok(()) } else { Err(StoreError::AccountNotIntegrated) }
}

fn persona(columns: &mut Columns<'_>) -> Result<PersonaMapping, StoreError> {
    Ok(PersonaMapping {
        org: OrgId(columns.take()?),
        id: MappingId(columns.take()?),
        pattern: stored_pattern(columns.take()?)?,
        target: UserId(columns.take()?),
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
    })
}

fn intake(columns: &mut Columns<'_>) -> Result<IntakeMapping, StoreError> {
    Ok(IntakeMapping {
        org: OrgId(columns.take()?),
        id: MappingId(columns.take()?),
        pattern: stored_pattern(columns.take()?)?,
        created_by: columns.id(UserId)?,
        created_at: columns.time()?,
    })
}

/// The account's row is locked, so that nobody removes it before the mapping is there.
const INSERT_PERSONA: &str = "
    INSERT INTO persona_mappings (org_id, id, pattern, created_by, created_at, target_id)
    SELECT a.org_id, $2, $3, $4, $5, $8 FROM aws_accounts a
    WHERE a.org_id = $1 AND a.account = $6 AND a.partition = $7 FOR SHARE OF a";

const PERSONA: &str = "
    SELECT org_id, id, pattern, target_id, created_by, created_at FROM persona_mappings
    WHERE org_id = $1 AND id = $2";

const PERSONAS: &str = "
    SELECT org_id, id, pattern, target_id, created_by, created_at FROM persona_mappings
    WHERE org_id = $1 ORDER BY created_at, id";

const DELETE_PERSONA: &str = "DELETE FROM persona_mappings WHERE org_id = $1 AND id = $2";

const INSERT_INTAKE: &str = "
    INSERT INTO intake_mappings (org_id, id, pattern, created_by, created_at)
    SELECT a.org_id, $2, $3, $4, $5 FROM aws_accounts a
    WHERE a.org_id = $1 AND a.account = $6 AND a.partition = $7 FOR SHARE OF a";

const INTAKE: &str = "
    SELECT org_id, id, pattern, created_by, created_at FROM intake_mappings
    WHERE org_id = $1 AND id = $2";

const INTAKES: &str = "
    SELECT org_id, id, pattern, created_by, created_at FROM intake_mappings
    WHERE org_id = $1 ORDER BY created_at, id";

const LOCK_INTAKE: &str = "SELECT 1 FROM intake_mappings WHERE org_id = $1 AND id = $2 FOR UPDATE";

const LOCK_KEYS: &str = "
    SELECT 1 FROM api_keys WHERE org_id = $1 AND mapping_id = $2 ORDER BY id FOR UPDATE";

/// The managed keys go with it, by their reference.
const DELETE_INTAKE: &str = "DELETE FROM intake_mappings WHERE org_id = $1 AND id = $2";
