//! The settings of an Agent through the crate's public surface.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "helpers of tests may panic too"
)]

mod bad_input;
mod directive;
mod endpoints;
mod properties;
mod proxies;
mod secrets;
mod sections;
mod servers;
mod support;
