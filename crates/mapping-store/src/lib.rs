#![doc = include_str!("../README.md")]

pub mod audit_chain;
pub mod backend;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
mod port;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use port::{
    ApiKeyHolder, ApiKeyQuery, ApiKeys, AppKeyQuery, AppKeys, AuditLog, AuditQuery, Authentication,
    AuthnMappingOrder, AuthnMappingQuery, AuthnMappings, Authority, AwsAccounts, Candidate,
    ChainHead, ChainPlace, ChainedEvent, Direction, HeldKey, Installation, IntakeMappings,
    Invitations, KeptAssertions, KeyOrder, KeyUse, KeyUses, Listed, ManagedKeys, Organizations,
    PersonaMappings, Presentation, ReplayLedger, Resolution, Resolve, Resolver, RoleOrder,
    RoleQuery, Roles, SamlConfigurations, Sessions, SignIn, SignIns, SigningKeys, Slice, Store,
    Target, TeamMemberQuery, TeamOrder, TeamQuery, Teams, TimeRange, UsedKey, UserOrder, UserQuery,
    Users,
};
