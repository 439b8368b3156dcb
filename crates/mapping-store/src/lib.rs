#![doc = include_str!("../README.md")]

pub mod backend;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
mod port;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use port::{
    ApiKeyHolder, ApiKeys, AppKeys, AuditFilter, AuditLog, Authentication, Authority, AwsAccounts,
    Candidate, HeldKey, Installation, IntakeMappings, ManagedKeys, Organizations, PersonaMappings,
    Presentation, ReplayLedger, Resolution, Resolve, Resolver, Roles, SigningKeys, Store, Target,
    Users,
};
