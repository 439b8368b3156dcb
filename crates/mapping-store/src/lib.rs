#![doc = include_str!("../README.md")]

mod error;
mod port;

pub use error::StoreError;
pub use port::{
    ApiKeyHolder, ApiKeys, AppKeys, AuditFilter, AuditLog, Authentication, Authority, AwsAccounts,
    Candidate, HeldKey, Installation, IntakeMappings, ManagedKeys, Organizations, PersonaMappings,
    Presentation, ReplayLedger, Resolution, Resolve, Resolver, Roles, SigningKeys, Store, Target,
    Users,
};
