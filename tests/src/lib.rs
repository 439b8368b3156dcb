//! What the integration suite is made of: a server and a local STS in this process, and clients that reach both over
//! TCP only.
//!
//! * [`World`] is one server with one STS, one organization and what a first user needs. Every test starts its own.
//! * [`Client`] speaks HTTP; [`wire`] sends bytes that no HTTP library would.
//! * [`BentProof`] takes a proof apart and puts it together with one thing changed.
//! * [`TestStore`] is a fresh store of the kind that `COUNTERSIGN_TEST_STORE` names: `memory` (the default),
//!   `sqlite`, or `postgres` with `COUNTERSIGN_TEST_POSTGRES_URL`.
//!
//! Nothing here returns errors: a helper that can't do its work fails the test that called it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails like a test"
)]

mod bent_proof;
pub mod bodies;
mod client;
mod idp;
mod store;
mod upstream;
pub mod wire;
mod world;

pub use bent_proof::BentProof;
pub use bodies::{aws_account, intake_mapping, persona_mapping};
pub use client::{Answer, Auth, Client, KeyPair};
pub use idp::{Begun, Browser, Claim, IDP, IdpKey, idp_metadata, request_id};
pub use store::TestStore;
pub use upstream::{Submission, Upstream};
pub use world::{Server, Signing, Tenant, World};

/// The AWS account that a new [`World`] has integrated.
pub const ACCOUNT: &str = "123456789012";
/// The pattern of the persona mapping of a new [`World`].
pub const RUNNER: &str = "arn:aws:sts::123456789012:assumed-role/terraform-runner/*";
/// The pattern of the intake mapping of a new [`World`].
pub const AGENT: &str = "arn:aws:sts::123456789012:assumed-role/DatadogAgentRole/*";
/// Persona mappings under the first of the two prefixes.
pub const PERSONAS: &str = "/api/v2/cloud_auth/aws/persona_mapping";
/// Intake mappings under the first of the two prefixes.
pub const INTAKES: &str = "/api/v2/cloud_auth/aws/intake_mapping";
/// Integrated AWS accounts.
pub const ACCOUNTS: &str = "/api/v2/integration/aws/accounts";
/// Roles.
pub const ROLES: &str = "/api/v2/roles";
/// People and service accounts.
pub const USERS: &str = "/api/v2/users";
/// Where service accounts are made.
pub const SERVICE_ACCOUNTS: &str = "/api/v2/service_accounts";
/// API keys.
pub const API_KEYS: &str = "/api/v2/api_keys";
/// Everybody's application keys.
pub const APP_KEYS: &str = "/api/v2/application_keys";
/// The caller's application keys.
pub const OWN_APP_KEYS: &str = "/api/v2/current_user/application_keys";
/// Teams.
pub const TEAMS: &str = "/api/v2/team";
/// The audit log.
pub const AUDIT: &str = "/api/v2/audit/events";
/// Mappings of attributes to roles and teams.
pub const AUTHN_MAPPINGS: &str = "/api/v2/authn_mappings";
/// How people sign in by SAML.
pub const SAML: &str = "/api/v2/saml_configurations";
/// Whether mappings are enforced.
pub const PREFERENCES: &str = "/api/v1/org_preferences";
