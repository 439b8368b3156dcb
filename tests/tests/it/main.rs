//! The integration suite: every behaviour that a client can see, over TCP, against a server and a local STS that each
//! test starts for itself. Names that begin `p_…` or `r_…` are rules of the security checklist.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "helpers of tests may panic too"
)]

mod api_keys;
mod app_keys;
mod audit;
mod audit_search;
mod authentication;
mod authn_mappings;
mod authority;
mod aws_accounts;
mod bad_input;
mod bad_text;
mod explain;
mod gate;
mod gate_cost;
mod invitations;
mod legacy_users;
mod lists;
mod main_path;
mod mappings;
mod metrics;
mod proof_refusals;
mod replay;
mod replicas;
mod revocation;
mod robustness;
mod roles;
mod route_access;
mod saml_configuration;
mod secrets;
mod sessions;
mod sign_in;
mod sign_in_roles;
mod sts_trouble;
mod teams;
mod telemetry;
mod things;
mod tokens;
mod users;
