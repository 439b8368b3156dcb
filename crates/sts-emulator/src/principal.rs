//! AWS identities that can sign, and what STS says about each.

use arn_pattern::{AccountId, Partition};

/// An identity that can sign requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The partition of its account.
    pub partition: Partition,
    /// Its account.
    pub account: AccountId,
    /// What it is within the account.
    pub kind: PrincipalKind,
}

/// The kinds of identity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// The account itself.
    Root,
    /// An IAM user, or its session from GetSessionToken.
    User {
        /// Between slashes, `/` if there is none. Part of the ARN.
        path: String,
        /// Its name.
        name: String,
        /// `AIDA…`
        unique_id: String,
    },
    /// A session of a role. The role's path is not part of its ARN.
    AssumedRole {
        /// The role's name.
        role: String,
        /// `AROA…`
        role_id: String,
        /// The session's name.
        session: String,
    },
    /// A federated user, from GetFederationToken.
    FederatedUser {
        /// Its name.
        name: String,
    },
}

impl Principal {
    /// The `Arn` of GetCallerIdentity.
    #[must_use]
    pub fn arn(&self) -> String {
        let Self { partition, account, kind } = self;
        match kind {
            PrincipalKind::Root => format!("arn:{partition}:iam::{account}:root"),
            PrincipalKind::User { path, name, .. } => {
                format!("arn:{partition}:iam::{account}:user{path}{name}")
            }
            PrincipalKind::AssumedRole { role, session, .. } => {
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            PrincipalKind::FederatedUser { name } => {
                format!("arn:{partition}:sts::{account}:federated-user/{name}")
            }
        }
    }

    /// The `UserId` of GetCallerIdentity.
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.kind {
            PrincipalKind::Root => self.account.to_string(),
            PrincipalKind::User { unique_id, .. } => unique_id.clone(),
            PrincipalKind::AssumedRole { role_id, session, .. } => format!("{role_id}:{session}"),
            PrincipalKind::FederatedUser { name } => format!("{}:{name}", self.account),
        }
    }
}
