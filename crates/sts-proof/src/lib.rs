#![doc = include_str!("../README.md")]

mod answer;
mod credentials;
mod date;
mod error;
mod host;
mod identity;
mod policy;
mod proof;
mod refusal;
mod request;
mod sign;
mod transport;

pub use credentials::AwsCredentials;
pub use error::{Part, ProofError, ProofFault, ProofKind};
pub use host::{HostTable, HostVariant, StsHost};
pub use identity::CallerIdentity;
pub use policy::ProofPolicy;
pub use proof::UnverifiedProof;
pub use refusal::{ClockSkew, StsRefusal};
pub use request::StsRequest;
pub use sign::{ClientStyle, Proof, SignError, SignOptions};
pub use transport::{StsAnswer, StsTransport, TransportError};

/// The longest proof that is read, in bytes of its text.
pub const MAX_PROOF_BYTES: usize = 16 * 1024;
/// The longest answer of STS that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The only request body there is: 43 bytes.
pub const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
