#![doc = include_str!("../README.md")]

mod assertion;
mod certificate;
mod identity_provider;
mod instant;
mod metadata;
mod names;
mod refusal;
mod relay_state;
mod request;
mod response;
mod service_provider;
mod shown;
mod signing_key;
mod xml;

pub use assertion::{Attribute, NameId, Signed, VerifiedAssertion};
pub use certificate::{CertificateError, Fingerprint, IdpCertificate};
pub use identity_provider::{Binding, Endpoint, IdentityProvider};
pub use metadata::MetadataError;
pub use refusal::{Element, Moment, Refusal, Url};
pub use relay_state::{RelayState, RelayStateError};
pub use request::{PostRequest, RedirectRequest, RequestError};
pub use response::{Expected, UnverifiedResponse};
pub use service_provider::{ServiceProvider, ServiceProviderSettings, SettingsError};
pub use signing_key::{KeyError, SigningKey};
pub use xml::XmlFault;

/// The largest response that is read, in bytes of its XML.
pub const MAX_RESPONSE_BYTES: usize = 256 * 1024;
/// The largest metadata that is read, in bytes.
pub const MAX_METADATA_BYTES: usize = 1024 * 1024;
/// The most signing certificates of one identity provider.
pub const MAX_CERTIFICATES: usize = 16;
/// The most that the clocks may be apart, in seconds.
pub const MAX_CLOCK_ALLOWANCE_SECONDS: u64 = 180;
