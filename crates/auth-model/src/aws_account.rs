//! Integrated AWS accounts.

use arn_pattern::{AccountId, Partition};

use crate::{AwsAccountConfigId, OrgId, Timestamp};

/// An AWS account that an organization has declared its own. Only its principals can be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsAccount {
    /// Of the configuration; the account itself is `account`.
    pub id: AwsAccountConfigId,
    /// The organization it belongs to.
    pub org: OrgId,
    /// Unique in the organization.
    pub account: AccountId,
    /// The account's partition.
    pub partition: Partition,
    /// How a crawler would sign in to the account.
    pub auth: AwsAuth,
    /// Every other attribute that a client set, as a JSON object: kept and given back, never interpreted here.
    pub settings: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// How to sign in to an AWS account. One kind can't be turned into the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AwsAuth {
    /// By a role that trusts the external id.
    Role {
        /// The role's name.
        role_name: String,
        /// 32 hexadecimal digits.
        external_id: String,
    },
    /// By an access key.
    Keys {
        /// Not secret.
        access_key_id: String,
        /// The secret access key, sealed under the master key; absent where none was given.
        sealed_secret: Option<Vec<u8>>,
    },
}
