//! Mappings, and the AWS accounts they rest on.

use arn_pattern::AccountId;
use async_trait::async_trait;
use auth_model::{
    AuditEvent, AwsAccount, AwsAccountConfigId, IntakeMapping, MappingId, OrgId, PersonaMapping,
};

use crate::StoreError;

/// Persona mappings.
#[async_trait]
pub trait PersonaMappings: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if the organization has a persona mapping of this very pattern,
    /// [`StoreError::AccountNotIntegrated`] if the pattern's account is not its own,
    /// [`StoreError::Missing`] if the target is not its user. Decided in the transaction that writes.
    async fn insert_persona_mapping(
        &self,
        mapping: &PersonaMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id.
    async fn persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<PersonaMapping>, StoreError>;

    /// All of them, oldest first.
    async fn persona_mappings(&self, org: OrgId) -> Result<Vec<PersonaMapping>, StoreError>;

    /// Removes it, and with it every token it led to; `false` if there is none of this id.
    async fn delete_persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// Intake mappings.
#[async_trait]
pub trait IntakeMappings: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if the organization has an intake mapping of this very pattern,
    /// [`StoreError::AccountNotIntegrated`] if the pattern's account is not its own.
    async fn insert_intake_mapping(
        &self,
        mapping: &IntakeMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this id.
    async fn intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<IntakeMapping>, StoreError>;

    /// All of them, oldest first.
    async fn intake_mappings(&self, org: OrgId) -> Result<Vec<IntakeMapping>, StoreError>;

    /// Removes it, and with it its managed keys; `false` if there is none of this id.
    async fn delete_intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// Integrated AWS accounts.
#[async_trait]
pub trait AwsAccounts: Send + Sync {
    /// Adds one. [`StoreError::Duplicate`] if the organization has this account already.
    async fn insert_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<(), StoreError>;

    /// The one of this configuration id.
    async fn aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
    ) -> Result<Option<AwsAccount>, StoreError>;

    /// All of them, or just the one of this account id; oldest first.
    async fn aws_accounts(
        &self,
        org: OrgId,
        account: Option<AccountId>,
    ) -> Result<Vec<AwsAccount>, StoreError>;

    /// Replaces everything but id, organization and time of creation; `false` if there is none of this id.
    async fn update_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Removes it; `false` if there is none of this id. Its mappings stay and lead nowhere until it is back.
    async fn delete_aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}
