#![doc = include_str!("../README.md")]

mod audit;
mod authn_mapping;
mod aws_account;
mod catalogue;
mod id;
mod invitation;
mod key;
mod mapping;
mod organization;
mod permission;
mod random;
mod role;
mod saml;
mod sign_in;
mod signing_key;
mod team;
mod text;
mod time;
mod user;

pub use audit::{AuditEvent, AuditOutcome, OutcomeError, Purpose};
pub use authn_mapping::{AuthnMapping, AuthnMappingChange, AuthnTarget};
pub use aws_account::{AwsAccount, AwsAuth};
pub use catalogue::{Catalogue, CatalogueError, NewPermission};
pub use id::{
    ApiKeyId, AppKeyId, AuditEventId, AuthnMappingId, AwsAccountConfigId, IdError, InvitationId,
    KeptAssertionId, ManagedKeyId, MappingId, OrgId, PermissionId, RoleId, SessionId, TeamId,
    UserId,
};
pub use invitation::Invitation;
pub use key::{ApiKey, ApiKeyChange, AppKey, AppKeyChange, KeyCategory, KeyHash, ManagedKey};
pub use mapping::{IntakeMapping, MappingKind, PersonaMapping};
pub use organization::Organization;
pub use permission::{Access, Permission, PermissionSet, permissions};
pub use random::{OsRandomness, Randomness, RandomnessError};
pub use role::{CountedRole, Role, RoleChange};
pub use saml::{
    Enforcement, IdpMetadata, SamlChange, SamlConfiguration, UnmatchedUsers, WordError,
};
pub use secrecy::{ExposeSecret, SecretString};
pub use sign_in::{KeptAssertion, Session, SignInMethod, SignInRequest};
pub use signing_key::{
    AlgorithmError, KeyId, KeyIdError, KeyState, KeyStateError, SigningAlgorithm, SigningKey,
};
pub use team::{CountedTeam, Team, TeamChange, TeamLook, TeamMember};
pub use text::{EmailError, MAX_EMAIL_CHARACTERS, email_address, is_hidden};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use user::{User, UserChange, UserStatus};
