//! Integrated AWS accounts.

use arn_pattern::{AccountId, ArnPattern};
use async_trait::async_trait;
use auth_model::{AuditEvent, AwsAccount, AwsAccountConfigId, AwsAuth, OrgId};
use mapping_store::{
    AwsAccounts, StoreError,
    backend::{Storable, broken},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, all, one, run},
    fault::{Fault, duplicate},
    organizations,
};

#[async_trait]
impl AwsAccounts for SqliteStore {
    async fn insert_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        account.storable()?;
        let row = account.clone();
        self.change(event, move |connection| {
            organizations::must_have(connection, row.org)?;
            write(connection, INSERT, &row)?;
            Ok(())
        })
        .await
    }

    async fn aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
    ) -> Result<Option<AwsAccount>, StoreError> {
        self.read(move |connection| one(connection, BY_ID, [org.0, id.0], aws_account)).await
    }

    async fn aws_accounts(
        &self,
        org: OrgId,
        account: Option<AccountId>,
    ) -> Result<Vec<AwsAccount>, StoreError> {
        self.read(move |connection| match account {
            None => all(connection, ALL, [org.0], aws_account),
            Some(account) => {
                all(connection, BY_ACCOUNT, params![org.0, account.as_str()], aws_account)
            }
        })
        .await
    }

    async fn update_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        account.storable()?;
        let row = account.clone();
        self.change(event, move |connection| Ok(write(connection, UPDATE, &row)? > 0)).await
    }

    async fn delete_aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(event, move |connection| Ok(run(connection, DELETE, [org.0, id.0])? > 0)).await
    }
}

/// [`StoreError::AccountNotIntegrated`] unless the pattern is for one of the organization's accounts.
pub(crate) fn must_own(
    connection: &Connection,
    org: OrgId,
    pattern: &ArnPattern,
) -> Result<(), Fault> {
    let (account, partition) = (pattern.account(), pattern.partition());
    let values = params![org.0, account.as_str(), partition.as_str()];
    match connection.prepare_cached(IS_INTEGRATED)?.exists(values)? {
        true => Ok(()),
        false => Err(StoreError::AccountNotIntegrated.into()),
    }
}

/// Insert and update take the same values.
fn write(connection: &Connection, sql: &str, row: &AwsAccount) -> Result<usize, Fault> {
    let (role_name, external_id, access_key_id, sealed_secret) = match &row.auth {
        AwsAuth::Role { role_name, external_id } => {
            (Some(role_name), Some(external_id), None, None)
        }
        AwsAuth::Keys { access_key_id, sealed_secret } => {
            (None, None, Some(access_key_id), sealed_secret.as_ref())
        }
    };
    let values = params![
        row.org.0,
        row.id.0,
        row.account.as_str(),
        row.partition.as_str(),
        role_name,
        external_id,
        access_key_id,
        sealed_secret,
        row.settings,
        row.modified_at.unix_micros(),
        row.created_at.unix_micros()
    ];
    run(connection, sql, values).map_err(duplicate("an AWS account"))
}

fn aws_account(columns: &mut Columns<'_, '_>) -> Result<AwsAccount, Fault> {
    Ok(AwsAccount {
        org: OrgId(columns.take()?),
        id: AwsAccountConfigId(columns.take()?),
        account: columns.parse("reading the account of an AWS account")?,
        partition: columns.parse("reading the partition of an AWS account")?,
        auth: auth(columns)?,
        settings: columns.take()?,
        created_at: columns.time()?,
        modified_at: columns.time()?,
    })
}

fn auth(columns: &mut Columns<'_, '_>) -> Result<AwsAuth, Fault> {
    let (role_name, external_id) = (columns.take()?, columns.take()?);
    let (access_key_id, sealed_secret) = (columns.take()?, columns.take()?);
    match (role_name, external_id, access_key_id) {
        (Some(role_name), Some(external_id), None) => Ok(AwsAuth::Role { role_name, external_id }),
        (None, None, Some(access_key_id)) => Ok(AwsAuth::Keys { access_key_id, sealed_secret }),
        _ => Err(broken("reading an AWS account", "neither a role nor an access key").into()),
    }
}

const INSERT: &str = "
    INSERT INTO aws_accounts (org_id, id, account, partition, role_name, external_id, access_key_id,
        sealed_secret, settings, modified_at, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Takes the values of the insert; the time of creation, `?11`, stays as it is.
const UPDATE: &str = "
    UPDATE aws_accounts SET account = ?3, partition = ?4, role_name = ?5, external_id = ?6,
        access_key_id = ?7, sealed_secret = ?8, settings = ?9, modified_at = ?10
    WHERE org_id = ?1 AND id = ?2 AND ?11 IS NOT NULL";

macro_rules! account_columns {
    () => {
        "SELECT org_id, id, account, partition, role_name, external_id, access_key_id, sealed_secret, settings,
            created_at, modified_at
        FROM aws_accounts "
    };
}

const BY_ID: &str = concat!(account_columns!(), "WHERE org_id = ?1 AND id = ?2");

const ALL: &str = concat!(account_columns!(), "WHERE org_id = ?1 ORDER BY created_at, id");

const BY_ACCOUNT: &str =
    concat!(account_columns!(), "WHERE org_id = ?1 AND account = ?2 ORDER BY created_at, id");

const DELETE: &str = "DELETE FROM aws_accounts WHERE org_id = ?1 AND id = ?2";

const IS_INTEGRATED: &str = "
    SELECT 1 FROM aws_accounts WHERE org_id = ?1 AND account = ?2 AND partition = ?3";
