//! The port: a small trait for each kind of row, and two for the questions that must be one query.
//!
//! * Nothing found is `Ok(None)` or `Ok(false)`; `Err` means that nothing was written.
//! * No call sees another organization's rows.
//! * Ids and times come in as values; a store invents nothing.
//! * A change and the audit event that tells of it are one transaction.

mod audit;
mod authentication;
mod authn;
mod identity;
mod installation;
mod keys;
mod lists;
mod mappings;
mod resolution;
mod saml;
mod sign_ins;
mod teams;

pub use audit::{AuditLog, Presentation, ReplayLedger};
pub use authentication::{ApiKeyHolder, Authentication, Authority, HeldKey};
pub use authn::AuthnMappings;
pub use identity::{Invitations, Organizations, Roles, Users};
pub use installation::Installation;
pub use keys::{ApiKeys, AppKeys, KeyUse, KeyUses, ManagedKeys, SigningKeys, UsedKey};
pub use lists::{
    ApiKeyQuery, AppKeyQuery, AuditQuery, AuthnMappingOrder, AuthnMappingQuery, ChainHead,
    ChainPlace, ChainedEvent, Direction, KeyOrder, Listed, RoleOrder, RoleQuery, Slice,
    TeamMemberQuery, TeamOrder, TeamQuery, TimeRange, UserOrder, UserQuery,
};
pub use mappings::{AwsAccounts, IntakeMappings, PersonaMappings};
pub use resolution::{Candidate, Resolution, Resolve, Resolver, Target};
pub use saml::SamlConfigurations;
pub use sign_ins::{KeptAssertions, Sessions, SignIn, SignIns};
pub use teams::Teams;

/// All of them: what a backend is.
pub trait Store:
    Organizations
    + Users
    + Roles
    + Invitations
    + Teams
    + ApiKeys
    + AppKeys
    + KeyUses
    + ManagedKeys
    + SigningKeys
    + PersonaMappings
    + IntakeMappings
    + AuthnMappings
    + SamlConfigurations
    + SignIns
    + Sessions
    + KeptAssertions
    + AwsAccounts
    + Resolver
    + Authentication
    + ReplayLedger
    + AuditLog
    + Installation
{
}

impl<S> Store for S where
    S: Organizations
        + Users
        + Roles
        + Invitations
        + Teams
        + ApiKeys
        + AppKeys
        + KeyUses
        + ManagedKeys
        + SigningKeys
        + PersonaMappings
        + IntakeMappings
        + AuthnMappings
        + SamlConfigurations
        + SignIns
        + Sessions
        + KeptAssertions
        + AwsAccounts
        + Resolver
        + Authentication
        + ReplayLedger
        + AuditLog
        + Installation
{
}
