//! What is known of a request before its proof is read.

use std::net::IpAddr;

use auth_model::Timestamp;

/// Where and when a proof was handed over.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The client's address, as far as it can be believed.
    pub source: Option<IpAddr>,
    /// Ties the audit event to the log lines.
    pub request_id: String,
    /// When the request came in.
    pub arrived_at: Timestamp,
}
