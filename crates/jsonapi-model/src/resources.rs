//! The resources, one file each.

mod aws_account;
mod credentials;
mod explanation;
mod mappings;
mod user;
mod validation;

pub use aws_account::{AWS_ACCOUNT, AuthConfig, AwsAccountAttributes, AwsAccountInput};
pub use credentials::{DELEGATED_TOKEN, DelegatedToken, INTAKE_API_KEY, IntakeApiKey};
pub use explanation::{
    ARN_EXPLANATION, ExplainedMapping, ExplainedNearMiss, Explanation, KindExplanation,
};
pub use mappings::{
    IntakeMapping, IntakeMappingInput, PersonaMapping, PersonaMappingInput, Prefix,
};
pub use user::{
    CurrentUserRelationships, ORGS, OrgAttributes, PERMISSIONS, PermissionAttributes, ROLES,
    RoleAttributes, RoleRelationships, USERS, UserAttributes,
};
pub use validation::{KeysValid, VALIDATE_V2, Valid, ValidKey};
