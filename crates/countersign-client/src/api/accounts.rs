//! Integrated AWS accounts.

use jsonapi_model::resources::{AWS_ACCOUNT, AwsAccountAttributes, AwsAccountInput};

use super::{ApiClient, Created, Entry, call::Call};
use crate::Error;

const ACCOUNTS: [&str; 5] = ["api", "v2", "integration", "aws", "accounts"];

impl ApiClient {
    /// The organization's AWS accounts, or the one with this number of 12 digits.
    pub async fn aws_accounts(
        &self,
        aws_account_id: Option<&str>,
    ) -> Result<Vec<Entry<AwsAccountAttributes>>, Error> {
        let query = aws_account_id.map(|number| [("aws_account_id", number)]);
        let call = Call::get("list of aws accounts", &ACCOUNTS);
        self.list(call.query(query.as_ref().map_or(&[], |pairs| pairs.as_slice()))).await
    }

    /// Declares an AWS account the organization's own, so that its principals can be mapped.
    pub async fn add_aws_account(
        &self,
        account: AwsAccountInput,
    ) -> Result<Created<AwsAccountAttributes>, Error> {
        self.create(Call::post("addition of an aws account", &ACCOUNTS), AWS_ACCOUNT, account).await
    }

    /// Removes an AWS account by the id of its configuration; nobody of it is let in from then on.
    pub async fn remove_aws_account(&self, id: &str) -> Result<(), Error> {
        let [a, b, c, d, e] = ACCOUNTS;
        self.tell(Call::delete("removal of an aws account", &[a, b, c, d, e, id])).await
    }
}
