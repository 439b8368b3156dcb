//! Integrated AWS accounts.

use jsonapi_model::{
    Document, ListDocument, Resource,
    resources::{AWS_ACCOUNT, AuthConfig, AwsAccountAttributes, AwsAccountInput},
};

use crate::{ApiClient, ClientError};

/// `/api/v2/integration/aws/accounts`
const ACCOUNTS: [&str; 5] = ["api", "v2", "integration", "aws", "accounts"];

impl ApiClient {
    /// All integrated accounts of the organization.
    pub async fn aws_accounts(&self) -> Result<Vec<Resource<AwsAccountAttributes>>, ClientError> {
        Ok(self.read::<ListDocument<_>>(&ACCOUNTS, &[]).await?.data)
    }

    /// Declares an account the organization's own, so that its principals can be mapped. `account_id` has 12
    /// digits, `partition` is `aws`, `aws-cn` or `aws-us-gov`, the role is the one that the organization is given.
    pub async fn add_aws_account(
        &self,
        account_id: &str,
        partition: &str,
        role_name: &str,
    ) -> Result<Resource<AwsAccountAttributes>, ClientError> {
        let attributes = AwsAccountInput {
            aws_account_id: Some(account_id.to_owned()),
            aws_partition: Some(partition.to_owned()),
            auth_config: Some(AuthConfig {
                role_name: Some(role_name.to_owned()),
                ..AuthConfig::default()
            }),
            settings: serde_json::Map::new(),
        };
        let request = Document::<_>::new(AWS_ACCOUNT, None, attributes);
        let answer: Document<AwsAccountAttributes> = self.create(&ACCOUNTS, &request).await?;
        Ok(answer.data)
    }

    /// Removes one by the id of its configuration; its principals' tokens and keys stop working at once.
    pub async fn remove_aws_account(&self, config_id: &str) -> Result<(), ClientError> {
        self.delete(&[&ACCOUNTS[..], &[config_id]].concat()).await
    }
}
