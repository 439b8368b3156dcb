#![doc = include_str!("../README.md")]

mod audit;
mod aws_account;
mod id;
mod key;
mod mapping;
mod organization;
mod permission;
mod random;
mod role;
mod signing_key;
mod time;
mod user;

pub use audit::{AuditEvent, AuditOutcome, OutcomeError, Purpose};
pub use aws_account::{AwsAccount, AwsAuth};
pub use id::{
    ApiKeyId, AppKeyId, AuditEventId, AwsAccountConfigId, IdError, ManagedKeyId, MappingId, OrgId,
    PermissionId, RoleId, UserId,
};
pub use key::{ApiKey, AppKey, KeyHash, ManagedKey};
pub use mapping::{IntakeMapping, MappingKind, PersonaMapping};
pub use organization::Organization;
pub use permission::{Access, Permission, PermissionSet, permissions};
pub use random::{OsRandomness, Randomness, RandomnessError};
pub use role::Role;
pub use secrecy::{ExposeSecret, SecretString};
pub use signing_key::{
    AlgorithmError, KeyId, KeyIdError, KeyState, KeyStateError, SigningAlgorithm, SigningKey,
};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use user::User;
