//! Mappings and integrated accounts in memory.

use arn_pattern::{AccountId, ArnPattern, Partition};
use async_trait::async_trait;
use auth_model::{
    AuditEvent, AwsAccount, AwsAccountConfigId, IntakeMapping, MappingId, OrgId, PersonaMapping,
};

use crate::{AwsAccounts, IntakeMappings, PersonaMappings, StoreError, backend::Storable};

use super::{
    MemoryStore, State,
    rows::{of, oldest_first},
    unless_duplicate,
};

#[async_trait]
impl PersonaMappings for MemoryStore {
    async fn insert_persona_mapping(
        &self,
        mapping: &PersonaMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        self.change(event, |state| {
            state.owns(mapping.org, &mapping.pattern)?;
            state.has_user(mapping.org, mapping.target)?;
            state.personas.insert("a persona mapping", mapping.org, &mapping.pattern, mapping)
        })
    }

    async fn persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<PersonaMapping>, StoreError> {
        Ok(self.state().personas.get(org, id).cloned())
    }

    async fn persona_mappings(&self, org: OrgId) -> Result<Vec<PersonaMapping>, StoreError> {
        Ok(self.state().personas.all(org))
    }

    async fn delete_persona_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.personas.remove(org, id, |m| &m.pattern)))
    }
}

#[async_trait]
impl IntakeMappings for MemoryStore {
    async fn insert_intake_mapping(
        &self,
        mapping: &IntakeMapping,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        self.change(event, |state| {
            state.owns(mapping.org, &mapping.pattern)?;
            state.intakes.insert("an intake mapping", mapping.org, &mapping.pattern, mapping)
        })
    }

    async fn intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
    ) -> Result<Option<IntakeMapping>, StoreError> {
        Ok(self.state().intakes.get(org, id).cloned())
    }

    async fn intake_mappings(&self, org: OrgId) -> Result<Vec<IntakeMapping>, StoreError> {
        Ok(self.state().intakes.all(org))
    }

    async fn delete_intake_mapping(
        &self,
        org: OrgId,
        id: MappingId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| {
            let removed = state.intakes.remove(org, id, |m| &m.pattern);
            if removed {
                state.managed_keys.retain(|(owner, _), key| *owner != org || key.mapping != id);
            }
            Ok(removed)
        })
    }
}

#[async_trait]
impl AwsAccounts for MemoryStore {
    async fn insert_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        account.storable()?;
        self.change(event, |state| {
            state.has_organization(account.org)?;
            let known = state.aws_accounts.contains_key(&(account.org, account.id));
            unless_duplicate("an AWS account", known || state.account_is_taken(account))?;
            state.aws_accounts.insert((account.org, account.id), account.clone());
            Ok(())
        })
    }

    async fn aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
    ) -> Result<Option<AwsAccount>, StoreError> {
        Ok(self.state().aws_accounts.get(&(org, id)).cloned())
    }

    async fn aws_accounts(
        &self,
        org: OrgId,
        account: Option<AccountId>,
    ) -> Result<Vec<AwsAccount>, StoreError> {
        let state = self.state();
        let wanted = |row: &&AwsAccount| account.is_none_or(|account| row.account == account);
        Ok(oldest_first(of(&state.aws_accounts, org).filter(wanted)))
    }

    async fn update_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        account.storable()?;
        self.change(event, |state| {
            let Some(row) = state.aws_accounts.get(&(account.org, account.id)) else {
                return Ok(false);
            };
            let kept = AwsAccount { created_at: row.created_at, ..account.clone() };
            unless_duplicate("an AWS account", state.account_is_taken(account))?;
            state.aws_accounts.insert((account.org, account.id), kept);
            Ok(true)
        })
    }

    async fn delete_aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, |state| Ok(state.aws_accounts.remove(&(org, id)).is_some()))
    }
}

impl State {
    /// Whether another configuration of the organization is for the same account.
    fn account_is_taken(&self, account: &AwsAccount) -> bool {
        of(&self.aws_accounts, account.org)
            .any(|other| other.id != account.id && other.account == account.account)
    }

    pub(super) fn is_integrated(
        &self,
        org: OrgId,
        account: AccountId,
        partition: Partition,
    ) -> bool {
        of(&self.aws_accounts, org).any(|row| row.account == account && row.partition == partition)
    }

    /// Whether the pattern is for one of the organization's AWS accounts.
    fn owns(&self, org: OrgId, pattern: &ArnPattern) -> Result<(), StoreError> {
        if self.is_integrated(org, pattern.account(), pattern.partition()) {
            Ok(())
        } else {
            Err(StoreError::AccountNotIntegrated)
        }
    }
}
