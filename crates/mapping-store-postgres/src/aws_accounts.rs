//! Integrated AWS accounts.

use arn_pattern::AccountId;
use async_trait::async_trait;
use auth_model::{AuditEvent, AwsAccount, AwsAccountConfigId, AwsAuth, OrgId};
use mapping_store::{
    AwsAccounts, StoreError,
    backend::{Storable, broken},
};

use crate::{
    PostgresStore,
    change::Change,
    columns::{Columns, all, one},
};

#[async_trait]
impl AwsAccounts for PostgresStore {
    async fn insert_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        account.storable()?;
        self.change(Some(event), async |change| write(change, INSERT, account).await.map(drop))
            .await
    }

    async fn aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
    ) -> Result<Option<AwsAccount>, StoreError> {
        one(self.row(BY_ID, &[&org.0, &id.0]).await?.as_ref(), aws_account)
    }

    async fn aws_accounts(
        &self,
        org: OrgId,
        account: Option<AccountId>,
    ) -> Result<Vec<AwsAccount>, StoreError> {
        let rows = match &account {
            None => self.rows(ALL, &[&org.0]).await?,
            Some(account) => self.rows(BY_ACCOUNT, &[&org.0, &account.as_str()]).await?,
        };
        all(&rows, aws_account)
    }

    async fn update_aws_account(
        &self,
        account: &AwsAccount,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        account.storable()?;
        self.change(Some(event), async |change| Ok(write(change, UPDATE, account).await? > 0)).await
    }

    async fn delete_aws_account(
        &self,
        org: OrgId,
        id: AwsAccountConfigId,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(Some(event), async |change| Ok(change.run(DELETE, &[&org.0, &id.0]).await? > 0))
            .await
    }
}

/// Insert and update take the same values.
async fn write(change: &Change<'_>, sql: &str, row: &AwsAccount) -> Result<u64, StoreError> {
    let (role_name, external_id, access_key_id, sealed_secret) = match &row.auth {
        AwsAuth::Role { role_name, external_id } => {
            (Some(role_name), Some(external_id), None, None)
        }
        AwsAuth::Keys { access_key_id, sealed_secret } => {
            (None, None, Some(access_key_id), sealed_secret.as_ref())
        }
    };
    change
        .run(
            sql,
            &[
                &row.org.0,
                &row.id.0,
                &row.account.as_str(),
                &row.partition.as_str(),
                &role_name,
                &external_id,
                &access_key_id,
                &sealed_secret,
                &row.settings,
                &row.modified_at.unix_micros(),
                &row.created_at.unix_micros(),
            ],
        )
        .await
}

fn aws_account(columns: &mut Columns<'_>) -> Result<AwsAccount, StoreError> {
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

fn auth(columns: &mut Columns<'_>) -> Result<AwsAuth, StoreError> {
    let (role_name, external_id) = (columns.take()?, columns.take()?);
    let (access_key_id, sealed_secret) = (columns.take()?, columns.take()?);
    match (role_name, external_id, access_key_id) {
        (Some(role_name), Some(external_id), None) => Ok(AwsAuth::Role { role_name, external_id }),
        (None, None, Some(access_key_id)) => Ok(AwsAuth::Keys { access_key_id, sealed_secret }),
        _ => Err(broken("reading an AWS account", "neither a role nor an access key")),
    }
}

const INSERT: &str = "
    INSERT INTO aws_accounts (org_id, id, account, partition, role_name, external_id, access_key_id,
        sealed_secret, settings, modified_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Takes the values of the insert; the time of creation, `$11`, stays as it is.
const UPDATE: &str = "
    UPDATE aws_accounts SET account = $3, partition = $4, role_name = $5, external_id = $6,
        access_key_id = $7, sealed_secret = $8, settings = $9, modified_at = $10
    WHERE org_id = $1 AND id = $2 AND $11::bigint IS NOT NULL";

macro_rules! account_columns {
    () => {
        "SELECT org_id, id, account, partition, role_name, external_id, access_key_id, sealed_secret, settings,
            created_at, modified_at
        FROM aws_accounts "
    };
}

const BY_ID: &str = concat!(account_columns!(), "WHERE org_id = $1 AND id = $2");

const ALL: &str = concat!(account_columns!(), "WHERE org_id = $1 ORDER BY created_at, id");

const BY_ACCOUNT: &str =
    concat!(account_columns!(), "WHERE org_id = $1 AND account = $2 ORDER BY created_at, id");

const DELETE: &str = "DELETE FROM aws_accounts WHERE org_id = $1 AND id = $2";
