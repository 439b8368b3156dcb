//! What a server decides about the proofs it takes.

use std::time::Duration;

use crate::HostTable;

/// Which proofs are sent to STS at all.
///
/// STS itself refuses a signature more than 15 minutes from its clock, so neither bound is ever wider than that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPolicy {
    /// How old a proof may be. A proof is a bearer secret for this long.
    pub max_age: Duration,
    /// How far in the future it may be dated: the signer's clock may be ahead.
    pub max_future: Duration,
    /// The STS hosts a proof may be signed for.
    pub hosts: HostTable,
}

impl Default for ProofPolicy {
    /// Five minutes, one minute, every partition's hosts.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(5 * 60),
            max_future: Duration::from_secs(60),
            hosts: HostTable::standard(),
        }
    }
}

/// The window of STS on either side.
pub(crate) const STS_WINDOW: Duration = Duration::from_secs(15 * 60);
