//! The agent as its users meet it.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic too"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../dev/mod.rs"]
mod dev;

mod datadog;
mod delivery;
mod doors;
mod faults;
mod process;
mod service;
mod troubles;
