//! Everything that users of the crate can see, one module per topic.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod actions;
mod control;
mod errors;
mod faults;
mod hosts;
mod record;
mod signing;
mod start;
mod support;
mod tampering;
mod tls;
