//! The client against a server of its own, over loopback.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic too")]

mod administration;
mod api;
mod bearer;
mod credentials;
mod errors;
mod exchange;
mod keeper;
mod proxy;
mod saml;
mod secrets;
mod server;
#[cfg(all(feature = "aws-config", unix))]
mod sources;
mod tls;
mod urls;
