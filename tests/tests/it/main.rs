//! The integration suite: every behaviour that a client can see, over TCP, against a server and a local STS that each
//! test starts for itself. Names that begin `p_…` or `r_…` are rules of the security checklist.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic too")]

mod audit;
mod authentication;
mod aws_accounts;
mod explain;
mod main_path;
mod mappings;
mod proof_refusals;
mod replay;
mod replicas;
mod revocation;
mod robustness;
mod secrets;
mod sts_trouble;
mod tokens;
